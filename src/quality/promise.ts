/**
 * What is known of how often accepted small answers are worse than the large model's, and the laxest threshold at which a policy's
 * objective is shown to hold.
 */
import type { Audit, Counted } from '../core/audit.ts';
import { lowerBound, upperBound } from '../lib/binomial.ts';

/** `objective: { worseThanLarge, confidence }` of a policy. */
export interface Aim {
  /** The share of answers that may be worse, 0 to 1. */
  readonly worseThanLarge: number;
  readonly confidence: number;
}

/** How far the judge can be trusted. */
export interface JudgeQuality {
  readonly sensitivity: Counted;
  readonly specificity: Counted;
}

/** What was audited, weighted back to all accepted answers. */
export interface Sample {
  readonly audits: number;
  /** Estimated share of worse answers, corrected for the judge's errors; null without audits. */
  readonly worse: number | null;
  /** One-sided bounds. */
  readonly low: number;
  readonly high: number;
}

type Judged = Pick<Audit, 'propensity' | 'compared' | 'by' | 'complexity'>;

/** Of what may be wrong, this much is left for the judge's own errors. */
const FOR_JUDGE = 0.1;

/** Of a judge. */
interface Errors {
  /** The share of worse answers that are called worse, and of good ones that are. */
  readonly seen: number;
  readonly falsely: number;
}

/**
 * The bound of Clopper and Pearson on the weighted count, its size reduced to what unequal weights are worth (Kish 1965), then
 * corrected for the judge (Rogan and Gladen 1978) with the bounds of its own errors that make the result larger.
 * Undefined judge: only graders' verdicts count.
 */
export function sampleOf(
  audits: readonly Judged[],
  judge: JudgeQuality | undefined,
  confidence: number,
): Sample {
  const counted = audits.filter(({ by }) => by === 'grader' || judge !== undefined);
  if (counted.length === 0) return { audits: 0, worse: null, low: 0, high: 1 };
  const isJudged = counted.some(({ by }) => by === 'judge');
  const bounds = boundsOf(weighted(counted), isJudged ? judge : undefined, confidence);
  return { audits: counted.length, ...bounds };
}

interface Weighted {
  /** That is worse. */
  readonly share: number;
  /** How many equally weighted audits it is worth. */
  readonly size: number;
}

function boundsOf(
  { share, size }: Weighted,
  judge: JudgeQuality | undefined,
  confidence: number,
): { readonly worse: number; readonly low: number; readonly high: number } {
  const risk = 1 - confidence;
  const ofShare = judge === undefined ? confidence : 1 - risk * (1 - 2 * FOR_JUDGE);
  const ofJudge = 1 - risk * FOR_JUDGE;
  const most = upperBound(share * size, size, ofShare);
  const least = lowerBound(share * size, size, ofShare);
  if (judge === undefined) return { worse: share, low: least, high: most };
  const { sensitivity: sens, specificity: spec } = judge;
  const errors = (bound: typeof upperBound, other: typeof upperBound): Errors => ({
    seen: bound(sens.right, sens.of, ofJudge),
    falsely: 1 - other(spec.right, spec.of, ofJudge),
  });
  const middle = { seen: sens.right / sens.of, falsely: 1 - spec.right / spec.of };
  return {
    worse: corrected(share, middle),
    low: corrected(least, errors(upperBound, lowerBound)),
    high: corrected(most, errors(lowerBound, upperBound)),
  };
}

function weighted(audits: readonly Judged[]): Weighted {
  let [sum, squares, worse] = [0, 0, 0];
  for (const { propensity, compared } of audits) {
    const weight = 1 / propensity;
    sum += weight;
    squares += weight * weight;
    if (compared === 'worse') worse += weight;
  }
  return { share: worse / sum, size: (sum * sum) / squares };
}

const corrected = (share: number, { seen, falsely }: Errors): number =>
  seen <= falsely ? 1 : Math.min(1, Math.max(0, (share - falsely) / (seen - falsely)));

/** How many audits without a miss show the aim: 149 for 2 % at 95 % and a grader that never errs. */
export function auditsNeeded({ worseThanLarge, confidence }: Aim, judge?: JudgeQuality): number {
  const clean = (size: number): number => boundsOf({ share: 0, size }, judge, confidence).high;
  let [low, high] = [0, MOST_NEEDED];
  if (worseThanLarge <= 0 || clean(high) > worseThanLarge) return Infinity;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (clean(middle) <= worseThanLarge) high = middle;
    else low = middle;
  }
  return high;
}

const MOST_NEEDED = 16_384;

export interface Promised {
  /** The complexity from which on the large model answers. */
  readonly threshold: number;
  /** What is known of the answers below it. */
  readonly sample: Sample;
  /** The objective is shown to hold there. */
  readonly isShown: boolean;
  /** Audits without a miss that would show it; Infinity: no number would. */
  readonly needed: number;
}

/** Thresholds that may be tried above the strict one. */
const STEPS = 20;

/** From the strict one up to all requests, fixed before any audit is seen. */
const gridFrom = (strict: number): readonly number[] =>
  Array.from({ length: STEPS + 1 }, (_, step) => strict + ((1 - strict) * step) / STEPS);

/**
 * Tests the grid from strict to lax and stops at the first threshold whose bound does not hold: looking at many costs nothing
 * then (fixed-sequence testing). Where the strict one is shown to fail, half of it.
 */
export function promised(
  audits: readonly Judged[],
  aim: Aim & { readonly strict: number; readonly judge?: JudgeQuality | undefined },
): Promised {
  const { strict, judge, worseThanLarge, confidence } = aim;
  const below = (threshold: number): Sample =>
    sampleOf(
      audits.filter(({ complexity }) => complexity !== null && complexity < threshold),
      judge,
      confidence,
    );
  const needed = auditsNeeded(aim, judge);
  let shown: Promised | undefined;
  for (const threshold of gridFrom(strict)) {
    const sample = below(threshold);
    if (sample.audits === 0 || sample.high > worseThanLarge) break;
    shown = { threshold, sample, isShown: true, needed };
  }
  if (shown !== undefined) return shown;
  const sample = below(strict);
  const isBroken = sample.low > worseThanLarge;
  return { threshold: isBroken ? strict / 2 : strict, sample, isShown: false, needed };
}

const kept = (share: number): string => ((1 - share) * 100).toFixed(1);

/** For people: `98.4 % kept, 97.1 to 99.2, 412 audits`, or how many audits there are of how many. */
export function said({ sample, isShown, needed }: Promised): string {
  const { audits, worse, low, high } = sample;
  const figures =
    worse === null ? '' : `${kept(worse)} % kept, ${kept(high)} to ${kept(low)}, ${audits} audits`;
  if (isShown) return figures;
  if (needed === Infinity)
    return `no number of audits by this judge shows it${figures && `: ${figures}`}`;
  return `${audits} of ${needed} audits${figures && `: ${figures}`}`;
}
