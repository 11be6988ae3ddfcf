import { describe, expect, test } from 'vitest';
import { bareFacts, type Features, type Reading } from '../../core/signal.ts';
import type { DeepQuestion } from './calibrated.ts';
import { complexity, type DeepAsking, judgement } from './index.ts';
import { judgeInputs } from './inputs.ts';

const judge = judgement();
const of = (text: string): number => judge([{ role: 'user', text }]).complexity;

const features = (text: string): Features => ({
  facts: {
    ...bareFacts('chat'),
    inputTokens: 1,
    turns: 1,
    messages: 1,
    needs: ['chat'],
  },
  turns: [{ role: 'user', text }],
  task: text,
});

test('a greeting and a customer request are simple, a proof and a competition problem are not', () => {
  const simple = ['hi', 'Thanks a lot!', 'I forgot my password', '¿Dónde está mi pedido?'].map(of);
  const complex = [
    'Prove that the square root of 2 is irrational.',
    'Demuestra que la raíz cuadrada de 2 es irracional.',
    'How many ordered pairs of positive integers (x, y) satisfy 3x + 5y = 1501, if x is divisible by 7 and x + y is prime?',
  ].map(of);
  expect(Math.max(...simple)).toBeLessThan(Math.min(...complex) - 0.1);
});

test('the reading is a score in 0..1 with a reason that quotes nothing', () => {
  const secret = 'Zanzibarquux paid 4711 dollars';
  const reading = complexity().evaluate(features(`${secret}. How much is left of 9000?`));
  expect(reading).toMatchObject({ kind: 'score' });
  expect(JSON.stringify(reading)).not.toMatch(/zanzibar|4711/i);
});

test('an empty conversation is simple', () => {
  expect(judge([]).complexity).toBeLessThan(0.2);
  expect(of('')).toBeLessThan(0.2);
});

describe('the deep judge', () => {
  const answer = { complexity: 0.9, confidence: [0.8, 1] as const, because: ': form +20' };
  const asked = (more: Partial<DeepAsking>, threshold?: number) => {
    const questions: DeepQuestion[] = [];
    const deep: DeepAsking = {
      mode: 'auto',
      deadlineMs: 40,
      ask: (question) => {
        // as the thread of the encoder: what waits is copied
        questions.push(structuredClone(question));
        return Promise.resolve(answer);
      },
      ...more,
    };
    const signal = complexity({ deep, threshold });
    const read = (text: string): Promise<Reading> =>
      Promise.resolve(signal.evaluate(features(text)));
    return { read, questions };
  };
  const prompt = 'Write a regular expression that matches dates.';

  test('has the last word where it is asked, and the reading says so', async () => {
    const { read, questions } = asked({ mode: 'always' });
    const reading = await read(prompt);
    expect(reading).toMatchObject({ kind: 'score', score: 0.9, confidence: [0.8, 1] });
    expect(reading.reason).toMatch(/90 of 100 .*deep judge was asked: form \+20$/);
    expect(questions[0]?.pieces.length).toBeGreaterThan(5);
    expect(questions[0]?.inputs.length).toBe(judgeInputs().size);
  });

  test('is asked only where the fast judge is in doubt about the side of the threshold', async () => {
    const value = of(prompt);
    for (const [threshold, isAsked] of [
      [value, true],
      [0, false],
      [1, false],
      [undefined, false],
    ] as const) {
      const { read, questions } = asked({}, threshold);
      const reading = await read(prompt);
      expect(questions.length).toBe(isAsked ? 1 : 0);
      expect(reading).toMatchObject({ score: isAsked ? 0.9 : value });
    }
  });

  test('that does not answer in time leaves the fast judge its word', async () => {
    const { read } = asked({ mode: 'always', ask: () => Promise.resolve(undefined) });
    expect(await read(prompt)).toMatchObject({ score: of(prompt) });
  });

  test('questions of requests at the same time do not mix', async () => {
    const { read, questions } = asked({ mode: 'always' });
    await Promise.all([read('hi'), read(prompt)]);
    expect(questions[0]!.inputs).not.toEqual(questions[1]!.inputs);
    expect(questions[0]!.pieces.length).toBeLessThan(questions[1]!.pieces.length);
  });
});
