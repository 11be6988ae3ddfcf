/**
 * Passive health checks: circuit breakers, driven by the outcome of attempts. Nothing is asked. A connection
 * that cannot be had says something about every model of an upstream; what comes back over it, about the one
 * that was asked, and perhaps only about the request.
 */
import { createHash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { AttemptCause } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import { createBreaker, type Breaker, type Failure, type Phase } from './breaker.ts';

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

/** How an upstream stands for one caller. */
export interface Condition extends Pick<HealthState, 'queueDepth' | 'ttftMs'> {
  /** No connection fault keeps it away. */
  readonly reachable: boolean;
  /** Models that this caller leaves alone for a while. */
  readonly unhealthyModels: readonly string[];
}

type Asked = Pick<Target, 'upstream' | 'model'>;
type Asker = Pick<Call, 'caller' | 'payload'>;
type Ended = Pick<Attempt, 'upstream' | 'model' | 'outcome' | 'cause' | 'ttftMs'>;

export interface Health {
  started(target: Asked, call: Asker): void;
  ended(attempt: Ended, call: Asker): void;
  /** A probe's answer: good news ends a cool-down early with a trial, bad news is left to attempts. */
  probed(upstream: string, isOk: boolean): void;
  /** For everybody; an upstream never heard of is healthy. */
  state(upstream: string): HealthState;
  condition(upstream: string, caller: string): Condition;
}

/** Connection faults in a row before all of an upstream is left alone. */
const CONNECTION_FAULTS = 3;
/** Different requests that must fail in a row: one that cannot be answered says nothing about the others. */
const REQUESTS = 5;
/** And of as many callers, where there are several: none closes a model for the others. */
const CALLERS = 2;
/** Breakers of models are made when a model fails; the oldest go first. */
const MOST_MODELS = 256;
/** Times to first token that the median is taken of. */
const RECENT = 15;

/** What says that a model is ill. The other causes are answers, which show that it lives, or say nothing. */
const ILL: ReadonlySet<AttemptCause> = new Set<AttemptCause>([
  'timeout',
  'interrupted',
  'rate_limited',
  'server_error',
  'bad_answer',
  'overloaded',
]);

interface Entry {
  inFlight: number;
  readonly connection: Breaker;
  readonly models: Map<string, ModelEntry>;
  /** In the order they came, and the same by size. */
  readonly recent: number[];
  readonly sorted: number[];
  ttftMs: number | undefined;
}

interface ModelEntry {
  readonly everybody: Breaker;
  readonly callers: Map<string, Breaker>;
}

/**
 * @param nowMs monotonic milliseconds
 * @param hasCallers whether callers are told apart, by their keys
 */
export function createHealth(nowMs: () => number, hasCallers: () => boolean): Health {
  const entries = new Map<string, Entry>();
  const entryOf = (upstream: string): Entry => {
    const known = entries.get(upstream);
    if (known !== undefined) return known;
    const entry = newEntry();
    entries.set(upstream, entry);
    return entry;
  };
  const everybody = (): Breaker =>
    createBreaker(
      ({ requests, callers }) => requests >= REQUESTS && (callers >= CALLERS || !hasCallers()),
    );
  return {
    started: ({ upstream, model }, { caller }) => {
      const entry = entryOf(upstream);
      entry.inFlight += 1;
      const now = nowMs();
      for (const breaker of breakersOf(entry, model, caller.name)) breaker.started(now);
    },
    ended: (attempt, call) => {
      const entry = entryOf(attempt.upstream);
      entry.inFlight = Math.max(0, entry.inFlight - 1);
      if (attempt.ttftMs !== undefined) remember(entry, attempt.ttftMs);
      settle(entry, attempt, call, { now: nowMs(), everybody });
    },
    probed: (upstream, isOk) => {
      const { connection, models } = entryOf(upstream);
      if (!isOk) return;
      connection.retry(nowMs());
      for (const model of models.values()) {
        model.everybody.retry(nowMs());
        for (const breaker of model.callers.values()) breaker.retry(nowMs());
      }
    },
    state: (upstream) => stateOf(entryOf(upstream), nowMs()),
    condition: (upstream, caller) => conditionOf(entryOf(upstream), caller, nowMs()),
  };
}

const newEntry = (): Entry => ({
  inFlight: 0,
  connection: createBreaker(({ failures }) => failures >= CONNECTION_FAULTS),
  models: new Map(),
  recent: [],
  sorted: [],
  ttftMs: undefined,
});

const newCaller = (): Breaker => createBreaker(({ requests }) => requests >= REQUESTS);

function breakersOf(
  { connection, models }: Entry,
  model: string,
  caller: string,
): readonly Breaker[] {
  const known = models.get(model);
  if (known === undefined) return [connection];
  const own = known.callers.get(caller);
  return own === undefined ? [connection, known.everybody] : [connection, known.everybody, own];
}

interface Settling {
  readonly now: number;
  readonly everybody: () => Breaker;
}

function settle(
  entry: Entry,
  { model, outcome, cause }: Ended,
  call: Asker,
  { now, everybody }: Settling,
): void {
  const caller = call.caller.name;
  const isUntold = outcome === 'aborted' || cause === 'aborted' || cause === 'withheld';
  const isUnreachable = outcome === 'failed' && cause === 'unreachable';
  if (isUntold || isUnreachable) {
    for (const breaker of breakersOf(entry, model, caller)) breaker.untold();
    if (isUnreachable) entry.connection.failed(failureOf(call, cause), now);
    return;
  }
  // Whatever came back came over a connection.
  entry.connection.close();
  if (outcome === 'failed' && cause !== undefined && ILL.has(cause)) {
    const failure = failureOf(call, cause);
    const known = modelEntryOf(entry, model, everybody);
    known.everybody.failed(failure, now);
    const own = known.callers.get(caller) ?? newCaller();
    known.callers.set(caller, own);
    own.failed(failure, now);
  } else close(entry, model, caller);
}

/** A model that answers one caller works; what fails for another may be that one's requests. */
function close({ models }: Entry, model: string, caller: string): void {
  const known = models.get(model);
  if (known === undefined) return;
  known.everybody.close();
  known.callers.delete(caller);
  if (known.callers.size === 0) models.delete(model);
}

function modelEntryOf({ models }: Entry, model: string, everybody: () => Breaker): ModelEntry {
  const known = models.get(model);
  if (known !== undefined) return known;
  const [oldest] = models.keys();
  if (models.size >= MOST_MODELS && oldest !== undefined) models.delete(oldest);
  const entry: ModelEntry = { everybody: everybody(), callers: new Map() };
  models.set(model, entry);
  return entry;
}

/** As much of each end of a body as tells two requests apart, in bytes. */
const DIGESTED_BYTES = 64 * 1024;

function failureOf({ caller, payload }: Asker, cause: AttemptCause): Failure {
  const hash = createHash('sha256').update(`${payload.length}\n`);
  hash.update(payload.subarray(0, DIGESTED_BYTES)).update(payload.subarray(-DIGESTED_BYTES));
  const isRateLimit = cause === 'rate_limited';
  return { caller: caller.name, request: hash.digest('base64'), isRateLimit };
}

const WORST_FIRST: readonly Phase[] = ['open', 'half-open', 'closed'];

function stateOf({ connection, models, inFlight, ttftMs }: Entry, now: number): HealthState {
  const breakers = [connection, ...[...models.values()].map(({ everybody }) => everybody)];
  const phases = new Set(breakers.map((breaker) => breaker.phase(now)));
  return {
    healthy: !breakers.some((breaker) => breaker.isBlocking(now)),
    phase: WORST_FIRST.find((phase) => phases.has(phase)) ?? 'closed',
    queueDepth: inFlight,
    ...(ttftMs === undefined ? {} : { ttftMs }),
  };
}

const NONE: readonly string[] = Object.freeze([]);

function conditionOf(entry: Entry, caller: string, now: number): Condition {
  const { connection, models, inFlight, ttftMs } = entry;
  const unhealthyModels = [...models].flatMap(([model, { everybody, callers }]) =>
    everybody.isBlocking(now) || callers.get(caller)?.isBlocking(now) === true ? [model] : [],
  );
  return {
    reachable: !connection.isBlocking(now),
    unhealthyModels: unhealthyModels.length === 0 ? NONE : unhealthyModels,
    queueDepth: inFlight,
    ...(ttftMs === undefined ? {} : { ttftMs }),
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
