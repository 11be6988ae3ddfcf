/**
 * Detects keys whose requests reach the large model unusually often: a router can be fooled, and this is how it shows. It compares what
 * the router wanted, so that a cap which holds does not hide the cause. Each process watches by itself.
 */
import { LRUCache } from 'lru-cache';
import { commonAffixes, type CommonAffixes } from './common-affixes.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** What is compared with the days before. */
const WINDOW_MINUTES = 10;
/** Fewer requests than these say nothing: of the window, and of the days before. */
const LEAST_NOW = 30;
const LEAST_BEFORE = 200;
const HOURS = 7 * 24;
/** Standard deviations above the usual share. */
const SIGMAS = 3;
/** It is over when it was not seen for so long. */
const OVER_MS = WINDOW_MINUTES * MINUTE_MS;
/** Keys that are remembered; the least recently asking goes first. */
const MOST_KEYS = 1000;

type AnomalyKind = 'share' | 'beginning' | 'ending';

/** What a key asked in an hour before this process. */
export interface UsualHour {
  readonly key: string;
  /** Milliseconds since the epoch, of its beginning. */
  readonly atMs: number;
  readonly requests: number;
  readonly large: number;
}

interface RoutedRequest {
  /** The caller's words. */
  readonly task: string;
  /** The large model was wanted. */
  readonly isLarge: boolean;
  readonly atMs: number;
}

export interface RouterAnomalies {
  /** Takes a request that was routed. About 1 µs. */
  routed(key: string, request: RoutedRequest): void;
  /** Until when a key's anomaly lasts, if nothing more happens; undefined without one. */
  untilMs(key: string, atMs: number): number | undefined;
  /** How many keys have each kind now. */
  counts(atMs: number): Readonly<Record<AnomalyKind, number>>;
  learn(hours: readonly UsualHour[]): void;
}

interface Usual extends Counted {
  readonly hour: number;
  readonly variance: number;
}

interface Watched {
  readonly minutes: Steps;
  readonly hours: Steps;
  readonly affixes: CommonAffixes;
  /** Of the hours before the present one. */
  usual?: Usual;
  /** When each kind was seen last. */
  readonly seen: Map<AnomalyKind, number>;
}

export function routerAnomalies(): RouterAnomalies {
  const keys = new LRUCache<string, Watched>({ max: MOST_KEYS });
  const watchedOf = (key: string): Watched => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const made: Watched = {
      minutes: steps(WINDOW_MINUTES, MINUTE_MS),
      hours: steps(HOURS, HOUR_MS),
      affixes: commonAffixes(WINDOW_MINUTES * MINUTE_MS),
      seen: new Map(),
    };
    keys.set(key, made);
    return made;
  };
  return {
    routed: (key, { task, isLarge, atMs }) => {
      const watched = watchedOf(key);
      watched.minutes.count(atMs, 1, isLarge ? 1 : 0);
      watched.hours.count(atMs, 1, isLarge ? 1 : 0);
      if (!isLarge) return;
      const shared = watched.affixes.seen(task, atMs);
      if (!isUnusual(watched, atMs)) return;
      watched.seen.set('share', atMs);
      for (const kind of shared) watched.seen.set(kind, atMs);
    },
    untilMs: (key, atMs) => {
      const { seen } = keys.peek(key) ?? {};
      const last = Math.max(...(seen?.values() ?? []));
      return last + OVER_MS > atMs ? last + OVER_MS : undefined;
    },
    counts: (atMs) => {
      const counts = { share: 0, beginning: 0, ending: 0 };
      for (const { seen } of keys.values())
        for (const [kind, at] of seen) if (at + OVER_MS > atMs) counts[kind] += 1;
      return counts;
    },
    learn: (hours) => {
      for (const { key, atMs, requests, large } of hours) {
        const watched = watchedOf(key);
        watched.hours.count(atMs, requests, large);
        delete watched.usual;
      }
    },
  };
}

/**
 * The window's share against that of the whole hours before: beyond three standard deviations, of which a part is chance (binomial)
 * and a part how the hours differ among themselves.
 */
function isUnusual(watched: Watched, atMs: number): boolean {
  const now = watched.minutes.sum(atMs, 0);
  if (now.requests < LEAST_NOW) return false;
  const before = usualOf(watched, atMs);
  if (before.requests < LEAST_BEFORE) return false;
  // One more of each, as no share is known to be 0 or 1.
  const usual = (before.large + 1) / (before.requests + 2);
  const chance = (usual * (1 - usual)) / now.requests;
  return now.large / now.requests > usual + SIGMAS * Math.sqrt(chance + before.variance);
}

function usualOf(watched: Watched, atMs: number): Usual {
  const hour = Math.floor(atMs / HOUR_MS);
  if (watched.usual?.hour === hour) return watched.usual;
  const { hours } = watched;
  watched.usual = { hour, ...hours.sum(atMs, 1), variance: hours.variance(atMs) };
  return watched.usual;
}

interface Counted {
  readonly requests: number;
  readonly large: number;
}

interface Steps {
  count(atMs: number, requests: number, large: number): void;
  /** Of the last steps, without the latest `without`. */
  sum(atMs: number, without: number): Counted;
  /** Of the steps' shares, without the present one. */
  variance(atMs: number): number;
}

/** Steps with fewer say nothing of how steps differ. */
const LEAST_IN_STEP = 20;

/** Counts of the last so many steps, in a ring. */
function steps(most: number, stepMs: number): Steps {
  const size = most + 1;
  const numbers = new Float64Array(size).fill(-1);
  const requests = new Float64Array(size);
  const large = new Float64Array(size);
  /** The places of the steps that are not older than the ring, without the latest. */
  function* places(atMs: number, without: number): Generator<number> {
    const now = Math.floor(atMs / stepMs);
    for (let at = 0; at < size; at += 1) {
      const age = now - numbers[at]!;
      if (age >= without && age < most + without) yield at;
    }
  }
  return {
    count: (atMs, more, moreLarge) => {
      const number = Math.floor(atMs / stepMs);
      const at = number % size;
      // What is older than the ring is not counted.
      if (numbers[at]! > number) return;
      if (numbers[at]! < number) {
        numbers[at] = number;
        requests[at] = 0;
        large[at] = 0;
      }
      requests[at]! += more;
      large[at]! += moreLarge;
    },
    sum: (atMs, without) => {
      const sum = { requests: 0, large: 0 };
      for (const at of places(atMs, without)) {
        sum.requests += requests[at]!;
        sum.large += large[at]!;
      }
      return sum;
    },
    variance: (atMs) => {
      const shares: number[] = [];
      for (const at of places(atMs, 1))
        if (requests[at]! >= LEAST_IN_STEP) shares.push(large[at]! / requests[at]!);
      if (shares.length < 2) return 0;
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
      return squares / (shares.length - 1);
    },
  };
}
