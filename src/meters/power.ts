/** Integrates power readings into a counter of joules. */
import type { Joules } from '../core/meter.ts';

/** Watts, low to high. */
export type Watts = readonly [lowW: number, highW: number];

export interface PowerIntegral {
  /** A power at a moment. Nothing is counted across a gap longer than `longestGapMs`. */
  add(watts: Watts, atMs: number): void;
  /** The mean power since the last reading. */
  addMean(watts: Watts, lastedMs: number): void;
  total(): Joules;
}

/** A sensor that was silent for longer may have missed anything: that time is not estimated. */
const LONGEST_GAP_MS = 10_000;

/** The trapezoid rule: exact where power changes evenly between two readings. */
export function integratePower(longestGapMs = LONGEST_GAP_MS): PowerIntegral {
  let last: { readonly watts: Watts; readonly atMs: number } | undefined;
  let low = 0;
  let high = 0;
  return {
    add: (watts, atMs) => {
      const gapMs = last === undefined ? Infinity : atMs - last.atMs;
      if (last !== undefined && gapMs > 0 && gapMs <= longestGapMs) {
        low += ((last.watts[0] + watts[0]) / 2) * (gapMs / 1000);
        high += ((last.watts[1] + watts[1]) / 2) * (gapMs / 1000);
      }
      if (gapMs > 0) last = { watts, atMs };
    },
    addMean: (watts, lastedMs) => {
      if (lastedMs <= 0 || lastedMs > longestGapMs) return;
      low += watts[0] * (lastedMs / 1000);
      high += watts[1] * (lastedMs / 1000);
    },
    total: () => [low, high],
  };
}
