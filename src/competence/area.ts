/** The area under the curve of a score that is to tell wrong answers from right ones. */
import type { Area } from '../core/competence.ts';

export interface Scored {
  readonly wrong: boolean;
  /** Higher = more probably wrong. */
  readonly score: number;
}

/** One-sided, at 95 %. */
const Z = 1.645;

/** Ties count half. The bound is by the standard error of Hanley and McNeil (Radiology 143, 1982). */
export function areaOf(scored: readonly Scored[]): Area {
  const bad = scored.filter(({ wrong }) => wrong);
  const good = scored.filter(({ wrong }) => !wrong);
  const counts = { items: scored.length, wrong: bad.length };
  if (bad.length === 0 || good.length === 0) return { ...counts, value: null, low: null };
  let won = 0;
  for (const a of bad)
    for (const b of good) won += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
  const value = won / (bad.length * good.length);
  const q1 = value / (2 - value);
  const q2 = (2 * value * value) / (1 + value);
  const variance =
    (value * (1 - value) +
      (bad.length - 1) * (q1 - value * value) +
      (good.length - 1) * (q2 - value * value)) /
    (bad.length * good.length);
  return { ...counts, value, low: Math.max(0, value - Z * Math.sqrt(Math.max(0, variance))) };
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
