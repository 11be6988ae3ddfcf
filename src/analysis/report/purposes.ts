/** What each attempt was for: only one of a request's attempts is the answer that the caller got. */
import type { Attempt, UsageRecord } from '../../core/record.ts';

export type Purpose =
  /** The answer, from the first that was asked. */
  | 'answers'
  /** The answer, after another target had failed. */
  | 'fallbacks'
  /** The answer, or not, from a target that this request had asked before. */
  | 'retries'
  /** A small model's that the caller did not get, but another one's. */
  | 'wasted_small'
  /** A large model's that the caller did not get. */
  | 'wasted_large'
  /** What had been produced when the caller hung up. */
  | 'cut_off'
  /** Asked in the background, for comparison. */
  | 'shadow';

export const PURPOSES: readonly Purpose[] = [
  'answers',
  'fallbacks',
  'retries',
  'wasted_small',
  'wasted_large',
  'cut_off',
  'shadow',
];

/** The purpose of each attempt, in order. */
export function purposesOf(record: UsageRecord): readonly Purpose[] {
  const isShadow = (attempt: Attempt): boolean =>
    record.shadowOf !== undefined || attempt.shadow === true;
  const real = record.attempts.filter((attempt) => !isShadow(attempt));
  const asked = new Set<string>();
  return record.attempts.map((attempt) => {
    if (isShadow(attempt)) return 'shadow';
    const place = `${attempt.upstream}/${attempt.model}`;
    const isAgain = asked.has(place);
    const isFirst = asked.size === 0;
    asked.add(place);
    if (isAgain) return 'retries';
    if (attempt === real.at(-1)) {
      if (record.outcome === 'answered') return isFirst ? 'answers' : 'fallbacks';
      if (attempt.outcome === 'aborted') return 'cut_off';
    }
    return isSmall(attempt) ? 'wasted_small' : 'wasted_large';
  });
}

/** Whoever pins a model names no tier. */
const isSmall = ({ tier, locality }: Attempt): boolean =>
  tier === 'small' || (tier === 'pinned' && locality === 'local');

/** The attempt whose answer the caller got. */
export function answerOf(record: UsageRecord): Attempt | undefined {
  if (record.outcome !== 'answered' || record.shadowOf !== undefined) return undefined;
  return record.attempts.findLast(({ shadow }) => shadow !== true);
}
