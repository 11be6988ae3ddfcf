import { expect, test } from 'vitest';
import { type Pace, pace } from './pace.ts';

const ANSWER_MS = 10;

/** Answers so many questions, of 10 ms each, while so many others find no place. */
function after(answers: number, turnedAway: number): Pace {
  let nowMs = 0;
  const paced = pace(() => nowMs);
  for (let at = 0; at < turnedAway; at += 1) paced.turnedAway();
  for (let at = 0; at < answers; at += 1) {
    paced.began();
    nowMs += ANSWER_MS;
    paced.answered();
  }
  return paced;
}

test.each([
  ['all found a place', 5, 0, 0],
  ['two in three did not', 5, 10, 0],
  ['of five one did', 5, 20, 50],
  ['of twenty-one one did: it works a tenth of the time', 5, 100, 450],
  ['hardly any did', 5, 10_000, 450],
  ['nothing was asked', 0, 0, 0],
])(
  'the worker rests for the longer, the more questions it cannot take: %s',
  (_name, answers, turnedAway, restMs) => {
    const paced = after(answers, turnedAway);
    expect(paced.stopped()).toBeCloseTo(restMs, 6);
    // and then everything begins anew
    expect(paced.stopped()).toBe(0);
  },
);

test('a question behind others is taken where it can be answered in time', () => {
  const paced = after(5, 0);
  expect(paced.takes(3, 4 * ANSWER_MS)).toBe(true);
  expect(paced.takes(4, 4 * ANSWER_MS)).toBe(false);
});

test('a question that finds nobody is always taken', () => {
  expect(after(5, 1000).takes(0, 1)).toBe(true);
});

test('where most are turned away no more are taken, so that the worker comes to its rest', () => {
  expect(after(1, 4).takes(1, 1000)).toBe(true);
  expect(after(1, 5).takes(1, 1000)).toBe(false);
});

test('however long it works without a pause, a rest is bounded', () => {
  expect(after(10_000, 10_000).stopped()).toBeLessThan(3000);
});
