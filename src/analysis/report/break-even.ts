/** What the small model's answers took against the large one's, and from how many a month on they save. */
import { J_PER_KWH } from '../../lib/units.ts';
import type { Range } from '../../core/figures.ts';
import { over, plus, times } from '../../figures/range.ts';
import type { Machine } from './machine.ts';
import type { Savings } from '../../core/figures.ts';

export interface BreakEvenReport {
  /** Requests that a small model answered, and of which both sides are known. */
  readonly requests: number;
  /** What the small model took of what the large one would have, wasted answers included. */
  readonly share: Range | null;
  /** The same with what the machine draws while nobody asks. */
  readonly shareWithIdle: Range | null;
  /** kWh in 30 days at this rate. */
  readonly month: { readonly small: Range; readonly idle: Range; readonly large: Range };
  readonly breakEven: { readonly energy: BreakEven; readonly money: BreakEven };
}

/**
 * Break-even: small-model requests a month above which savings exceed the machine's fixed cost.
 * Null: never, at that end of the range.
 */
export interface BreakEven {
  readonly best: number | null;
  readonly worst: number | null;
  /** This installation's, at its present rate. */
  readonly requestsAMonth: number;
}

const MONTH_MS = 30 * 86_400_000;

/** @param spanMs what the savings and the machine's idle energy were summed over; 0 gives no month. */
export function breakEvenOf({ small }: Savings, machine: Machine, spanMs: number): BreakEvenReport {
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
    shareWithIdle,
    month: { small: kwh(energy.spent), idle: kwh(machine.idleJ), large: kwh(energy.baseline) },
    breakEven: {
      energy: breakEven(energy, times(machine.idleJ, monthly), monthly),
      money: breakEven(money, times(machine.fixedNanoUsd, monthly), monthly),
    },
  };
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
