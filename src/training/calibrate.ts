/** Calibrates raw scores to probabilities, and computes cost and kept quality by threshold. */
import type { TradePoint } from '../signals/complexity/model.ts';

export interface Outcome {
  readonly raw: number;
  readonly weight: number;
  /** How good the small (large) model's answer was, 0..1. */
  readonly small: number;
  readonly large: number;
}

/** Logistic regression of "the small model failed" on the raw score (Platt), by Newton's method. */
export function calibrate(outcomes: readonly Outcome[]): { slope: number; bias: number } {
  let [slope, bias] = [1, 0];
  for (let round = 0; round < 50; round += 1) {
    const sums = { gs: 0, gb: 0, ss: 1e-6, sb: 0, bb: 1e-6 };
    for (const { raw, weight, small } of outcomes) {
      const p = 1 / (1 + Math.exp(-(slope * raw + bias)));
      const error = (1 - small - p) * weight;
      const spread = p * (1 - p) * weight;
      sums.gs += error * raw;
      sums.gb += error;
      sums.ss += spread * raw * raw;
      sums.sb += spread * raw;
      sums.bb += spread;
    }
    const determinant = sums.ss * sums.bb - sums.sb ** 2;
    slope += (sums.gs * sums.bb - sums.gb * sums.sb) / determinant;
    bias += (sums.gb * sums.ss - sums.gs * sums.sb) / determinant;
  }
  return { slope, bias };
}

/** The share sent to the large model and the kept quality, at `points` thresholds evenly spread over the mix. */
export function trade(
  outcomes: readonly Outcome[],
  complexity: (raw: number) => number,
  points: number,
): TradePoint[] {
  const order = outcomes.toSorted((a, b) => a.raw - b.raw);
  const total = sum(order, ({ weight }) => weight);
  const best = sum(order, ({ weight, large }) => weight * large);
  let below = 0;
  let kept = best;
  const found: TradePoint[] = [];
  for (const { raw, weight, small, large } of order) {
    if (below / total >= found.length / (points - 1)) {
      found.push(point(complexity(raw), 1 - below / total, kept / best));
    }
    below += weight;
    kept += weight * (small - large);
  }
  found.push(point(complexity(order.at(-1)!.raw) + 1e-4, 0, kept / best));
  return found;
}

const point = (threshold: number, largeShare: number, quality: number): TradePoint => ({
  threshold: round(threshold),
  largeShare: round(largeShare),
  quality: round(quality),
});

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

function sum<T>(rows: readonly T[], of: (row: T) => number): number {
  let total = 0;
  for (const row of rows) total += of(row);
  return total;
}
