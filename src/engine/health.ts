/** Which upstreams to leave alone for a while, told by how their attempts ended: nothing is asked. */
import type { AttemptCause } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';

interface HealthState {
  /** False while it cools down, or while its one trial is under way. */
  readonly healthy: boolean;
  /** closed: works; open: cools down; half-open: one attempt may try, or is trying. */
  readonly phase: 'closed' | 'open' | 'half-open';
  /** Attempts in flight. */
  readonly queueDepth: number;
  /** Median of the recent times to first token; undefined until one was seen. */
  readonly ttftMs?: number;
}

export interface Health {
  started(upstream: string): void;
  ended(attempt: Pick<Attempt, 'upstream' | 'outcome' | 'cause' | 'ttftMs'>): void;
  /** A probe's answer: good news ends a cool-down early with a trial, bad news is left to attempts. */
  probed(upstream: string, isOk: boolean): void;
  /** Takes constant time; an upstream never heard of is healthy. */
  state(upstream: string): HealthState;
}

/** Failures in a row before an upstream is left alone. */
const FAILURES = 3;
const FIRST_COOL_DOWN_MS = 5000;
const LONGEST_COOL_DOWN_MS = 60_000;
/** A rate limit passes by itself: waiting a minute for it would cost more than asking. */
const LONGEST_RATE_LIMIT_MS = 10_000;
/** Times to first token that the median is taken of. */
const RECENT = 15;

/** What says that an upstream is ill. The other causes are answers: they show that it lives. */
const ILL: ReadonlySet<AttemptCause> = new Set<AttemptCause>([
  'unreachable',
  'timeout',
  'interrupted',
  'rate_limited',
  'server_error',
  'auth',
  'bad_answer',
  'overloaded',
]);

interface Entry {
  inFlight: number;
  failuresInRow: number;
  /** Cool-downs since it last worked. */
  coolDowns: number;
  /** Undefined while it works. */
  openUntilMs: number | undefined;
  isOnTrial: boolean;
  recent: number[];
  ttftMs: number | undefined;
}

/** @param nowMs monotonic milliseconds. */
export function createHealth(nowMs: () => number): Health {
  const entries = new Map<string, Entry>();
  const entryOf = (upstream: string): Entry => {
    const known = entries.get(upstream);
    if (known !== undefined) return known;
    const entry = newEntry();
    entries.set(upstream, entry);
    return entry;
  };
  return {
    started: (upstream) => {
      const entry = entryOf(upstream);
      entry.inFlight += 1;
      if (phaseOf(entry, nowMs()) === 'half-open') entry.isOnTrial = true;
    },
    ended: ({ upstream, outcome, cause, ttftMs }) => {
      const entry = entryOf(upstream);
      entry.inFlight = Math.max(0, entry.inFlight - 1);
      if (ttftMs !== undefined) remember(entry, ttftMs);
      const isUntold = cause === 'aborted' || cause === 'withheld';
      if (outcome === 'aborted' || isUntold) entry.isOnTrial = false;
      else if (outcome === 'failed' && cause !== undefined && ILL.has(cause)) {
        fail(entry, cause, nowMs());
      } else close(entry);
    },
    probed: (upstream, isOk) => {
      const entry = entryOf(upstream);
      if (isOk && entry.openUntilMs !== undefined) entry.openUntilMs = nowMs();
    },
    state: (upstream) => stateOf(entryOf(upstream), nowMs()),
  };
}

const newEntry = (): Entry => ({
  inFlight: 0,
  failuresInRow: 0,
  coolDowns: 0,
  openUntilMs: undefined,
  isOnTrial: false,
  recent: [],
  ttftMs: undefined,
});

function phaseOf({ openUntilMs }: Entry, now: number): HealthState['phase'] {
  if (openUntilMs === undefined) return 'closed';
  return now < openUntilMs ? 'open' : 'half-open';
}

function stateOf(entry: Entry, now: number): HealthState {
  const phase = phaseOf(entry, now);
  return {
    healthy: phase === 'closed' || (phase === 'half-open' && !entry.isOnTrial),
    phase,
    queueDepth: entry.inFlight,
    ...(entry.ttftMs === undefined ? {} : { ttftMs: entry.ttftMs }),
  };
}

function close(entry: Entry): void {
  entry.failuresInRow = 0;
  entry.coolDowns = 0;
  entry.openUntilMs = undefined;
  entry.isOnTrial = false;
}

function fail(entry: Entry, cause: AttemptCause, now: number): void {
  entry.failuresInRow += 1;
  const phase = phaseOf(entry, now);
  // Attempts that began before the cool-down say nothing new when they fail within it.
  if (phase === 'open' || (phase === 'closed' && entry.failuresInRow < FAILURES)) return;
  const longest = cause === 'rate_limited' ? LONGEST_RATE_LIMIT_MS : LONGEST_COOL_DOWN_MS;
  entry.openUntilMs = now + Math.min(longest, FIRST_COOL_DOWN_MS * 2 ** entry.coolDowns);
  entry.coolDowns += 1;
  entry.isOnTrial = false;
}

function remember(entry: Entry, ttftMs: number): void {
  entry.recent.push(ttftMs);
  if (entry.recent.length > RECENT) entry.recent.shift();
  const sorted = entry.recent.toSorted((a, b) => a - b);
  entry.ttftMs = sorted[sorted.length >> 1];
}
