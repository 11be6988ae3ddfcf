/** The area under the curve of a score that is to tell wrong answers from right ones. */
import type { Area } from '../core/competence.ts';

export interface Scored {
  readonly wrong: boolean;
  /** Higher = more probably wrong. */
  readonly score: number;
  /**
   * Compared with the others of its stratum alone. A language, since that one is harder than the other says nothing of
   * confidence; and a fold, since each has a model of its own whose offsets know what was left out.
   */
  readonly stratum: string;
}

/** One-sided, at 95 %. */
const Z = 1.645;

/**
 * Ties count half. Strata count by their pairs; the bound is by the standard error of Hanley and McNeil (Radiology
 * 143, 1982) in each, for the area of all together: a stratum of three answers has an area of 1 by chance, and no error then.
 */
export function areaOf(scored: readonly Scored[]): Area {
  const counts = { items: scored.length, wrong: scored.filter(({ wrong }) => wrong).length };
  const parts = [...Map.groupBy(scored, ({ stratum }) => stratum).values()].flatMap(within);
  const pairs = parts.reduce((sum, part) => sum + part.pairs, 0);
  if (pairs === 0) return { ...counts, value: null, low: null };
  const value = parts.reduce((sum, part) => sum + (part.value * part.pairs) / pairs, 0);
  // as if one more pair were even: no number of pairs shows that an area is 1
  const likely = (value * pairs + 0.5) / (pairs + 1);
  const variance = parts.reduce(
    (sum, part) => sum + varianceOf(likely, part) * (part.pairs / pairs) ** 2,
    0,
  );
  return { ...counts, value, low: Math.max(0, value - Z * Math.sqrt(Math.max(0, variance))) };
}

interface Part {
  readonly value: number;
  readonly bad: number;
  readonly good: number;
  readonly pairs: number;
}

function varianceOf(value: number, { bad, good, pairs }: Part): number {
  const square = value * value;
  const q1 = value / (2 - value) - square;
  const q2 = (2 * square) / (1 + value) - square;
  return (value * (1 - value) + (bad - 1) * q1 + (good - 1) * q2) / pairs;
}

/** Empty where all are right, or all are wrong. */
function within(scored: readonly Scored[]): readonly Part[] {
  const bad = scored.filter(({ wrong }) => wrong);
  const good = scored.filter(({ wrong }) => !wrong);
  const pairs = bad.length * good.length;
  if (pairs === 0) return [];
  let won = 0;
  for (const a of bad)
    for (const b of good) won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
  return [{ value: won / pairs, bad: bad.length, good: good.length, pairs }];
}

/** Wilson's interval at 95 %. */
export function wilson(right: number, items: number): { low: number; high: number } {
  if (items === 0) return { low: 0, high: 1 };
  const [z, p] = [1.96, right / items];
  const scale = 1 + (z * z) / items;
  const middle = (p + (z * z) / (2 * items)) / scale;
  const half = (z * Math.sqrt((p * (1 - p)) / items + (z * z) / (4 * items * items))) / scale;
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
