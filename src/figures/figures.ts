/** The figures of a set of records: sums, ends and durations. Those of two disjoint sets are added by `merge`. */
import type { Energy } from '../core/record.ts';
import { Histogram } from './histogram.ts';
import type { Range } from '../core/figures.ts';

type Method = Energy['method'];

export const METHODS: readonly Method[] = ['measured', 'attributed', 'modelled'];

/** Of requests, or of shadows' records. In front, so that they are read without what follows. */
export const FIRST_SUMS = ['requests', 'degraded', 'escalated'] as const;

/** Each adds up; new ones are added at the end, since stored figures name them by place. */
const SUMS = [
  ...FIRST_SUMS,
  // of attempts
  'attempts',
  'failedAttempts',
  'localAttempts',
  'unpriced',
  'unmetered',
  'nanoUsd',
  'nanoUsdLow',
  'nanoUsdHigh',
  'inputTokens',
  'cachedInputTokens',
  'outputTokens',
  'reasoningTokens',
  'localBytes',
  'cloudBytes',
  'pass',
  'fail',
  'undecided',
  // by method: attempts, and joules
  'measured',
  'measuredLow',
  'measuredHigh',
  'attributed',
  'attributedLow',
  'attributedHigh',
  'modelled',
  'modelledLow',
  'modelledHigh',
  // grams of operational carbon by method, and of embodied
  'measuredCarbon',
  'measuredCarbonLow',
  'measuredCarbonHigh',
  'attributedCarbon',
  'attributedCarbonLow',
  'attributedCarbonHigh',
  'modelledCarbon',
  'modelledCarbonLow',
  'modelledCarbonHigh',
  'carbonUnknown',
  'embodied',
  'embodiedLow',
  'embodiedHigh',
  'water',
  'waterLow',
  'waterHigh',
  'waterUnknown',
  // against all-large
  'moneyCompared',
  'moneyUnknown',
  'moneyBaseline',
  'moneySpentLow',
  'moneySpentHigh',
  'energyCompared',
  'energyUnknown',
  'energyBaselineLow',
  'energyBaselineHigh',
  'energySpentLow',
  'energySpentHigh',
  'energySavedLow',
  'energySavedHigh',
  // of requests
  'answered',
  'failed',
  'refused',
  'answeredSmall',
  'answeredLarge',
  'fallbacks',
] as const;

export type Sum = (typeof SUMS)[number];

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry for each
const PLACE = Object.fromEntries(SUMS.map((sum, place) => [sum, place])) as Record<Sum, number>;

export class Figures {
  /** By place in `SUMS`. */
  readonly sums = SUMS.map(() => 0);
  /** When the first and the last record came, milliseconds since the epoch. */
  firstMs = Infinity;
  lastMs = -Infinity;
  /** The least and the most that one record cost or took. */
  leastNanoUsd = Infinity;
  mostNanoUsd = -Infinity;
  shortestMs = Infinity;
  longestMs = -Infinity;
  readonly latency = new Histogram();
  readonly firstToken = new Histogram();
  /** Nano-USD by kind of cost. */
  readonly kinds = new Map<string, number>();

  add(sum: Sum, value = 1): void {
    this.sums[PLACE[sum]]! += value;
  }

  get(sum: Sum): number {
    return this.sums[PLACE[sum]]!;
  }

  addRange(sum: RangeSum, { low, high }: Range): void {
    this.add(`${sum}Low`, low);
    this.add(`${sum}High`, high);
  }

  range(sum: RangeSum): Range {
    return { low: this.get(`${sum}Low`), high: this.get(`${sum}High`) };
  }

  merge(other: Figures): void {
    for (let place = 0; place < SUMS.length; place += 1) this.sums[place]! += other.sums[place]!;
    this.firstMs = Math.min(this.firstMs, other.firstMs);
    this.lastMs = Math.max(this.lastMs, other.lastMs);
    this.leastNanoUsd = Math.min(this.leastNanoUsd, other.leastNanoUsd);
    this.mostNanoUsd = Math.max(this.mostNanoUsd, other.mostNanoUsd);
    this.shortestMs = Math.min(this.shortestMs, other.shortestMs);
    this.longestMs = Math.max(this.longestMs, other.longestMs);
    this.latency.merge(other.latency);
    this.firstToken.merge(other.firstToken);
    for (const [kind, nano] of other.kinds) this.addCost(kind, nano);
  }

  addCost(kind: string, nanoUsd: number): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + nanoUsd);
  }
}

type RangeSum = { [Name in Sum]: Name extends `${infer Base}Low` ? Base : never }[Sum];
