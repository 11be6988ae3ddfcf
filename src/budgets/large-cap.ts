/**
 * The large model's cap: of a budget's scope, the share of requests that a large model may answer and the dollars an hour that it
 * may cost. Both hold over any hour, in steps of a minute: what happened counts for 60 to 61 minutes.
 */
import type { SpendingLimit } from '../core/attempt-log.ts';
import type { Budget } from '../core/budget.ts';
import type { Call } from '../core/call.ts';

const MINUTE_MS = 60_000;
/** Minutes that count beside the present one. */
const MINUTES = 60;

/** Why a large model may not be asked, and when it may: milliseconds since the epoch, absent where that never comes. */
export interface Full {
  readonly budget: Budget;
  readonly what: 'share' | 'usdPerHour' | 'anomaly';
  readonly untilMs?: number;
}

export interface LargeCaps {
  /** Whether one more request may be answered by a large model, as far as its share goes. */
  full(capped: readonly Budget[], call: Call, atMs: number): Full | undefined;
  /** What a large model may still cost, in nano-USD; infinite without a limit. */
  left(capped: readonly Budget[], atMs: number): number;
  /** The cap that so much does not fit. */
  short(capped: readonly Budget[], nanoUsd: number, atMs: number): Full | undefined;
  /** Counts a request, once, and that a large model is asked for it, once. */
  asked(capped: readonly Budget[], call: Call, isLarge: boolean, atMs: number): void;
  /** Holds what an attempt at a large model may cost; the result puts what it did cost in its place. */
  hold(capped: readonly Budget[], nanoUsd: number, atMs: number): (usedNanoUsd: number) => void;
  /** What must hold over all processes. */
  limits(capped: readonly Budget[], atMs: number): readonly SpendingLimit[];
  /** What other processes have committed in one minute's account. */
  elsewhere(key: string, nanoUsd: number): void;
}

interface Minute {
  requests: number;
  large: number;
  nanoUsd: number;
  elsewhere: number;
}

export const isCapped = ({ large }: Budget): boolean => large !== undefined;

export function largeCaps(): LargeCaps {
  const minutes = new Map<string, Minute>();
  const marks = new WeakMap<Call, 'small' | 'large'>();
  const present = (capped: readonly Budget[], atMs: number): readonly Minute[] => {
    forget(minutes, atMs);
    const keys = new Set(capped.map((budget) => windowOf(budget, atMs).at(-1)!));
    return [...keys].map((key) => minuteIn(minutes, key));
  };
  return {
    full: (capped, call, atMs) => {
      const counted = marks.get(call);
      if (counted === 'large') return undefined;
      const more = counted === undefined ? 1 : 0;
      return firstOf(capped, (budget) => fullShare(minutes, budget, more, atMs));
    },
    left: (capped, atMs) =>
      Math.max(0, Math.min(Infinity, ...capped.map((budget) => room(minutes, budget, atMs)))),
    short: (capped, nanoUsd, atMs) =>
      firstOf(capped, (budget) => shortOf(minutes, budget, nanoUsd, atMs)),
    asked: (capped, call, isLarge, atMs) => {
      const before = marks.get(call);
      if (before === 'large' || (before === 'small' && !isLarge)) return;
      marks.set(call, isLarge ? 'large' : 'small');
      for (const minute of present(capped, atMs)) {
        if (before === undefined) minute.requests += 1;
        if (isLarge) minute.large += 1;
      }
    },
    hold: (capped, nanoUsd, atMs) => {
      const held = present(capped, atMs);
      for (const minute of held) minute.nanoUsd += nanoUsd;
      return (used) => {
        for (const minute of held) minute.nanoUsd += used - nanoUsd;
      };
    },
    limits: (capped, atMs) => capped.flatMap((budget) => limitOf(budget, atMs)),
    elsewhere: (key, nanoUsd) => {
      if (isMinute(key)) minuteIn(minutes, key).elsewhere = nanoUsd;
    },
  };
}

type Minutes = Map<string, Minute>;

function minuteIn(minutes: Minutes, key: string): Minute {
  const known = minutes.get(key);
  if (known !== undefined) return known;
  const made = { requests: 0, large: 0, nanoUsd: 0, elsewhere: 0 };
  minutes.set(key, made);
  return made;
}

