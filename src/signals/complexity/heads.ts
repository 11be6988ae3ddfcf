/** How the two heads of a judge become one raw need. */
import type { Prediction } from './need.ts';

/**
 * Maps the second head's estimate (how likely a small model fails an exam's question) to the level of rated requests. Without it a half-
 * exam request would be moved by the difference of the two levels, not by what either head says. The line is near the one that fits rated
 * need to the second head where the gate is open (.24 and .3), but steeper, to keep exams apart, and lower: with .2 and .4 real prompts
 * are ordered worse by .01 to .02, because those that look like exams are rated easier than everyday rows that do.
 */
const EXAM_LEVEL = 0.18;
const EXAM_SLOPE = 0.42;
/**
 * Below this need the level falls with it: "What is the capital of France?" is like an exam's question, but rated
 * requests say that it is easy. 3 % of exams lie there, so that their order stays: between .1 and .2 no benchmark
 * moves by more than .01, and everyday requests gain .002.
 */
const EASY_NEED = 0.15;

export type Heads = Pick<Prediction, 'need' | 'exam'>;

/** The combined estimate of both heads: one learned from rated requests, the other from measured exams. */
export function rawNeed({ need, exam }: Heads, fails: number): number {
  const level = EXAM_LEVEL * Math.min(1, Math.max(0, need) / EASY_NEED);
  return (1 - exam) * need + exam * (level + EXAM_SLOPE * fails);
}

/**
 * The fast judge leaves the second head so much of the say in every request: its counts order plans, code and sums
 * better than words alone do. The deep judge gains nothing by it.
 */
const LEAST_EXAM = 0.3;

export const fastNeed = ({ need, exam }: Heads, fails: number): number =>
  rawNeed({ need, exam: Math.max(LEAST_EXAM, exam) }, fails);
