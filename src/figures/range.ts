/** Intervals: figures of which only the bounds are known. */
import type { Range } from '../core/figures.ts';
import type { Attempt, Energy } from '../core/record.ts';

export const ZERO: Range = { low: 0, high: 0 };

export const plus = (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high });

/** Interval subtraction: the smallest to the largest possible difference. */
export const minus = (a: Range, b: Range): Range => ({ low: a.low - b.high, high: a.high - b.low });

export const times = ({ low, high }: Range, factor: number): Range => ({
  low: low * factor,
  high: high * factor,
});

/** Interval division; null where the divisor may be 0. */
export const over = (a: Range, b: Range): Range | null =>
  b.low > 0 ? { low: a.low / b.high, high: a.high / b.low } : null;

export const joulesOf = ({ lowJ, highJ }: Energy): Range => ({ low: lowJ, high: highJ });

/**
 * Nano-USD of an attempt. Electricity is booked at the middle of the energy's range, so its cost has the
 * same relative range; every other cost is exact.
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

/** Whether it used tokens without a known price. An attempt without usage is not unpriced. */
export const isUnpriced = ({
  cost,
  usage,
  isUnpriced: carried,
}: Pick<Attempt, 'cost' | 'usage' | 'isUnpriced'>): boolean =>
  cost === null && (usage !== undefined || carried === true);

export const isUnmetered = ({ energy, usage }: Pick<Attempt, 'energy' | 'usage'>): boolean =>
  energy === null && usage !== undefined;
