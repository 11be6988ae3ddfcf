import { expect, test } from 'vitest';
import { seededRandom } from '../lib/random.ts';
import { learn, type Label } from './learn.ts';

const IN_FORCE = { complexityBelow: 0.4, wrongAbove: 1 };
const PRICES = { savedUsd: 0.002, worseUsd: 0.01 };
const JUDGE = '0123456789ab';
const NUMBERS = 50;

/** @param worseAt - the probability that an answer is worse, by what the judge says and sees */
function labels(
  count: number,
  seed: number,
  worseAt: (complexity: number, seen: readonly number[]) => number,
): Label[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, atMs) => {
    const complexity = random();
    const seen = Array.from({ length: NUMBERS }, () => 0.4 * (random() - 0.5));
    return { atMs, complexity, seen, isWorse: random() < worseAt(complexity, seen), weight: 1 };
  });
}

const sigmoid = (odds: number): number => 1 / (1 + Math.exp(-odds));

test('what the judge overlooks is learned from what it sees, and is worth more on what came later', () => {
  // complexity says little; two directions say nearly all
  const shifted = labels(2000, 5, (_, seen) => sigmoid(-1 + 40 * (seen[3]! - seen[17]!)));
  const result = learn(shifted, IN_FORCE, PRICES, JUDGE);
  expect(result).toMatchObject({ kind: 'better', tested: 600, seen: 2000 });
  if (result.kind === 'too-few') return;
  const { learned } = result.candidate;
  expect(learned).toMatchObject({ judge: JUDGE });
  const strongest = learned!.weights
    .map((weight, at) => [Math.abs(weight), at] as const)
    .toSorted(([a], [b]) => b - a);
  expect(strongest.slice(0, 2).map(([, at]) => at).toSorted()).toEqual([17, 3]);
  expect(JSON.stringify(learn(shifted, IN_FORCE, PRICES, JUDGE))).toBe(JSON.stringify(result));
  const blind = shifted.map(({ seen: _, ...label }) => label);
  const without = learn(blind, IN_FORCE, PRICES, JUDGE);
  if (without.kind === 'too-few') throw new Error('too few');
  expect(without.candidate.learned).toBeUndefined();
  expect(result.gainUsd.estimate).toBeGreaterThan(1.5 * without.gainUsd.estimate);
});

test('where the judge is right nothing is learned of it', () => {
  const right = labels(1500, 8, (complexity) => complexity);
  // at .4 a small answer costs as much as it saves: the threshold in force is the best
  const result = learn(right, IN_FORCE, { savedUsd: 0.004, worseUsd: 0.01 }, JUDGE);
  expect(result).toMatchObject({ kind: 'no-better' });
});

test('what is in force is kept where labels do not say better', () => {
  const learned = { judge: JUDGE, bias: 0.1, weights: Array.from({ length: NUMBERS }, () => 0) };
  const few = labels(600, 3, () => 0.2).map(({ seen: _, ...label }) => label);
  const result = learn(few, { ...IN_FORCE, learned }, PRICES, JUDGE);
  expect(result).toMatchObject({ inForce: { learned }, candidate: { learned } });
});

test('on noise it refuses in at least 95 of 100 seeds, with fifty numbers to follow', () => {
  const refused = Array.from({ length: 100 }, (_, seed) =>
    learn(labels(600, seed + 1, () => 0.2), IN_FORCE, PRICES, JUDGE),
  ).filter(({ kind }) => kind === 'no-better').length;
  expect(refused).toBeGreaterThanOrEqual(95);
});
