/**
 * «A small model needs 10-20 % of a large one's energy for the same work (50-100 against 500-1,000 kWh a
 * month)»: often said, with no source that could be found. Here with an installation's own figures.
 */
import { J_PER_KWH } from '../../lib/units.ts';
import { over, plus, times, type Range } from './range.ts';
import type { Machine } from './machine.ts';
import type { Savings } from './savings.ts';

export const CLAIM = { low: 0.1, high: 0.2 } as const;

export interface Claim {
  /** Requests that a small model answered, and of which both sides are known. */
  readonly requests: number;
  /** What the small model took of what the large one would have, wasted answers included. */
  readonly share: Range | null;
  readonly verdict: Verdict;
  /** The same with what the machine draws while nobody asks. */
  readonly shareWithIdle: Range | null;
  readonly verdictWithIdle: Verdict;
  /** kWh in 30 days at this rate. */
  readonly month: { readonly small: Range; readonly idle: Range; readonly large: Range };
  readonly breakEven: { readonly energy: BreakEven; readonly money: BreakEven };
}

/** `holds`: surely within 10 to 20 %. `less`, `more`: surely outside. `open`: the ranges do not decide. */
export type Verdict = 'holds' | 'less' | 'more' | 'open' | 'unknown';

/**
 * Requests a month, answered by the small model, from which on it saves more than the machine takes
 * whether or not it is asked. Null = never, by that end of the range.
 */
export interface BreakEven {
  readonly best: number | null;
  readonly worst: number | null;
  /** This installation's, at its present rate. */
  readonly requestsAMonth: number;
}

const MONTH_MS = 30 * 86_400_000;

export function claimOf({ small }: Savings, machine: Machine, spanMs: number): Claim {
  const { energy, money } = small;
  const monthly = spanMs > 0 ? MONTH_MS / spanMs : 0;
  const withIdle = plus(energy.spent, machine.idleJ);
  const [share, shareWithIdle] =
    energy.requests === 0
      ? [null, null]
      : [over(energy.spent, energy.baseline), over(withIdle, energy.baseline)];
  const kwh = (joules: Range): Range => times(joules, monthly / J_PER_KWH);
  return {
    requests: energy.requests,
    share,
    verdict: verdictOf(share),
    shareWithIdle,
    verdictWithIdle: verdictOf(shareWithIdle),
    month: { small: kwh(energy.spent), idle: kwh(machine.idleJ), large: kwh(energy.baseline) },
    breakEven: {
      energy: breakEven(energy, times(machine.idleJ, monthly), monthly),
      money: breakEven(money, times(machine.fixedNanoUsd, monthly), monthly),
    },
  };
}

function verdictOf(share: Range | null): Verdict {
  if (share === null) return 'unknown';
  if (share.high < CLAIM.low) return 'less';
  if (share.low > CLAIM.high) return 'more';
  return share.low >= CLAIM.low && share.high <= CLAIM.high ? 'holds' : 'open';
}

function breakEven(
  { requests, saved }: Savings['money'],
  fixedAMonth: Range,
  monthly: number,
): BreakEven {
  const needed = (fixed: number, savedInAll: number): number | null =>
    savedInAll > 0 ? Math.ceil((fixed * requests) / savedInAll) : null;
  return {
    best: needed(fixedAMonth.low, saved.high),
    worst: needed(fixedAMonth.high, saved.low),
    requestsAMonth: Math.round(requests * monthly),
  };
}
