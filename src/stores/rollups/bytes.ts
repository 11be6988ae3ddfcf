/** Figures as bytes: zeros take none, and two sets can be added without parsing them into objects first. */
import { Figures, FIRST_SUMS } from '../../figures/figures.ts';
import type { Histogram } from '../../figures/histogram.ts';
import { fromBytes, NumberReader, toBytes } from '../write-behind/packed-rows.ts';

/** Before the figures of records: their ends; of attempts alone there are none. */
const WITH_MOST = 1;
/** An earlier version did not write the least cost and duration. */
const WITH_ENDS = 2;

/** All that any figures can have, but for their kinds of cost. */
const MOST_NUMBERS = 1_024;
let numbers = new Float64Array(MOST_NUMBERS);

export function figuresToBytes(figures: Figures): Uint8Array {
  const { firstMs, lastMs, leastNanoUsd, mostNanoUsd, shortestMs, longestMs, sums, kinds } =
    figures;
  const room = MOST_NUMBERS + kinds.size;
  if (room > numbers.length) numbers = new Float64Array(2 * room);
  let at = 0;
  if (firstMs === Infinity) numbers[at++] = 0;
  else {
    numbers[at++] = WITH_ENDS;
    for (const each of [firstMs, lastMs, mostNanoUsd, longestMs, leastNanoUsd, shortestMs])
      numbers[at++] = each;
  }
  const countAt = at++;
  for (let place = 0; place < sums.length; place += 1) {
    const sum = sums[place]!;
    if (sum === 0) continue;
    numbers[at++] = place;
    numbers[at++] = sum;
  }
  numbers[countAt] = (at - countAt - 1) / 2;
  at = addHistogram(figures.latency, at);
  at = addHistogram(figures.firstToken, at);
  for (const nano of kinds.values()) numbers[at++] = nano;
  return toBytes({ numbers: numbers.subarray(0, at), texts: [...kinds.keys()] });
}

function addHistogram(histogram: Histogram, from: number): number {
  let at = from + 1;
  for (const [bin, count] of histogram.filled()) {
    numbers[at++] = bin;
    numbers[at++] = count;
  }
  numbers[from] = (at - from - 1) / 2;
  return at;
}

/** @throws RangeError for bytes that are no figures, or a newer version's */
export function addBytes(sum: Figures, bytes: Uint8Array): Figures {
  const packed = fromBytes(bytes);
  let at = 0;
  const next = (): number => packed.numbers[at++]!;
  const ends = next();
  if (ends === WITH_MOST || ends === WITH_ENDS) {
    sum.firstMs = Math.min(sum.firstMs, next());
    sum.lastMs = Math.max(sum.lastMs, next());
    sum.mostNanoUsd = Math.max(sum.mostNanoUsd, next());
    sum.longestMs = Math.max(sum.longestMs, next());
    sum.leastNanoUsd = Math.min(sum.leastNanoUsd, ends === WITH_ENDS ? next() : 0);
    sum.shortestMs = Math.min(sum.shortestMs, ends === WITH_ENDS ? next() : 0);
  }
  for (let left = next(); left > 0; left -= 1) {
    const place = next();
    if (!(place < sum.sums.length)) throw new RangeError('figures of a newer version');
    sum.sums[place]! += next();
  }
  for (const histogram of [sum.latency, sum.firstToken]) {
    for (let left = next(); left > 0; left -= 1) histogram.addBin(next(), next());
  }
  for (const kind of packed.texts) sum.addCost(kind, next());
  return sum;
}

/** The figures of both, as bytes. */
export const addedBytes = (one: Uint8Array, other: Uint8Array): Uint8Array =>
  figuresToBytes(addBytes(addBytes(new Figures(), one), other));

/** The bounds of the records behind some figures; without durations it takes a tenth of the time. */
export type Bounds = Readonly<
  Record<
    (typeof FIRST_SUMS)[number] | 'leastNanoUsd' | 'mostNanoUsd' | 'shortestMs' | 'longestMs',
    number
  >
>;

export function boundsIn(bytes: Uint8Array): Bounds {
  const reader = new NumberReader(bytes);
  reader.next();
  const ends = reader.next();
  const bounds = {
    requests: 0,
    degraded: 0,
    escalated: 0,
    leastNanoUsd: 0,
    mostNanoUsd: 0,
    shortestMs: 0,
    longestMs: 0,
  };
  if (ends !== WITH_MOST && ends !== WITH_ENDS) return bounds;
  // When the first and the last came.
  for (let left = 2; left > 0; left -= 1) reader.next();
  bounds.mostNanoUsd = reader.next();
  bounds.longestMs = reader.next();
  if (ends === WITH_ENDS) {
    bounds.leastNanoUsd = reader.next();
    bounds.shortestMs = reader.next();
  }
  for (let left = reader.next(); left > 0; left -= 1) {
    const place = reader.next();
    const sum = FIRST_SUMS[place];
    // Places grow.
    if (sum === undefined) break;
    bounds[sum] = reader.next();
  }
  return bounds;
}
