/** Limits of how often and how much a key may ask. */
import type { Soon } from '../lib/soon.ts';

/** Limits of a minute, and of requests at once; what is left out is not limited. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrent?: number;
}

/** What came of asking a bucket for some. */
export interface Taken {
  readonly isGranted: boolean;
  /** What could be taken at once, now. */
  readonly remaining: number;
  /** Milliseconds until it is full again. */
  readonly resetMs: number;
  /** Milliseconds until as much could be had; 0 where it was granted, Infinity where it never can. */
  readonly retryAfterMs: number;
}

/** Buckets by name. Loss is harmless: a bucket that is unknown is full. */
export interface RateBuckets {
  take(bucket: string, perMinute: number, count: number): Soon<Taken>;
  /** Gives back, or takes without asking where `count` is negative. Never waits, and never throws. */
  give(bucket: string, perMinute: number, count: number): void;
}
