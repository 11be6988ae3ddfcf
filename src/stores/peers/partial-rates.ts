/** Rate limits of replicas that share none: each lets through its part. */
import type { RateBuckets } from '../../core/rate-limits.ts';

/** At least one: a limit lets something through, however many there are. */
export const partOf = (perMinute: number, replicas: number): number =>
  Math.max(1, Math.floor(perMinute / replicas));

/** @param replicas - how many there are, as far as is known here */
export const partialRates = (here: RateBuckets, replicas: () => number): RateBuckets => ({
  take: (bucket, perMinute, count) => here.take(bucket, partOf(perMinute, replicas()), count),
  give: (bucket, perMinute, count) => here.give(bucket, partOf(perMinute, replicas()), count),
});
