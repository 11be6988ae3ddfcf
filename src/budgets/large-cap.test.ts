import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Budget, LargeCap } from '../core/budget.ts';
import type { Call } from '../core/call.ts';
import { call as aCall } from '../../test/support/call.ts';
import { largeCaps } from './large-cap.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const capped = (large: LargeCap): Budget => ({
  name: 'b',
  scope: { kind: 'key', name: 'k' },
  limitNanoUsd: 1e9,
  per: 'day',
  zone: 'UTC',
  unpriced: 'refuse',
  warnAt: [],
  large,
});

describe('dollars an hour', () => {
  const own = [capped({ nanoUsdPerHour: 100 })];

  test('count from the reservation, as what was used once that is known', () => {
    const caps = largeCaps();
    const settle = caps.hold(own, 70, 0);
    expect(caps.left(own, 1)).toBe(30);
    settle(20);
    expect(caps.left(own, 1)).toBe(80);
  });

  test('say when there is room again', () => {
    const caps = largeCaps();
    caps.hold(own, 60, 0);
    caps.hold(own, 40, 10 * MINUTE_MS);
    const atMs = 20 * MINUTE_MS;
    expect(caps.short(own, 50, atMs)?.untilMs).toBe(HOUR_MS + MINUTE_MS);
    expect(caps.short(own, 90, atMs)?.untilMs).toBe(HOUR_MS + 11 * MINUTE_MS);
    expect(caps.short(own, 101, atMs)).toEqual({ budget: own[0], what: 'usdPerHour' });
    expect(caps.short(own, 50, HOUR_MS + MINUTE_MS)).toBeUndefined();
  });

  test('count what other processes have committed', () => {
    const caps = largeCaps();
    const [limit] = caps.limits(own, 0);
    caps.elsewhere(limit!.window!.at(-5)!, 90);
    expect(caps.left(own, 0)).toBe(10);
    caps.elsewhere('["key","k","day","UTC",0]', 90);
    expect(caps.left(own, 0)).toBe(10);
  });

  test('never exceed the cap in any hour', () => {
    const at = fc.nat({ max: 5 * HOUR_MS });
    const asked = fc.array(fc.tuple(at, fc.integer({ min: 1, max: 60 }), fc.nat({ max: 60 })));
    const play = (steps: readonly (readonly [number, number, number])[]): void => {
      const caps = largeCaps();
      const spent: { readonly atMs: number; nano: number }[] = [];
      for (const [atMs, nano, used] of steps.toSorted(([a], [b]) => a - b)) {
        if (caps.left(own, atMs) < nano) continue;
        caps.hold(own, nano, atMs)(Math.min(used, nano));
        spent.push({ atMs, nano: Math.min(used, nano) });
      }
      for (const { atMs: from } of spent) {
        const hour = spent.filter(({ atMs }) => atMs >= from && atMs < from + HOUR_MS);
        expect(hour.reduce((sum, { nano }) => sum + nano, 0)).toBeLessThanOrEqual(100);
      }
    };
    fc.assert(fc.property(asked, play), { numRuns: 500 });
  });
});

describe('a share', () => {
  const own = [capped({ share: 0.4 })];
  const ask = (caps: ReturnType<typeof largeCaps>, call: Call, isLarge: boolean, atMs: number) => {
    if (isLarge && caps.full(own, call, atMs) !== undefined) return false;
    caps.asked(own, call, isLarge, atMs);
    return isLarge;
  };

  test('holds when every request wants the large model', () => {
    const caps = largeCaps();
    let large = 0;
    for (let at = 0; at < 1000; at += 1) {
      const call = aCall();
      if (ask(caps, call, true, at)) large += 1;
      else caps.asked(own, call, false, at);
      expect(large).toBeLessThanOrEqual(Math.ceil(0.4 * (at + 1)));
    }
    expect(large).toBe(400);
  });

  test('counts a request once, whatever becomes of it', () => {
    const caps = largeCaps();
    const escalated = aCall();
    expect(ask(caps, escalated, false, 0)).toBe(false);
    expect(ask(caps, escalated, true, 0)).toBe(true);
    // It is large already: a second large target is no other request.
    expect(caps.full(own, escalated, 0)).toBeUndefined();
    expect(caps.full(own, aCall(), 0)?.untilMs).toBe(HOUR_MS + MINUTE_MS);
  });
});
