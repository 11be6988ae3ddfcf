import { expect, test } from 'vitest';
import { seededRandom } from '../lib/random.ts';
import { learn, type Label } from './learn.ts';

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

test('weak labels help to fit, and test nothing', () => {
  const shifted = (complexity: number): number => (complexity > 0.7 ? 0.6 : 0.02);
  const few = labels(500, 11, shifted);
  const weak = labels(3000, 12, shifted).map((label, at) =>
    Object.assign(label, { atMs: label.atMs / 10, weakBy: `feedback of key ${at % 300}` }),
  );
  const result = learn([...few, ...weak], IN_FORCE, PRICES);
  expect(result).toMatchObject({ labels: 3500, weak: 3000, tested: 150 });
  expect(JSON.stringify(learn([...few, ...weak], IN_FORCE, PRICES))).toBe(JSON.stringify(result));
  const { kind } = learn(weak, IN_FORCE, PRICES);
  expect(kind).toBe('no-better');
});

test('a flood of feedback moves no threshold', () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const audits = labels(1000, seed, (complexity, wrong) =>
      complexity > 0.7 || wrong > 0.8 ? 0.6 : 0.02,
    );
    const flood = labels(4_000, seed + 100, () => 1).map((label) =>
      Object.assign(label, { atMs: label.atMs / 10, weakBy: 'feedback of one' }),
    );
    const [without, flooded] = [audits, [...audits, ...flood]].map((given) =>
      learn(given, IN_FORCE, PRICES),
    );
    if (without?.kind === 'too-few' || flooded?.kind === 'too-few') throw new Error('too few');
    expect(flooded?.kind).toBe(without?.kind);
    expect(flooded?.candidate).toEqual(without?.candidate);
  }
});
