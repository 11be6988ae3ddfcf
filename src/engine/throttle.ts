/**
 * Holds requests back from an upstream that refuses most of them, with the probability
 * `max(0, (requests - 2 × accepts) / (requests + 1))` over two minutes (Site Reliability Engineering, chapter 21). Requests
 * are counted when they are sent, so that those held back do not prolong a storm that is over.
 */
const BUCKET_MS = 10_000;
const BUCKETS = 12;
/** Requests that may be sent for each that is accepted. */
const PER_ACCEPT = 2;

/** Refusals of so many callers, or of so many different requests where there are fewer, are a storm and not one caller's doing. */
export interface Evidence {
  readonly callers: number;
  readonly requests: number;
}

interface Bucket {
  requests: number;
  accepts: number;
}

/** Times are monotonic milliseconds. */
export class Throttle {
  readonly #buckets = new Map<number, Bucket>();
  readonly #callers = new Set<string>();
  readonly #requests = new Set<string>();
  #lastRefusalMs = -Infinity;

  accepted(now: number): void {
    const bucket = this.#bucketAt(now);
    bucket.requests += 1;
    bucket.accepts += 1;
  }

  refused({ caller, request }: { caller: string; request: string }, now: number): void {
    if (this.isQuiet(now)) {
      this.#callers.clear();
      this.#requests.clear();
    }
    this.#lastRefusalMs = now;
    if (this.#callers.size < KEPT) this.#callers.add(caller);
    if (this.#requests.size < KEPT) this.#requests.add(request);
    this.#bucketAt(now).requests += 1;
  }

  isQuiet(now: number): boolean {
    return now - this.#lastRefusalMs > BUCKET_MS * BUCKETS;
  }

  evidence(): Evidence {
    return { callers: this.#callers.size, requests: this.#requests.size };
  }

  /** Probability in 0..1 that the next request is held back. */
  heldShare(now: number): number {
    if (this.isQuiet(now)) return 0;
    const oldest = Math.floor(now / BUCKET_MS) - BUCKETS;
    let requests = 0;
    let accepts = 0;
    for (const [at, bucket] of this.#buckets) {
      if (at <= oldest) continue;
      requests += bucket.requests;
      accepts += bucket.accepts;
    }
    return Math.max(0, (requests - PER_ACCEPT * accepts) / (requests + 1));
  }

  #bucketAt(now: number): Bucket {
    const at = Math.floor(now / BUCKET_MS);
    const known = this.#buckets.get(at);
    if (known !== undefined) return known;
    for (const old of this.#buckets.keys()) if (old <= at - BUCKETS) this.#buckets.delete(old);
    const bucket = { requests: 0, accepts: 0 };
    this.#buckets.set(at, bucket);
    return bucket;
  }
}

const KEPT = 16;
