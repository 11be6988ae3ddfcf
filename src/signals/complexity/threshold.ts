/** From a policy's objective to the complexity at which the large tier is asked. */
import type { Objective, SmallModel, Threshold } from '../../core/policy.ts';
import type { TradePoint } from './model.ts';
import withDeep from '../encoder/trade.json' with { type: 'json' };
import shipped from './need.json' with { type: 'json' };

/** Above every complexity: nothing needs the large tier. */
const NEVER = 1.01;

/** The model that complexity was rated for. */
const TYPICAL: SmallModel = { shift: 0, said: 'a small model of 3 to 4 billion parameters' };
/**
 * The share of the small model's misses that a large model gets right: assumed for everyday requests, where nobody measured it; .33 to .86
 * on the measured benchmarks.
 */
export const RECOVERED = 2 / 3;

/**
 * What thresholds send to the large model and keep of its quality: by the fast judge alone, or where the deep one is asked,
 * which decides nearly every request whose side of the threshold the fast one doubts.
 */
export const tradeOf = (judges: 'fast' | 'deep'): readonly TradePoint[] =>
  judges === 'fast' ? shipped.trade : withDeep;

/**
 * The threshold that an objective asks for with a small model, by the shipped calibration: rated everyday and real
 * requests, none of which the judge had seen. Your traffic's own mix will differ: `simulate` shows it.
 */
export function thresholdFor(
  objective: Objective,
  model: SmallModel = TYPICAL,
  trade: readonly TradePoint[] = shipped.trade,
): Threshold {
  if ('complexityBelow' in objective) {
    const value = objective.complexityBelow;
    return { value, from: `complexityBelow: ${value} is the threshold itself` };
  }
  if ('largeShare' in objective) return forShare(objective.largeShare, trade);
  if ('worseThanLarge' in objective) {
    const { worseThanLarge } = objective;
    const { value } = forQuality(1 - worseThanLarge, model, tradeFor(model, trade));
    return { value, from: `worseThanLarge: ${worseThanLarge}, not audited: as an estimate has it` };
  }
  return forQuality(objective.quality, model, tradeFor(model, trade));
}

/**
 * The trade between share and quality for another small model than the rated one: complexity is the rated
 * model's probability to fail, and the other's odds are `shift` away from it.
 */
export function tradeFor(
  { shift }: SmallModel,
  trade: readonly TradePoint[],
): readonly TradePoint[] {
  if (shift === 0) return trade;
  const steps = trade.slice(1).map((point, at) => {
    const before = trade[at]!;
    const complexity = (before.threshold + point.threshold) / 2;
    const fails = 1 / (1 + Math.exp(-Math.log(complexity / (1 - complexity)) - shift));
    return { share: before.largeShare - point.largeShare, fails };
  });
  const best = steps.reduce(
    (sum, { share, fails }) => sum + share * (1 - (1 - RECOVERED) * fails),
    0,
  );
  let lost = 0;
  return trade.map((point, at) => {
    if (at > 0) lost += steps[at - 1]!.share * RECOVERED * steps[at - 1]!.fails;
    return { ...point, quality: (best - lost) / best };
  });
}

function forShare(wanted: number, trade: readonly TradePoint[]): Threshold {
  if (wanted >= 1) return { value: 0, from: 'largeShare: 1 sends everything to the large model' };
  const value = wanted <= 0 ? NEVER : between(trade, (point) => point.largeShare, wanted);
  return {
    value: rounded(value),
    from: `largeShare: ${wanted}: ${percent(wanted)} of the calibration mix scores at or above this`,
  };
}

function forQuality(wanted: number, { said }: SmallModel, trade: readonly TradePoint[]): Threshold {
  // the highest threshold from which on downwards the quality is kept
  const kept = trade.findLast((point) => point.quality >= wanted);
  if (kept === undefined || kept.largeShare >= 1)
    return {
      value: 0,
      from: `quality: ${wanted} needs the large model throughout, for ${said}`,
    };
  return {
    value: kept.threshold,
    from: `quality: ${wanted}, estimated for ${said} and not audited: ${percent(kept.largeShare)} of the calibration mix goes to the large model`,
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
