/**
 * Passive health checks: circuit breakers, driven by the outcome of attempts. Nothing is asked. A connection
 * that cannot be had says something about every model of an upstream; what comes back over it, about the one
 * that was asked, and perhaps only about the request.
 */
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { AttemptCause } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { Writable } from '../lib/writable.ts';
import { Breaker, type Failure, type Phase } from './breaker.ts';
import { digestOf } from './failed-bodies.ts';
import { isIll, ModelHealth, type Asking } from './model-health.ts';

interface HealthState {
  /** False while all of it, or one of its models, cools down for everybody, or has its one trial under way. */
  readonly healthy: boolean;
  /** The worst of its own and its models' breakers. */
  readonly phase: Phase;
  /** Attempts in flight. */
  readonly queueDepth: number;
  /** Median of the recent times to first token; undefined until one was seen. */
  readonly ttftMs?: number;
}

/** How an upstream stands for one request. */
export interface Condition extends Pick<HealthState, 'queueDepth' | 'ttftMs'> {
  /** No connection fault keeps it away. */
  readonly reachable: boolean;
  /** Models that this request asks last. */
  readonly unhealthyModels: readonly string[];
  /** None of its models is asked at all now. */
  readonly isShut?: boolean;
  /** Models that this request does not ask at all now: they fail, */
  readonly shutModels?: readonly string[];
  /** or too much was asked of them. */
  readonly limitedModels?: readonly string[];
  /** Milliseconds until the first of these may be asked. */
  readonly askableInMs?: number;
}

type Asked = Pick<Target, 'upstream' | 'model'>;
type Asker = Pick<Call, 'caller' | 'payload'>;
type Ended = Pick<Attempt, 'upstream' | 'model' | 'outcome' | 'cause' | 'ttftMs'>;

export interface Health {
  started(target: Asked, call: Asker): void;
  /** `retryAfterMs`: what the server said of when to ask again, from now. */
  ended(attempt: Ended, call: Asker, retryAfterMs?: number): void;
  /** A probe's answer: good news ends a cool-down early with a trial, bad news is left to attempts. */
  probed(upstream: string, isOk: boolean): void;
  /** For everybody; an upstream never heard of is healthy. */
  state(upstream: string): HealthState;
  condition(upstream: string, call: Asker): Condition;
}

/** Connection faults in a row before all of an upstream is left alone. */
const CONNECTION_FAULTS = 3;
/** Models are watched from their first failure on; the oldest go first. */
const MOST_MODELS = 256;
/** Times to first token that the median is taken of. */
const RECENT = 15;

interface Entry {
  inFlight: number;
  readonly connection: Breaker;
  /** Those that failed lately. */
  readonly models: Map<string, ModelHealth>;
  /** In the order they came, and the same by size. */
  readonly recent: number[];
  readonly sorted: number[];
  ttftMs: number | undefined;
}

interface HealthOptions {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** How many callers are told apart, by their keys; more may turn up. */
  readonly callers: () => number;
  /** A random number in 0..1. */
  readonly draw?: () => number;
  /** False: what is sick is watched, and asked like the others. */
  readonly isSpared?: boolean;
}

export function createHealth({
  nowMs,
  callers,
  draw = Math.random,
  isSpared = true,
}: HealthOptions): Health {
  const entries = new Map<string, Entry>();
  const entryOf = (upstream: string): Entry => {
    const known = entries.get(upstream);
    if (known !== undefined) return known;
    const entry = newEntry();
    entries.set(upstream, entry);
    return entry;
  };
  const seen = new Set<string>();
  const known = (): number => Math.max(callers(), seen.size);
  return {
    started: ({ upstream, model }, { caller }) => {
      const entry = entryOf(upstream);
      entry.inFlight += 1;
      if (seen.size < MOST_SEEN) seen.add(caller.name);
      const now = nowMs();
      entry.connection.started(now);
      entry.models.get(model)?.started(caller.name, now);
    },
    ended: (attempt, call, retryAfterMs) => {
      const entry = entryOf(attempt.upstream);
      entry.inFlight = Math.max(0, entry.inFlight - 1);
      if (attempt.ttftMs !== undefined) remember(entry, attempt.ttftMs);
      settle(entry, attempt, call, { now: nowMs(), known, retryAfterMs });
    },
    probed: (upstream, isOk) => {
      const { connection, models } = entryOf(upstream);
      if (!isOk) return;
      connection.retry(nowMs());
      for (const model of models.values()) model.retry(nowMs());
    },
    state: (upstream) => stateOf(entryOf(upstream), nowMs()),
    condition: (upstream, call) => {
      const entry = entryOf(upstream);
      return isSpared ? conditionOf(entry, call, nowMs(), draw) : wellOf(entry);
    },
  };
}

/** More callers than any rule here asks for. */
const MOST_SEEN = 16;

const newEntry = (): Entry => ({
  inFlight: 0,
  connection: new Breaker(({ failures }) => failures >= CONNECTION_FAULTS),
  models: new Map(),
  recent: [],
  sorted: [],
  ttftMs: undefined,
});

interface Settling {
  readonly now: number;
  readonly known: () => number;
  readonly retryAfterMs: number | undefined;
}

