/** From what a policy wants to the complexity at which the large tier is asked. */
import type { Objective, Threshold } from '../../core/policy.ts';
import type { TradePoint } from './model.ts';
import shipped from './need.json' with { type: 'json' };

/** Above every complexity: nothing needs the large tier. */
const NEVER = 1.01;

/**
 * The threshold that an objective asks for, by the shipped calibration: rated everyday and real requests,
 * none of which the judge had seen, for a small model of 3 to 4 billion parameters. Your traffic's own mix
 * will differ: `simulate` shows it.
 */
export function thresholdFor(
  objective: Objective,
  trade: readonly TradePoint[] = shipped.trade,
): Threshold {
  if ('complexityBelow' in objective) {
    const value = objective.complexityBelow;
    return { value, from: `complexityBelow: ${value} is the threshold itself` };
  }
  if ('largeShare' in objective) return forShare(objective.largeShare, trade);
  return forQuality(objective.quality, trade);
}

function forShare(wanted: number, trade: readonly TradePoint[]): Threshold {
  if (wanted >= 1) return { value: 0, from: 'largeShare: 1 sends everything to the large model' };
  const value = wanted <= 0 ? NEVER : between(trade, (point) => point.largeShare, wanted);
  return {
    value: rounded(value),
    from: `largeShare: ${wanted}: ${percent(wanted)} of the calibration mix scores at or above this`,
  };
}

function forQuality(wanted: number, trade: readonly TradePoint[]): Threshold {
  // the highest threshold from which on downwards the quality is kept
  const kept = trade.findLast((point) => point.quality >= wanted);
  if (kept === undefined)
    return { value: 0, from: `quality: ${wanted} needs the large model throughout` };
  return {
    value: kept.threshold,
    from: `quality: ${wanted}: on the calibration mix ${percent(kept.largeShare)} to the large model keeps ${percent(kept.quality)} of its quality`,
  };
}

/** Linear between the points around `wanted`; the measure falls as the threshold rises. */
function between(
  trade: readonly TradePoint[],
  measure: (point: TradePoint) => number,
  wanted: number,
): number {
  const after = trade.findIndex((point) => measure(point) <= wanted);
  if (after === -1) return NEVER;
  if (after === 0) return trade[0]!.threshold;
  const [a, b] = [trade[after - 1]!, trade[after]!];
  const part = (measure(a) - wanted) / Math.max(1e-9, measure(a) - measure(b));
  return a.threshold + part * (b.threshold - a.threshold);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
