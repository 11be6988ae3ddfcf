/** Figures of which only the ends are known. */
import type { Attempt, Energy } from '../../core/record.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

export const ZERO: Range = { low: 0, high: 0 };

export const plus = (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high });

/** What is surely left, to what may be left. */
export const minus = (a: Range, b: Range): Range => ({ low: a.low - b.high, high: a.high - b.low });

export const times = ({ low, high }: Range, factor: number): Range => ({
  low: low * factor,
  high: high * factor,
});

/** Null where the divisor may be nothing. */
export const over = (a: Range, b: Range): Range | null =>
  b.low > 0 ? { low: a.low / b.high, high: a.high / b.low } : null;

export const joulesOf = ({ lowJ, highJ }: Energy): Range => ({ low: lowJ, high: highJ });

/**
 * Nano-USD of an attempt. Electricity is booked at the middle of its energy's range, so its money has that
 * range too; everything else has a price.
 */
export function moneyOf({ cost, energy }: Pick<Attempt, 'cost' | 'energy'>): Range {
  const total = cost?.totalNanoUsd ?? 0;
  const electricity = cost?.kinds['energy'] ?? 0;
  if (energy === null || electricity === 0) return { low: total, high: total };
  const middle = (energy.lowJ + energy.highJ) / 2;
  if (middle === 0) return { low: total, high: total };
  const rest = total - electricity;
  return {
    low: rest + (electricity * energy.lowJ) / middle,
    high: rest + (electricity * energy.highJ) / middle,
  };
}

/** It used tokens that nobody can put a price on; one that produced nothing is none of these. */
export const isUnpriced = ({ cost, usage }: Pick<Attempt, 'cost' | 'usage'>): boolean =>
  cost === null && usage !== undefined;

export const isUnmetered = ({ energy, usage }: Pick<Attempt, 'energy' | 'usage'>): boolean =>
  energy === null && usage !== undefined;
