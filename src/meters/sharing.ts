/**
 * Attributes the machine's power to concurrent attempts: each gets the integral of P/n (P above the idle
 * floor, n attempts in flight). What is drawn while nothing runs, and the floor at any time, is idle; what
 * is drawn while a model is loaded belongs to the loading. Their sum is what the meter counted, exactly.
 *
 * Power is known only between two samples, as a mean; the attempts that began or ended in between are
 * settled at the second one. Their record cannot wait for that, so it is given a charge: what was settled
 * so far, and for the rest of the time the recent mean power of attempts. The difference between charge and
 * settlement, either way, goes to idle: charges + idle + loading = total.
 *
 * With u(t) the integral of 1/n, and S(t) that of P/n, an attempt costs S(end) - S(start): constant time
 * an event.
 *
 * Where several processes of one gateway read the same meter, n counts the attempts of all, and each process has an equal part of what
 * is idle: what one reports is its part, and the parts add up to what the meter counted.
 */
import type { Joules, OpenAttribution, EnergyAttribution } from '../core/meter.ts';
import {
  createSettlement,
  type Attempted,
  type SettlementOptions,
  type SettlementReport,
  type SharedTime,
} from './settlement.ts';

export interface SharingOptions extends SettlementOptions {
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

export type SharingReport = SettlementReport;

export interface Sharing {
  start(): OpenAttribution;
  /** From now on this many attempts are in flight in other processes of this gateway. */
  runElsewhere(count: number): void;
  /** A model is being loaded: requests that wait for it are not charged. Returns a function that ends it. */
  loading(): () => void;
  /** The meter's counter at `atMs`. */
  sample(counter: Joules, atMs: number): void;
  busySeconds(): number;
  report(): SharingReport;
}

export function createSharing(options: SharingOptions): Sharing {
  const clock = shareClock(options.nowMs);
  const settlement = createSettlement(options);
  let overlapCount = 0;
  return {
    start: () => {
      const startedMs = clock.advance();
      clock.running += 1;
      const isShared = clock.running + clock.elsewhere > 1;
      if (isShared) overlapCount += 1;
      const attempt: Attempted = {
        u0: clock.u,
        startedMs,
        overlapCount: isShared ? Number.NaN : overlapCount,
        base: undefined,
        bagAt: -1,
      };
      settlement.begin(attempt);
      let attribution: EnergyAttribution | undefined;
      return {
        end: () => {
          if (attribution !== undefined) return attribution;
          const endedMs = clock.advance();
          clock.running -= 1;
          attribution = settlement.charge(attempt, {
            u: clock.u,
            endedMs,
            isAlone: attempt.overlapCount === overlapCount,
          });
          return attribution;
        },
      };
    },
    runElsewhere: (count) => {
      clock.advance();
      clock.elsewhere = count;
      if (count > 0) overlapCount += 1;
    },
    loading: () => {
      clock.advance();
      clock.loads += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        clock.advance();
        clock.loads -= 1;
      };
    },
    sample: (counter, atMs) => {
      clock.advance();
      settlement.settle(counter, atMs, clock);
    },
    busySeconds: () => {
      clock.advance();
      return clock.busy;
    },
    report: () => settlement.report(),
  };
}

interface ShareClock extends SharedTime {
  running: number;
  /** Those of other processes. */
  elsewhere: number;
  loads: number;
  u: number;
  busy: number;
  loaded: number;
  theirs: number;
  /** To now, which it gives back: monotonic milliseconds. */
  advance(): number;
}

function shareClock(nowMs: () => number): ShareClock {
  let lastMs = nowMs();
  const clock: ShareClock = {
    running: 0,
    elsewhere: 0,
    loads: 0,
    u: 0,
    busy: 0,
    loaded: 0,
    theirs: 0,
    advance: () => {
      const now = nowMs();
      const seconds = Math.max(0, now - lastMs) / 1000;
      lastMs = now;
      const all = clock.running + clock.elsewhere;
      if (clock.loads > 0) clock.loaded += seconds;
      else if (all > 0) {
        clock.u += seconds / all;
        clock.theirs += (seconds * clock.elsewhere) / all;
      }
      if (clock.loads > 0 || all > 0) clock.busy += seconds;
      return now;
    },
  };
  return clock;
}
