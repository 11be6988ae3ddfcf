/** How the two heads of a judge become one raw need. */
import type { Prediction } from './need.ts';

/**
 * How likely a small model fails an exam's question, in the measure of rated requests. Without it a request that
 * is half like an exam's rises or falls by the levels of the heads, not by what either says of it. Near the line
 * that fits rated need to the second head where the gate is open (.24 and .3), steeper to keep exams apart, and lower:
 * with .2 and .4 real prompts are ordered worse by .01 to .02, for what looks like an exam's question there is rated
 * easier than the everyday rows that do.
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

/** What both heads say together: rated requests taught the one, measured exams the other. */
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
