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
 */
import type { Joules, OpenAttribution, EnergyAttribution } from '../core/meter.ts';
import {
  createSettlement,
  type Attempted,
  type SettlementOptions,
  type SettlementReport,
} from './settlement.ts';

export interface SharingOptions extends SettlementOptions {
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

export type SharingReport = SettlementReport;

export interface Sharing {
  start(): OpenAttribution;
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
      clock.advance();
      clock.running += 1;
      if (clock.running > 1) overlapCount += 1;
      const attempt: Attempted = {
        u0: clock.u,
        startedMs: options.nowMs(),
        overlapCount: clock.running > 1 ? Number.NaN : overlapCount,
        base: undefined,
        bagAt: -1,
      };
      settlement.begin(attempt);
      let attribution: EnergyAttribution | undefined;
      return {
        end: () => {
          if (attribution !== undefined) return attribution;
          clock.advance();
          clock.running -= 1;
          attribution = settlement.charge(attempt, {
            u: clock.u,
            endedMs: options.nowMs(),
            isAlone: attempt.overlapCount === overlapCount,
          });
          return attribution;
        },
      };
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

interface ShareClock {
  running: number;
  loads: number;
  /** Seconds: the integral of 1/n while nothing is loaded, the time in which anything ran, and the part of it that loaded. */
  u: number;
  busy: number;
  loaded: number;
  advance(): void;
}

function shareClock(nowMs: () => number): ShareClock {
  let lastMs = nowMs();
  const clock: ShareClock = {
    running: 0,
    loads: 0,
    u: 0,
    busy: 0,
    loaded: 0,
    advance: () => {
      const now = nowMs();
      const seconds = Math.max(0, now - lastMs) / 1000;
      lastMs = now;
      if (clock.loads > 0) clock.loaded += seconds;
      else if (clock.running > 0) clock.u += seconds / clock.running;
      if (clock.loads > 0 || clock.running > 0) clock.busy += seconds;
    },
  };
  return clock;
}
