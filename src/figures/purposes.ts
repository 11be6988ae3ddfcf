/** The purpose of each attempt: at most one attempt of a request is the caller's answer. */
import type { Purpose } from '../core/figures.ts';
import type { Attempt } from '../core/record.ts';
import type { CountedRecord } from './counted.ts';

export const PURPOSES: readonly Purpose[] = [
  'answers',
  'fallbacks',
  'retries',
  'wasted_small',
  'wasted_large',
  'cut_off',
  'shadow',
  'drafts',
  'repairs',
  'audits',
];

const OF_KIND: Readonly<Record<NonNullable<Attempt['kind']>, Purpose>> = {
  draft: 'drafts',
  repair: 'repairs',
  audit: 'audits',
};

/** The purpose of each attempt, in order. */
export function purposesOf(record: CountedRecord): readonly Purpose[] {
  const isShadow = (attempt: Attempt): boolean =>
    record.shadowOf !== undefined || attempt.shadow === true;
  const real = record.attempts.filter((attempt) => !isShadow(attempt));
  const asked = new Set<string>();
  return record.attempts.map((attempt) => {
    if (attempt.kind !== undefined) return OF_KIND[attempt.kind];
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

/** A pinned model has no tier, so its locality counts. */
const isSmall = ({ tier, locality }: Attempt): boolean =>
  tier === 'small' || (tier === 'pinned' && locality === 'local');

/** The attempt whose answer the caller received. */
export function answerOf(record: CountedRecord): Attempt | undefined {
  if (record.outcome !== 'answered' || record.shadowOf !== undefined) return undefined;
  return record.attempts.findLast(({ shadow }) => shadow !== true);
}
