import { describe, expect, test } from 'vitest';
import { corrected, unpackSeen, type LearnedHead } from '../../core/learned-head.ts';
import { bareFacts, type Features, type Reading } from '../../core/signal.ts';
import { complexity, judgeInForce, type DeepAsking } from './index.ts';

const features = (text: string): Features => ({
  facts: bareFacts('chat'),
  turns: [{ role: 'user', text }],
  task: text,
});
const ASKED = features('Write a regular expression that matches dates.');
const { version, numbers } = judgeInForce();

const headOf = (bias: number, weight: number): LearnedHead => ({
  judge: version,
  bias,
  weights: Array.from({ length: numbers }, () => weight),
});

function scoreOf(reading: Reading | Promise<Reading>): Extract<Reading, { kind: 'score' }> {
  if (reading instanceof Promise || reading.kind !== 'score') throw new Error('no score');
  return reading;
}

test('what was seen is some fifty signed bytes of this judge, and differs by request', () => {
  const { seen, before } = scoreOf(complexity({ givesSeen: true }).evaluate(ASKED));
  const other = scoreOf(complexity({ givesSeen: true }).evaluate(features('Hi!'))).seen;
  expect(seen).toMatchObject({ judge: version });
  expect(unpackSeen(seen!)).toHaveLength(numbers);
  expect(numbers).toBe(50);
  expect(seen!.numbers).not.toBe(other!.numbers);
  expect(before).toBeUndefined();
  expect(scoreOf(complexity().evaluate(ASKED))).not.toHaveProperty('seen');
});

describe('a learned head', () => {
  const plain = scoreOf(complexity({ givesSeen: true }).evaluate(ASKED));

  test('of zeros is the shipped judge', () => {
    const { score, before, confidence } = scoreOf(
      complexity({ learned: headOf(0, 0) }).evaluate(ASKED),
    );
    expect(score).toBeCloseTo(plain.score, 9);
    expect(before).toBe(plain.score);
    expect(confidence![0]).toBeCloseTo(plain.confidence![0], 3);
  });

  test('moves the word and its interval by what was recorded, and the reason says so', () => {
    const learned = headOf(0.5, 0.7);
    const reading = scoreOf(complexity({ learned, givesSeen: true }).evaluate(ASKED));
    expect(reading.score).toBe(corrected(plain.score, learned, unpackSeen(plain.seen!)));
    expect(reading.score).not.toBeCloseTo(plain.score, 2);
    expect(reading.confidence![0]).toBeLessThanOrEqual(reading.score);
    expect(reading.confidence![1]).toBeGreaterThanOrEqual(reading.score);
    const before = Math.round(plain.score * 100);
    expect(reading.reason).toMatch(new RegExp(`before what was learned here: ${before}$`));
  });

  test('moves the deep judge’s word too, and where that is asked', () => {
    const asked: number[] = [];
    const deep: DeepAsking = {
      mode: 'auto',
      deadlineMs: 40,
      ask: () => {
        asked.push(1);
        return { complexity: 0.5, confidence: [0.4, 0.6], because: '' };
      },
    };
    const learned = headOf(2, 0);
    const threshold = corrected(plain.score, learned, []);
    const reading = scoreOf(complexity({ deep, threshold, learned }).evaluate(ASKED));
    expect(asked).toHaveLength(1);
    expect(reading.score).toBeCloseTo(corrected(0.5, learned, []), 9);
    void complexity({ deep, threshold: 0.99, learned: headOf(-8, 0) }).evaluate(ASKED);
    expect(asked).toHaveLength(1);
  });
});