function settle(
  entry: Entry,
  { model, outcome, cause }: Ended,
  call: Asker,
  { now, known, retryAfterMs }: Settling,
): void {
  const { connection, models } = entry;
  const caller = call.caller.name;
  const isUntold = outcome === 'aborted' || cause === 'aborted' || cause === 'withheld';
  const isUnreachable = outcome === 'failed' && cause === 'unreachable';
  if (isUntold || isUnreachable) {
    connection.untold();
    models.get(model)?.untold(caller);
    if (isUnreachable) connection.failed(failureOf(call, cause), now);
    return;
  }
  // Whatever came back came over a connection.
  connection.succeeded(now);
  if (outcome === 'failed' && isIll(cause)) {
    watched(entry, model, known).failed(failureOf(call, cause, retryAfterMs), cause, now);
    return;
  }
  const health = models.get(model);
  if (health === undefined) return;
  health.succeeded(askingOf(call), now);
  if (health.isQuiet(now)) models.delete(model);
}

function watched({ models }: Entry, model: string, known: () => number): ModelHealth {
  const before = models.get(model);
  if (before !== undefined) return before;
  const [oldest] = models.keys();
  if (models.size >= MOST_MODELS && oldest !== undefined) models.delete(oldest);
  const health = new ModelHealth(known);
  models.set(model, health);
  return health;
}

function failureOf(
  { caller, payload }: Asker,
  cause: AttemptCause,
  retryAfterMs?: number,
): Failure {
  return {
    caller: caller.name,
    request: digestOf(payload),
    isRateLimit: cause === 'rate_limited',
    isSlow: cause === 'timeout',
    retryAfterMs,
  };
}

function askingOf({ caller, payload }: Asker): Asking {
  let digest: string | undefined;
  return { caller: caller.name, digest: () => (digest ??= digestOf(payload)) };
}

const WORST_FIRST: readonly Phase[] = ['open', 'half-open', 'closed'];

function stateOf(entry: Entry, now: number): HealthState {
  const { connection, models } = entry;
  const breakers = [connection, ...[...models.values()].map(({ everybody }) => everybody)];
  const phases = new Set(breakers.map((breaker) => breaker.phase(now)));
  return {
    healthy: !breakers.some((breaker) => breaker.isBlocking(now)),
    phase: WORST_FIRST.find((phase) => phases.has(phase)) ?? 'closed',
    ...loadOf(entry),
  };
}

const NONE: readonly string[] = Object.freeze([]);

const loadOf = ({ inFlight, ttftMs }: Entry): Pick<Condition, 'queueDepth' | 'ttftMs'> => ({
  queueDepth: inFlight,
  ...(ttftMs === undefined ? {} : { ttftMs }),
});

function conditionOf(entry: Entry, call: Asker, now: number, draw: () => number): Condition {
  const { connection, models } = entry;
  const condition = wellOf(entry);
  condition.reachable = !connection.isBlocking(now);
  if (models.size > 0) Object.assign(condition, unwell(models, call, now, draw));
  const shutMs = connection.shutMs(now);
  if (shutMs === 0) return condition;
  condition.isShut = true;
  condition.askableInMs = shutMs;
  return condition;
}

/** Of an upstream that nothing keeps a request from. */
function wellOf({ inFlight, ttftMs }: Entry): Writable<Condition> {
  const condition: Writable<Condition> = {
    reachable: true,
    unhealthyModels: NONE,
    queueDepth: inFlight,
  };
  if (ttftMs !== undefined) condition.ttftMs = ttftMs;
  return condition;
}

type Unwell = Pick<Condition, 'unhealthyModels' | 'shutModels' | 'limitedModels' | 'askableInMs'>;

function unwell(
  models: ReadonlyMap<string, ModelHealth>,
  call: Asker,
  now: number,
  draw: () => number,
): Unwell {
  const asking = askingOf(call);
  const unhealthyModels: string[] = [];
  const shutModels: string[] = [];
  const limitedModels: string[] = [];
  let askableInMs = Infinity;
  for (const [model, health] of models) {
    const { isBlocking, shutMs, isLimited } = health.standing(asking, now, draw);
    if (isBlocking) unhealthyModels.push(model);
    if (shutMs === 0) continue;
    (isLimited ? limitedModels : shutModels).push(model);
    askableInMs = Math.min(askableInMs, shutMs);
  }
  return {
    unhealthyModels: unhealthyModels.length === 0 ? NONE : unhealthyModels,
    ...(shutModels.length === 0 ? {} : { shutModels }),
    ...(limitedModels.length === 0 ? {} : { limitedModels }),
    ...(askableInMs === Infinity ? {} : { askableInMs }),
  };
}

function remember(entry: Entry, ttftMs: number): void {
  const { recent, sorted } = entry;
  recent.push(ttftMs);
  if (recent.length > RECENT) sorted.splice(sorted.indexOf(recent.shift() ?? 0), 1);
  const larger = sorted.findIndex((other) => other > ttftMs);
  sorted.splice(larger === -1 ? sorted.length : larger, 0, ttftMs);
  entry.ttftMs = sorted[sorted.length >> 1];
}
