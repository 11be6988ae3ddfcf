/** Training targets of a row: the probabilities that a small and a large model are right, and its weight. */
import type { Row } from './dataset.ts';

/**
 * Models of a size that runs locally (up to about 13 B, and small mixtures of experts). Their mean is a
 * less noisy label than one model's single answer.
 */
const SMALL =
  /^(meta-)?llama-3(\.1)?-8b|phi-3|qwen1\.5-7b|qwen2(\.5)?-[37]b|mistral-7b|mixtral-8x7b|gemma-2-|chatqa-1\.5-8b|wizardlm-13b|dolphin|zephyr|codegemma|code-llama-instruct-34b|yi-34b|llama-2-70b/;
const LARGE =
  /gpt-4-|claude-v[12]|gemini-1\.5|llama-3\.1-70b|gpt-4o-2024|claude-3-5|qwen2\.5-72b|nemotron|o1-mini/;

/** Assumed values for a tier or level that a person assigned. Such rows have little weight. */
const TIERS: Readonly<Record<string, number>> = {
  SIMPLE: 0.9,
  MEDIUM: 0.72,
  COMPLEX: 0.5,
  REASONING: 0.4,
  // Hendrycks MATH: level 5 is measured (0.20 for an 8 B model), the others are spaced evenly up to it
  'Level 1': 0.7,
  'Level 2': 0.57,
  'Level 3': 0.45,
  'Level 4': 0.33,
  'Level 5': 0.2,
};
/** Customer requests with only an intent label: the small model is assumed to answer them well. */
const INTENT = 0.93;

/** Open questions scored by word overlap with one short reference, which is a noisy score. */
const UNUSABLE = new Set(['ulab_natural_qa', 'ulab_trivia_qa', 'ulab_commongen']);

/** The maximum weight of a group, in rows, so that the largest does not dominate. */
const MOST_ROWS = 1200;
const MOST_ROWS_OF: Readonly<Record<string, number>> = {
  'bigmath/orca_math': 2500,
  'bigmath/cn_k12': 900,
  'bigmath/big_math': 600,
  math_level: 600,
};
/** Rows without a measured label: they show which kinds of traffic are easy, and share the common intercept. */
export const PRIOR_GROUP = 'prior';
const MOST_PRIOR_ROWS: Readonly<Record<string, number>> = {
  tiers_uncommonroute: 250,
  intent_clinc150: 250,
  intent_banking77: 150,
};

/** P(small right), 0..1; `undefined` if the row has no usable label. */
export function smallRight(row: Row): number | undefined {
  if (UNUSABLE.has(row.bench)) return undefined;
  if (row.kind === 'intent') return INTENT;
  if (row.kind === 'author_tier' || row.kind === 'human_level') return TIERS[row.tier];
  return meanOf(row, SMALL) ?? row.small;
}

/** P(large right), 0..1; `undefined` where no large model was measured. */
export const largeRight = (row: Row): number | undefined =>
  UNUSABLE.has(row.bench) ? undefined : (meanOf(row, LARGE) ?? row.large);

/** Labels of a kind of traffic, not of a benchmark with its own level. */
export const isPrior = (row: Row): boolean => row.kind === 'intent' || row.kind === 'author_tier';

/** Rows that share an intercept: a benchmark, or one source of a collection. */
export function groupOf(row: Row): string {
  if (isPrior(row)) return PRIOR_GROUP;
  return row.bench === 'bigmath' ? `bigmath/${row.domain}` : row.bench;
}

/** Whether the row shows the large model's gain when both choose from a list without reasoning. */
export const teachesGain = (row: Row): boolean =>
  (row.bench === 'mmlu' || row.bench === 'own') && largeRight(row) !== undefined;

/** The weight of a row in a group of `count` rows. */
export function weightOf(row: Row, count: number): number {
  if (isPrior(row)) return (MOST_PRIOR_ROWS[row.bench] ?? 250) / PRIOR_ROWS_OF_A_BENCH;
  return Math.min(1, (MOST_ROWS_OF[groupOf(row)] ?? MOST_ROWS) / count);
}
/** About how many rows each benchmark of the prior group has. */
const PRIOR_ROWS_OF_A_BENCH = 3000;

function meanOf(row: Row, models: RegExp): number | undefined {
  let sum = 0;
  let count = 0;
  for (const [name, value] of row.scores) {
    if (!models.test(name)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}
