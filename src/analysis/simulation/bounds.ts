/** What a simulation must not exceed: the gate for policies in somebody's CI. */
import type { Simulation } from '../simulate.ts';

export interface Bounds {
  /** Shares, 0 to 1. */
  readonly maxLargeShare?: number | undefined;
  readonly maxFlips?: number | undefined;
  /** 0.05 = a twentieth more than before. */
  readonly maxCostChange?: number | undefined;
  /** Of the large model's; the low end of the expected range has to reach it. */
  readonly minQuality?: number | undefined;
}

export interface BoundResult {
  /** As the option is called. */
  readonly bound: string;
  readonly limit: number;
  /** Null = the records do not say, which counts as crossed. */
  readonly value: number | null;
  readonly isCrossed: boolean;
}

export function checkBounds(told: Simulation, bounds: Bounds): readonly BoundResult[] {
  const { maxLargeShare, maxFlips, maxCostChange, minQuality } = bounds;
  return [
    ...atMost('max-large-share', maxLargeShare, told.after.large),
    ...atMost('max-flips', maxFlips, told.flipped.share),
    ...atMost('max-cost-change', maxCostChange, told.spending.cost.changeShare),
    ...atLeast('min-quality', minQuality, told.quality?.after.low ?? null),
  ];
}

function atMost(
  bound: string,
  limit: number | undefined,
  value: number | null,
): readonly BoundResult[] {
  if (limit === undefined) return [];
  return [{ bound, limit, value, isCrossed: value === null || value > limit }];
}

function atLeast(
  bound: string,
  limit: number | undefined,
  value: number | null,
): readonly BoundResult[] {
  if (limit === undefined) return [];
  return [{ bound, limit, value, isCrossed: value === null || value < limit }];
}
