/** Bounds that a simulation must not cross: a gate for policies in CI. */
import type { Simulation } from '../simulate.ts';

export interface Bounds {
  /** Shares, 0 to 1. */
  readonly maxLargeShare?: number | undefined;
  readonly maxFlips?: number | undefined;
  /** 0.05 = 5 % more than before. */
  readonly maxCostChange?: number | undefined;
  /** Share of the large model's quality that the low end of the expected range must reach. */
  readonly minQuality?: number | undefined;
}

export interface BoundResult {
  /** The option's name. */
  readonly bound: string;
  readonly limit: number;
  /** Null = cannot be computed from the records, which counts as crossed. */
  readonly value: number | null;
  readonly isCrossed: boolean;
}

export function checkBounds(simulation: Simulation, bounds: Bounds): readonly BoundResult[] {
  const { maxLargeShare, maxFlips, maxCostChange, minQuality } = bounds;
  return [
    ...atMost('max-large-share', maxLargeShare, simulation.after.large),
    ...atMost('max-flips', maxFlips, simulation.flipped.share),
    ...atMost('max-cost-change', maxCostChange, simulation.spending.cost.changeShare),
    ...atLeast('min-quality', minQuality, simulation.quality?.after.low ?? null),
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
