import { expect, test } from 'vitest';
import { seededRandom } from '../lib/random.ts';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { labelReader, learn, type Label } from './learn.ts';

const IN_FORCE = { complexityBelow: 0.4, wrongAbove: 0.5 };
const PRICES = { savedUsd: 0.002, worseUsd: 0.01 };

/** @param worseAt - the probability that an answer is worse, by complexity and P(wrong) */
function labels(
  count: number,
  seed: number,
  worseAt: (complexity: number, wrong: number) => number,
): Label[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, atMs) => {
    const [complexity, wrong] = [random(), random()];
    return { atMs, complexity, wrong, isWorse: random() < worseAt(complexity, wrong), weight: 1 };
  });
}

test('where the truth has shifted, the candidate is better on what came later', () => {
  const shifted = labels(2000, 7, (complexity, wrong) =>
    complexity > 0.7 || wrong > 0.8 ? 0.6 : 0.02,
  );
  const result = learn(shifted, IN_FORCE, PRICES);
  expect(result).toMatchObject({ kind: 'better', tested: 600 });
  if (result.kind !== 'better') return;
  expect(result.candidate.complexityBelow).toBeCloseTo(0.7, 1);
  expect(result.candidate.wrongAbove).toBeCloseTo(0.8, 1);
  expect(result.gainUsd.low).toBeGreaterThan(0);
  expect(JSON.stringify(learn(shifted, IN_FORCE, PRICES))).toBe(JSON.stringify(result));
});

test('on noise it refuses in at least 95 of 100 seeds', () => {
  // worth nothing on average, whatever the thresholds
  const refused = Array.from({ length: 100 }, (_, seed) =>
    learn(
      labels(600, seed + 1, () => 0.2),
      IN_FORCE,
      PRICES,
    ),
  ).filter(({ kind }) => kind === 'no-better').length;
  expect(refused).toBeGreaterThanOrEqual(95);
});

test('with fewer than 500 labels it says so', () => {
  expect(
    learn(
      labels(499, 1, () => 0),
      IN_FORCE,
      PRICES,
    ),
  ).toEqual({
    kind: 'too-few',
    labels: 499,
    needed: 500,
  });
});

test('labels come from audits, with what confidence said of the answer', () => {
  const reader = labelReader();
  reader.add(
    aRecord({
      id: 'req_1_audit',
      shadowOf: 'req_1',
      audit: { compared: 'worse', by: 'judge', propensity: 0.1 },
    }),
  );
  reader.add(
    aRecord({
      baselineNanoUsd: 1_001_500,
      attempts: [anAttempt({ verdict: { kind: 'pass', wrong: 0.3 } })],
    }),
  );
  const { labels: read, savedUsd } = reader.result();
  expect(read).toMatchObject([{ complexity: 0.21, isWorse: true, weight: 10, wrong: 0.3 }]);
  expect(savedUsd).toBeCloseTo(0.001, 9);
});
