import fc from 'fast-check';
import { expect, test } from 'vitest';
import { give, take, type Bucket } from './gcra.ts';

/** A whole number of milliseconds each, so that the plain model below is exact. */
const RATES = [1, 2, 3, 5, 6, 60, 600, 6000, 60_000] as const;

const step = fc.record({
  afterMs: fc.nat(20_000),
  count: fc.integer({ min: 0, max: 80 }),
  back: fc.integer({ min: -3, max: 3 }),
});

test('agrees with a bucket that is filled by hand', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RATES),
      fc.array(step, { maxLength: 60 }),
      (perMinute, steps) => {
        const bucket: Bucket = { fullAtMs: 0 };
        const each = 60_000 / perMinute;
        // In milliseconds of filling, whole numbers.
        let level = 60_000;
        let now = 1_000_000;
        for (const { afterMs, count, back } of steps) {
          now += afterMs;
          level = Math.min(60_000, level + afterMs);
          const { isGranted, remaining, resetMs, retryAfterMs } = take(
            bucket,
            perMinute,
            count,
            now,
          );
          expect(isGranted).toBe(count <= perMinute && count * each <= level);
          if (isGranted) level -= count * each;
          expect(remaining).toBe(Math.max(0, Math.floor(level / each)));
          expect(resetMs).toBeCloseTo(60_000 - level, 3);
          const wait = count > perMinute ? Infinity : count * each - level;
          if (isGranted) expect(retryAfterMs).toBe(0);
          else expect(retryAfterMs).toBeCloseTo(wait, 3);
          give(bucket, perMinute, back, now);
          level = Math.min(60_000, level + back * each);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('any stretch of time has no more than its rate and one bucket', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.nat(3000), { minLength: 1, maxLength: 200 }),
      (perMinute, gaps) => {
        const bucket: Bucket = { fullAtMs: 0 };
        const granted: number[] = [];
        let now = 5;
        for (const gap of gaps) {
          now += gap;
          if (take(bucket, perMinute, 1, now).isGranted) granted.push(now);
        }
        for (const [at, from] of granted.entries()) {
          const to = granted.at(-1)!;
          const most = perMinute + ((to - from) * perMinute) / 60_000;
          expect(granted.length - at).toBeLessThanOrEqual(most + 1e-6);
        }
      },
    ),
  );
});

test('whoever waits as long as is said is let in, and not before', () => {
  const bucket: Bucket = { fullAtMs: 0 };
  for (let at = 0; at < 7; at += 1) expect(take(bucket, 7, 1, 100).isGranted).toBe(true);
  const { isGranted, retryAfterMs, remaining } = take(bucket, 7, 1, 100);
  expect([isGranted, remaining]).toEqual([false, 0]);
  expect(take(bucket, 7, 1, 100 + retryAfterMs - 1).isGranted).toBe(false);
  expect(take(bucket, 7, 1, 100 + retryAfterMs).isGranted).toBe(true);
});
