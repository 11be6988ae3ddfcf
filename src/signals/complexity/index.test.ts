import { expect, test } from 'vitest';
import { bareFacts, type Features } from '../../core/signal.ts';
import { complexity, judgement } from './index.ts';

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
  const reading = complexity().evaluate(
    features(`${secret}. How much is left of 9000?`),
    AbortSignal.abort(),
  );
  expect(reading).toMatchObject({ kind: 'score' });
  expect(JSON.stringify(reading)).not.toMatch(/zanzibar|4711/i);
});

test('an empty conversation is simple', () => {
  expect(judge([]).complexity).toBeLessThan(0.2);
  expect(of('')).toBeLessThan(0.2);
});
