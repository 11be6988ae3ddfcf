import { expect, test } from 'vitest';
import { SEEN_NUMBERS, seenLabels, unseen } from '../../test/support/seen-labels.ts';
import { learn } from './learn.ts';

const IN_FORCE = { complexityBelow: 0.4, wrongAbove: 1 };
const PRICES = { savedUsd: 0.002, worseUsd: 0.01 };
const JUDGE = '0123456789ab';

const sigmoid = (odds: number): number => 1 / (1 + Math.exp(-odds));

test('what the judge overlooks is learned from what it sees, and is worth more on what came later', () => {
  // complexity says little; two directions say nearly all
  const shifted = seenLabels(2000, 5, (_, seen) => sigmoid(-1 + 40 * (seen[3]! - seen[17]!)));
  const result = learn(shifted, IN_FORCE, PRICES, JUDGE);
  expect(result).toMatchObject({ kind: 'better', tested: 600, seen: 2000 });
  if (result.kind === 'too-few') return;
  const { learned } = result.candidate;
  expect(learned).toMatchObject({ judge: JUDGE });
  const strongest = learned!.weights
    .map((weight, at) => [Math.abs(weight), at] as const)
    .toSorted(([a], [b]) => b - a);
  expect(new Set(strongest.slice(0, 2).map(([, at]) => at))).toEqual(new Set([3, 17]));
  expect(JSON.stringify(learn(shifted, IN_FORCE, PRICES, JUDGE))).toBe(JSON.stringify(result));
  const blind = shifted.map(unseen);
  const without = learn(blind, IN_FORCE, PRICES, JUDGE);
  if (without.kind === 'too-few') throw new Error('too few');
  expect(without.candidate.learned).toBeUndefined();
  expect(result.gainUsd.estimate).toBeGreaterThan(1.5 * without.gainUsd.estimate);
});

test('where the judge is right nothing is learned of it', () => {
  const right = seenLabels(1500, 8, (complexity) => complexity);
  // at .4 a small answer costs as much as it saves: the threshold in force is the best
  const result = learn(right, IN_FORCE, { savedUsd: 0.004, worseUsd: 0.01 }, JUDGE);
  expect(result).toMatchObject({ kind: 'no-better' });
});

test('what is in force is kept where labels do not say better', () => {
  const learned = {
    judge: JUDGE,
    bias: 0.1,
    weights: Array.from({ length: SEEN_NUMBERS }, () => 0),
  };
  const few = seenLabels(600, 3, () => 0.2).map(unseen);
  const result = learn(few, { ...IN_FORCE, learned }, PRICES, JUDGE);
  expect(result).toMatchObject({ inForce: { learned }, candidate: { learned } });
});

// `test/slow/learn.test.ts` has a hundred seeds
test('noise makes no candidate, with fifty numbers to follow', () => {
  const kinds = [1, 2, 3, 4, 5].map((seed) => {
    const noise = seenLabels(600, seed, () => 0.2);
    return learn(noise, IN_FORCE, PRICES, JUDGE).kind;
  });
  expect(kinds.filter((kind) => kind === 'no-better').length).toBeGreaterThanOrEqual(4);
});
