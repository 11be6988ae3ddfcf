/**
 * The generic cell rate algorithm: a bucket that holds a minute's worth and fills steadily, kept as one time (ITU-T I.371). It is
 * exact: nothing is forgotten at the turn of a minute, so that no two bursts come together there.
 */

const MINUTE_MS = 60_000;

/** When the bucket would be full: from then on it holds all of a minute's worth. */
export interface Bucket {
  fullAtMs: number;
}

export interface Outcome {
  readonly isGranted: boolean;
  readonly remaining: number;
  readonly resetMs: number;
  readonly retryAfterMs: number;
}

/** Takes `count` where it is there, and nothing where it is not. `nowMs` is monotonic. */
export function take(bucket: Bucket, perMinute: number, count: number, nowMs: number): Outcome {
  const each = MINUTE_MS / perMinute;
  const before = Math.max(bucket.fullAtMs, nowMs);
  const after = before + count * each;
  const isGranted = count <= perMinute && after - nowMs <= MINUTE_MS + ROUNDING_MS;
  if (isGranted) bucket.fullAtMs = after;
  const resetMs = (isGranted ? after : before) - nowMs;
  return {
    isGranted,
    remaining: Math.max(0, Math.floor((MINUTE_MS - resetMs + ROUNDING_MS) / each)),
    resetMs,
    retryAfterMs: isGranted ? 0 : count > perMinute ? Infinity : after - nowMs - MINUTE_MS,
  };
}

/** Sums of fractions of a millisecond: a thousandth of one is nobody's gain. */
export const ROUNDING_MS = 0.001;

/** Gives back what was taken and not used; with a negative count, takes what was used beyond it. */
export function give(bucket: Bucket, perMinute: number, count: number, nowMs: number): void {
  bucket.fullAtMs = Math.max(bucket.fullAtMs, nowMs) - (count * MINUTE_MS) / perMinute;
}
