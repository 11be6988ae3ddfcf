/** Estimates the idle power of a machine, and its power above idle while something runs, from what was seen so far. */
import type { Joules } from '../core/meter.ts';

/** The highest power above idle of an unknown processor: CodeCarbon's 85 W, less a tenth. */
const UNKNOWN_BUSY_WATTS = 76.5;
/** Shorter intervals do not show the idle power reliably. */
const SHORTEST_IDLE_S = 0.2;
/** Busy seconds after which a power has half its weight in the mean. */
const HALF_LIFE_S = 30;

export const NOTHING: Joules = [0, 0];
export const plus = (a: Joules, b: Joules): Joules => [a[0] + b[0], a[1] + b[1]];
export const minus = (a: Joules, b: Joules): Joules => [a[0] - b[0], a[1] - b[1]];
export const times = (a: Joules, factor: number): Joules => [a[0] * factor, a[1] * factor];

export interface IdleFloor {
  observe(joules: number, seconds: number): void;
  watts(): number;
  isKnown(): boolean;
}

/** As configured, else the lowest power of any interval in which nothing ran. */
export function idleFloor(configured: number | undefined): IdleFloor {
  let least = configured ?? Infinity;
  return {
    observe: (joules, seconds) => {
      if (configured === undefined && seconds >= SHORTEST_IDLE_S) {
        least = Math.min(least, joules / seconds);
      }
    },
    watts: () => (least === Infinity ? 0 : least),
    isKnown: () => least !== Infinity,
  };
}

export interface BusyPower {
  observe(active: Joules, busySeconds: number): void;
  watts(floorWatts: number): Joules;
  maxWatts(floorWatts: number): number;
  isKnown(): boolean;
}

/** The mean power above idle of recent busy seconds: the charge rate of an unfinished interval. */
export function busyPower({ maxWatts }: { readonly maxWatts?: number }): BusyPower {
  let joules = NOTHING;
  let seconds = 0;
  const max = (floorWatts: number): number => (maxWatts ?? Infinity) - floorWatts;
  return {
    observe: (active, busySeconds) => {
      const kept = 2 ** (-busySeconds / HALF_LIFE_S);
      joules = plus(times(joules, kept), active);
      seconds = seconds * kept + busySeconds;
    },
    watts: (floorWatts) => {
      if (seconds > 0) return times(joules, 1 / seconds);
      return [0, maxWatts === undefined ? UNKNOWN_BUSY_WATTS : Math.max(0, max(floorWatts))];
    },
    maxWatts: (floorWatts) => Math.max(0, max(floorWatts)),
    isKnown: () => seconds > 0,
  };
}
