/** Rate limits of this process. */
import type { RateBuckets, Taken } from '../../core/rate-limits.ts';
import { give, take, type Bucket } from '../../lib/gcra.ts';
import { recentlyUsed } from '../../lib/recently-used.ts';

/** Synchronous: nothing is awaited. */
export interface MemoryRates extends RateBuckets {
  take(bucket: string, perMinute: number, count: number): Taken;
}

/** More than an installation has keys; what is forgotten is full. */
const CAPACITY = 100_000;

/** `nowMs` is monotonic. */
export function memoryRates(nowMs: () => number): MemoryRates {
  const buckets = recentlyUsed<string, Bucket>(CAPACITY);
  const bucketOf = (name: string): Bucket => {
    const known = buckets.get(name);
    if (known !== undefined) return known;
    const bucket = { fullAtMs: 0 };
    buckets.set(name, bucket);
    return bucket;
  };
  return {
    take: (name, perMinute, count) => take(bucketOf(name), perMinute, count, nowMs()),
    give: (name, perMinute, count) => give(bucketOf(name), perMinute, count, nowMs()),
  };
}
