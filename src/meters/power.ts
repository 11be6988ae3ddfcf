/** Makes a counter of joules out of watts that are read now and then. */
import type { Joules } from '../core/meter.ts';

/** Watts, low to high. */
export type Watts = readonly [lowW: number, highW: number];

export interface PowerIntegral {
  /** A power that holds since the reading before: nothing is counted across a longer gap than is believed. */
  add(watts: Watts, atMs: number): void;
  /** A power that was the mean of the time since the reading before. */
  addMean(watts: Watts, lastedMs: number): void;
  total(): Joules;
}

/** A sensor that was silent for longer may have missed anything: nothing is made up for that time. */
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
