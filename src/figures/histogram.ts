/**
 * Durations counted in bins that grow by a tenth each, so that histograms of any two periods can be added. A quantile is at most
 * 5 % off: half a bin, `sqrt(1.1) - 1` = 4.9 % (the method of DDSketch, Masson et al. 2019).
 */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Milliseconds; anything below it is in the first bin. */
const LEAST_MS = 0.1;
/** The last bin ends at 26 hours. */
const BINS = 220;

const binOf = (ms: number): number =>
  ms <= LEAST_MS ? 0 : Math.min(BINS - 1, Math.ceil(Math.log(ms / LEAST_MS) / LOG_GROWTH));

/** The middle of a bin by its ratio to both ends. */
const msOf = (bin: number): number => (bin === 0 ? LEAST_MS : LEAST_MS * GROWTH ** (bin - 0.5));

export class Histogram {
  count = 0;
  /** From the first bin that holds something to the last: most histograms are of a few durations. */
  #bins: number[] = [];
  #first = 0;

  add(ms: number): void {
    this.addBin(binOf(ms), 1);
  }

  /** @throws RangeError for a bin that there is not */
  addBin(bin: number, count: number): void {
    if (!(bin >= 0 && bin < BINS)) throw new RangeError(`a histogram has no bin ${bin}`);
    const bins = this.#bins;
    if (bins.length === 0) this.#first = bin;
    for (; this.#first > bin; this.#first -= 1) bins.unshift(0);
    const at = bin - this.#first;
    while (bins.length <= at) bins.push(0);
    bins[at]! += count;
    this.count += count;
  }

  merge(other: Histogram): void {
    for (const [bin, count] of other.filled()) this.addBin(bin, count);
  }

  /** The bins that hold something, in order. */
  *filled(): Generator<readonly [bin: number, count: number]> {
    const first = this.#first;
    for (let at = 0; at < this.#bins.length; at += 1) {
      const count = this.#bins[at]!;
      if (count > 0) yield [first + at, count];
    }
  }

  /** Milliseconds that this share of the durations does not exceed; null where there are none. */
  quantile(share: number): number | null {
    if (this.count === 0) return null;
    let below = Math.max(1, Math.ceil(share * this.count));
    for (const [bin, count] of this.filled()) {
      below -= count;
      if (below <= 0) return Number(msOf(bin).toPrecision(4));
    }
    return null;
  }
}
