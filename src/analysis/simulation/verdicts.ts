/** Recorded verdicts judged again: which small answers another `verify` would have replaced. */
import type { Policy } from '../../core/policy.ts';
import type { UsageRecord } from '../../core/record.ts';
import type { Verdict } from '../../core/verify.ts';

export interface VerdictComparison {
  /** Small answers with a verdict. */
  readonly checked: number;
  /** Replaced then, and by the tried policy. Checks that were not made then are not known now. */
  readonly before: number;
  readonly after: number;
}

export interface VerdictTally {
  add(record: UsageRecord): void;
  /** Absent where nothing was checked. */
  result(): { readonly verify?: VerdictComparison };
}

export function verdictTally({ verify }: Policy): VerdictTally {
  const counts = { checked: 0, before: 0, after: 0 };
  return {
    add: ({ attempts, shadowOf }) => {
      const first = attempts[0];
      if (shadowOf !== undefined || first?.verdict === undefined) return;
      counts.checked += 1;
      if (first.kind === 'draft') counts.before += 1;
      if (verify?.onFail === 'escalate' && isReplaced(first.verdict, verify)) counts.after += 1;
    },
    result: () => (counts.checked === 0 ? {} : { verify: { ...counts } }),
  };
}

function isReplaced(verdict: Verdict, verify: NonNullable<Policy['verify']>): boolean {
  const { checks, wrongAbove, onUndecided } = verify;
  if (verdict.kind === 'fail' && verdict.check !== 'confidence')
    return checks.includes(verdict.check);
  const isAsked = checks.includes('confidence');
  if (isAsked && verdict.wrong !== undefined && verdict.wrong >= wrongAbove) return true;
  return onUndecided === 'escalate' && isAsked && verdict.abstained !== undefined;
}