function firstOf(
  budgets: readonly Budget[],
  find: (budget: Budget) => Full | undefined,
): Full | undefined {
  for (const budget of budgets) {
    const found = find(budget);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param more 1 for a request that is not counted yet */
function fullShare(minutes: Minutes, budget: Budget, more: 0 | 1, atMs: number): Full | undefined {
  const share = budget.large?.share;
  if (share === undefined) return undefined;
  const window = windowOf(budget, atMs).map((key) => minutes.get(key));
  let requests = sumOf(window, (minute) => minute.requests) + more;
  let large = sumOf(window, (minute) => minute.large) + 1;
  const fits = (): boolean => large <= Math.ceil(share * requests);
  if (fits()) return undefined;
  const until = firstThat(window, atMs, (minute) => {
    requests -= minute?.requests ?? 0;
    large -= minute?.large ?? 0;
    return fits();
  });
  return { budget, what: 'share', ...until };
}

function shortOf(
  minutes: Minutes,
  budget: Budget,
  nanoUsd: number,
  atMs: number,
): Full | undefined {
  let left = room(minutes, budget, atMs);
  if (left >= nanoUsd) return undefined;
  const window = windowOf(budget, atMs).map((key) => minutes.get(key));
  const until = firstThat(window, atMs, (minute) => {
    left += minute === undefined ? 0 : spentIn(minute);
    return left >= nanoUsd;
  });
  return { budget, what: 'usdPerHour', ...until };
}

function room(minutes: Minutes, budget: Budget, atMs: number): number {
  const limit = budget.large?.nanoUsdPerHour;
  if (limit === undefined) return Infinity;
  const window = windowOf(budget, atMs).map((key) => minutes.get(key));
  return limit - sumOf(window, spentIn);
}

const spentIn = ({ nanoUsd, elsewhere }: Minute): number => nanoUsd + elsewhere;

const sumOf = (window: readonly (Minute | undefined)[], of: (minute: Minute) => number): number =>
  window.reduce((sum, minute) => (minute === undefined ? sum : sum + of(minute)), 0);

const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS);

/** Names the scope and the minute, the same in every process: `["large","key","bot",29933120]`. */
function keyOf({ scope }: Budget, minute: number): string {
  return JSON.stringify([PREFIX, scope.kind, scope.kind === 'gateway' ? '' : scope.name, minute]);
}

const PREFIX = 'large';
const isMinute = (key: string): boolean => key.startsWith(`["${PREFIX}"`);

/** The last that was made for each budget: every request of a minute asks for the same. */
const windows = new WeakMap<
  Budget,
  { readonly minute: number; readonly keys: readonly string[] }
>();

/** The accounts of an hour, the oldest first. */
function windowOf(budget: Budget, atMs: number): readonly string[] {
  const minute = minuteOf(atMs);
  const known = windows.get(budget);
  if (known?.minute === minute) return known.keys;
  const keys = Array.from({ length: MINUTES + 1 }, (_, at) => keyOf(budget, minute - MINUTES + at));
  windows.set(budget, { minute, keys });
  return keys;
}

/** When enough minutes have left the window, in the order in which they do. */
function firstThat(
  window: readonly (Minute | undefined)[],
  atMs: number,
  fits: (left: Minute | undefined) => boolean,
): { readonly untilMs?: number } {
  const oldest = minuteOf(atMs) - MINUTES;
  const at = window.findIndex(fits);
  return at < 0 ? {} : { untilMs: (oldest + at + MINUTES + 1) * MINUTE_MS };
}

function limitOf(budget: Budget, atMs: number): readonly SpendingLimit[] {
  const limitNanoUsd = budget.large?.nanoUsdPerHour;
  if (limitNanoUsd === undefined) return [];
  const window = windowOf(budget, atMs);
  const startMs = minuteOf(atMs) * MINUTE_MS;
  return [
    {
      key: keyOf(budget, minuteOf(atMs)),
      scope: budget.scope,
      startMs,
      endMs: startMs + MINUTE_MS,
      limitNanoUsd,
      budget: budget.name,
      window,
    },
  ];
}

/** A clock that is set back by less than an hour finds its minutes again. */
function forget(minutes: Minutes, atMs: number): void {
  if (minutes.size < 500) return;
  const oldest = minuteOf(atMs) - 2 * MINUTES;
  for (const key of minutes.keys()) {
    const [, , , minute = 0]: readonly [string, string, string, number?] = JSON.parse(key);
    if (minute < oldest) minutes.delete(key);
  }
}
