/** Figures as bytes: what is 0 takes none, and those of two sets of records are added without being read into objects first. */
import { Figures } from '../figures/figures.ts';
import type { Histogram } from '../figures/histogram.ts';
import { fromBytes, toBytes } from './packed-rows.ts';

/** Before the figures of records: their ends; of attempts alone there are none. */
const WITH_ENDS = 1;

export function figuresToBytes(figures: Figures): Uint8Array {
  const { firstMs, lastMs, mostNanoUsd, longestMs } = figures;
  const numbers = firstMs === Infinity ? [0] : [WITH_ENDS, firstMs, lastMs, mostNanoUsd, longestMs];
  const sums: number[] = [];
  for (const [place, sum] of figures.sums.entries()) if (sum !== 0) sums.push(place, sum);
  numbers.push(sums.length / 2, ...sums);
  addHistogram(figures.latency, numbers);
  addHistogram(figures.firstToken, numbers);
  numbers.push(...figures.kinds.values());
  return toBytes({ numbers: Float64Array.from(numbers), texts: [...figures.kinds.keys()] });
}

function addHistogram(histogram: Histogram, numbers: number[]): void {
  const filled = [...histogram.filled()];
  numbers.push(filled.length);
  for (const [bin, count] of filled) numbers.push(bin, count);
}

/** @throws RangeError for bytes that are no figures, or a newer version's */
export function addBytes(sum: Figures, bytes: Uint8Array): Figures {
  const { numbers, texts } = fromBytes(bytes);
  let at = 0;
  const next = (): number => numbers[at++]!;
  if (next() === WITH_ENDS) {
    sum.firstMs = Math.min(sum.firstMs, next());
    sum.lastMs = Math.max(sum.lastMs, next());
    sum.mostNanoUsd = Math.max(sum.mostNanoUsd, next());
    sum.longestMs = Math.max(sum.longestMs, next());
  }
  for (let left = next(); left > 0; left -= 1) {
    const place = next();
    if (!(place < sum.sums.length)) throw new RangeError('figures of a newer version');
    sum.sums[place]! += next();
  }
  for (const histogram of [sum.latency, sum.firstToken]) {
    for (let left = next(); left > 0; left -= 1) histogram.addBin(next(), next());
  }
  for (const kind of texts) sum.addCost(kind, next());
  return sum;
}

/** The figures of both, as bytes. */
export const addedBytes = (one: Uint8Array, other: Uint8Array): Uint8Array =>
  figuresToBytes(addBytes(addBytes(new Figures(), one), other));
