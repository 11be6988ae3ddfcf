import { describe, expect, test } from 'vitest';
import type { Audit } from '../core/audit.ts';
import { seededRandom } from '../lib/random.ts';
import { lowerBound, upperBound } from '../lib/binomial.ts';
import { auditsNeeded, promised, sampleOf, said, type JudgeQuality } from './promise.ts';

const AIM = { worseThanLarge: 0.02, confidence: 0.95 };

type Judged = Pick<Audit, 'propensity' | 'compared' | 'by' | 'complexity'>;

const audits = (count: number, worse = 0, more: Partial<Judged> = {}): Judged[] =>
  Array.from({ length: count }, (_, at) => ({
    propensity: 0.02,
    compared: at < worse ? 'worse' : 'same',
    by: 'grader',
    complexity: 0.1,
    ...more,
  }));

test('bounds are those of Clopper and Pearson', () => {
  // closed form without a miss: 1 - 0.05^(1 / n)
  expect(upperBound(0, 149, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 149), 10);
  // by R: binom.test(7, 40, alternative = 'less' and 'greater')
  expect(upperBound(7, 40, 0.95)).toBeCloseTo(0.3036, 3);
  expect(lowerBound(7, 40, 0.95)).toBeCloseTo(0.0848, 3);
  expect(lowerBound(3, 3, 0.95)).toBeCloseTo(0.05 ** (1 / 3), 10);
  expect([upperBound(0, 0, 0.95), lowerBound(0, 0, 0.95)]).toEqual([1, 0]);
});

describe('2 % at 95 %', () => {
  test.each([
    [149, true],
    [148, false],
    [0, false],
  ])('after %d audits without a miss: shown %s', (count, isShown) => {
    const result = promised(audits(count), { ...AIM, strict: 0.2 });
    expect(result).toMatchObject({ isShown, needed: 149 });
    // laxer ones have the same audits below them: nothing speaks against them
    expect(result.threshold === 0.2).toBe(!isShown);
  });

  test('says how many there are of how many', () => {
    const few = promised(audits(63), { ...AIM, strict: 0.2 });
    expect(said(few)).toBe('63 of 149 audits: 100.0 % kept, 95.4 to 100.0, 63 audits');
    expect(said(promised([], { ...AIM, strict: 0.2 }))).toBe('0 of 149 audits');
  });

  test('a share that is shown to be too large makes the strict threshold stricter', () => {
    const result = promised(audits(100, 30), { ...AIM, strict: 0.2 });
    expect(result).toMatchObject({ isShown: false, threshold: 0.1 });
  });

  test('stops at the first threshold whose answers do not hold', () => {
    const hard = audits(100, 40, { complexity: 0.5 });
    const { threshold, isShown } = promised([...audits(400), ...hard], { ...AIM, strict: 0.2 });
    expect(isShown).toBe(true);
    expect(threshold).toBeLessThanOrEqual(0.52);
  });
});

const JUDGE = { sensitivity: { right: 180, of: 200 }, specificity: { right: 196, of: 200 } };

test('a judge that errs needs more, and its verdicts count for nothing while it is not measured', () => {
  const judged = audits(200, 0, { by: 'judge' });
  expect(sampleOf(judged, undefined, 0.95)).toEqual({ audits: 0, worse: null, low: 0, high: 1 });
  expect(auditsNeeded(AIM, JUDGE)).toBeGreaterThan(149);
  const { worse, low, high } = sampleOf(audits(500, 60, { by: 'judge' }), JUDGE, 0.95);
  // 12 % called worse, 2 % of them falsely, of 90 % that are seen
  expect(worse).toBeCloseTo((0.12 - 0.02) / (0.9 - 0.02), 6);
  expect(low).toBeLessThan(worse!);
  expect(high).toBeGreaterThan(worse!);
});

interface Month {
  /** Every answer is worse with a probability just above what is promised. */
  readonly isAtLimit?: boolean;
  /** Answers that could be audited. */
  readonly answers: number;
  readonly judge: { readonly seen: number; readonly falsely: number } | undefined;
  readonly aim: typeof AIM;
}

/** The truth of one answer of a month: some are of a small stratum, which is audited more often, and drift makes later ones worse. */
function answersOf({ answers, aim, isAtLimit = false }: Month, random: () => number) {
  const base = isAtLimit ? aim.worseThanLarge * 1.02 : 0.002 + 0.015 * random();
  const [slope, drift] = isAtLimit ? [0, 1] : [0.15 * random(), random() < 0.3 ? 3 : 1];
  return Array.from({ length: answers }, (_, at) => {
    const isRare = random() < 0.03;
    const complexity = random();
    const factor = (isRare && !isAtLimit ? 4 : 1) * (at > answers / 2 ? drift : 1);
    const isWorse = random() < (base + slope * complexity ** 2) * factor;
    return { complexity, isWorse, propensity: isRare ? 0.5 : 0.15 };
  });
}

function month(given: Month, seed: number) {
  const { judge, aim } = given;
  const random = seededRandom(seed);
  const all = answersOf(given, random);
  const isCalled = (isWorse: boolean): boolean =>
    judge === undefined ? isWorse : random() < (isWorse ? judge.seen : judge.falsely);
  const by = judge === undefined ? 'grader' : 'judge';
  const seen = all
    .filter(({ propensity }) => random() < propensity)
    .map(({ complexity, isWorse, propensity }): Judged => {
      return { complexity, propensity, by, compared: isCalled(isWorse) ? 'worse' : 'same' };
    });
  const count = (share: number): { right: number; of: number } => ({
    right: Array.from({ length: 200 }, random).filter((draw) => draw < share).length,
    of: 200,
  });
  const measured: JudgeQuality | undefined = judge && {
    sensitivity: count(judge.seen),
    specificity: count(1 - judge.falsely),
  };
  const { isShown, threshold } = promised(seen, { ...aim, strict: 0.4, judge: measured });
  const below = all.filter(({ complexity }) => complexity < threshold);
  const truth = below.filter(({ isWorse }) => isWorse).length / Math.max(1, below.length);
  return { isShown, isBroken: isShown && truth > aim.worseThanLarge };
}

const ERRING = { seen: 0.9, falsely: 0.01 };

test.each([
  { answers: 4000, judge: undefined, aim: AIM, isAtLimit: true },
  { answers: 6000, judge: undefined, aim: AIM },
  { answers: 6000, judge: ERRING, aim: { worseThanLarge: 0.05, confidence: 0.95 } },
])('of 400 months at most 20 break what was promised: $answers answers, $judge', (given) => {
  const months = Array.from({ length: 400 }, (_, seed) => month(given, seed + 1));
  const shown = months.filter(({ isShown }) => isShown).length;
  const broken = months.filter(({ isBroken }) => isBroken).length;
  expect(shown).toBeGreaterThan(10);
  expect(broken).toBeLessThanOrEqual(20);
});
