/** What the small model's answer is worth at a given complexity, by the same calibration as the thresholds. */
import type { SmallModel } from '../../core/policy.ts';
import type { TradePoint } from './model.ts';
import { tradeFor } from './threshold.ts';
import shipped from './need.json' with { type: 'json' };

interface Step {
  /** From this complexity on. */
  readonly from: number;
  /** Share of the large model's quality that is lost by answering small. */
  readonly loss: number;
}

interface Pool {
  readonly from: number;
  readonly share: number;
  readonly lost: number;
}

/**
 * The expected quality of a small answer, as a share of what the large model reaches on average, by
 * complexity. It is the slope of the calibration's trade between share and quality, pooled to be
 * monotone (pool adjacent violators), so that a policy of thresholds alone is expected to keep what its
 * `objective.quality` says on the calibration mix.
 */
export function keptQuality(
  trade: readonly TradePoint[] = shipped.trade,
): (complexity: number) => number {
  const steps = monotone(trade);
  return (complexity) => {
    let low = 0;
    let high = steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (steps[middle]!.from <= complexity) low = middle;
      else high = middle - 1;
    }
    return 1 - (steps[low]?.loss ?? 0);
  };
}

/** The same for another small model than the rated one, or by another trade. */
export const keptQualityFor = (
  model: SmallModel,
  trade: readonly TradePoint[] = shipped.trade,
): ((complexity: number) => number) => keptQuality(tradeFor(model, trade));

function monotone(trade: readonly TradePoint[]): readonly Step[] {
  const pools: Pool[] = [];
  for (let at = 1; at < trade.length; at += 1) {
    const [a, b] = [trade[at - 1]!, trade[at]!];
    const share = a.largeShare - b.largeShare;
    if (share <= 0) continue;
    let pool: Pool = { from: a.threshold, share, lost: a.quality - b.quality };
    for (let last = pools.at(-1); last && slope(last) >= slope(pool); last = pools.at(-1)) {
      pools.pop();
      pool = { from: last.from, share: last.share + pool.share, lost: last.lost + pool.lost };
    }
    pools.push(pool);
  }
  return pools.map((pool) => ({ from: pool.from, loss: slope(pool) }));
}

const slope = ({ lost, share }: Pool): number => lost / share;
