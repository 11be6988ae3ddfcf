/**
 * Passive health checks: circuit breakers, driven by the outcome of attempts; nothing is probed here. A failed connection counts against
 * every model of the upstream. A failed answer counts against the model that was asked, and perhaps only against the request.
 */
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { AttemptCause } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { Writable } from '../lib/writable.ts';
import { ALWAYS, type Failure, type Leave, type Phase } from './breaker.ts';
import { digestOf } from './failed-bodies.ts';
import type { Asking, ModelHealth } from './model-health.ts';
import { kindOf, UpstreamHealth, type HealthEvent } from './upstream-health.ts';

interface HealthState {
  /** False while the upstream, or one of its models, cools down for everybody or has its one trial under way. */
  readonly healthy: boolean;
  /** The worst of its own and its models' breakers. */
  readonly phase: Phase;
  /** Attempts in flight, in all processes of this gateway. */
  readonly queueDepth: number;
  /** Attempts in flight in this process. */
  readonly inFlight: number;
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
  /** Models that this request does not ask at all now, because they fail. */
  readonly shutModels?: readonly string[];
  /** Models that it does not ask now, because they are overloaded. */
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

export interface HealthOptions {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** The number of callers with a key of their own; more may turn up. */
  readonly callers: () => number;
  /** A random number in 0..1. */
  readonly draw?: () => number;
  /** False: unhealthy upstreams are observed, but asked like the others. */
  readonly isSpared?: boolean;
  /** Tells the other processes of this gateway about this one's attempts. */
  readonly news?: HealthNews;
  /** Which of several processes may try an open breaker: an upstream's, a model's, or a model's for one caller. */
  readonly leave?: (what: readonly (string | undefined)[]) => Leave;
}

/** Hears of every attempt. */
export interface HealthNews {
  /** Its count of attempts in flight has changed, and nothing else. */
  passed(upstream: string): void;
  /** One ended well where nothing is ill. */
  answered(upstream: string): void;
  happened(upstream: string, event: HealthEvent): void;
}

export function createHealth(options: HealthOptions): Health {
  return new LocalHealth(options);
}

/** How many callers are counted: more than any rule here asks for. */
const MOST_SEEN = 16;

export class LocalHealth implements Health {
  readonly #options: Required<Omit<HealthOptions, 'news' | 'leave'>>;
  readonly #news: HealthNews | undefined;
  readonly #leave: HealthOptions['leave'];
  readonly #upstreams = new Map<string, UpstreamHealth>();
  readonly #seen = new Set<string>();

  constructor({ draw = Math.random, isSpared = true, news, leave, ...given }: HealthOptions) {
    this.#options = { ...given, draw, isSpared };
    this.#news = news;
    this.#leave = leave;
  }

  started({ upstream, model }: Asked, { caller: { name: caller } }: Asker): void {
    const one = this.of(upstream);
    one.inFlight += 1;
    this.saw(caller);
    const now = this.#options.nowMs();
    if (one.isCalm(model)) {
      this.#news?.passed(upstream);
      return;
    }
    const event = { kind: 'started', model, caller } as const;
    one.take(event, now);
    this.#news?.happened(upstream, event);
  }

  ended(attempt: Ended, call: Asker, retryAfterMs?: number): void {
    const { upstream, ttftMs } = attempt;
    const one = this.of(upstream);
    one.inFlight = Math.max(0, one.inFlight - 1);
    if (ttftMs !== undefined) one.remember(ttftMs);
    const kind = kindOf(attempt);
    const now = this.#options.nowMs();
    if (kind === 'well') {
      this.#well(one, attempt, call, now);
      return;
    }
    const event = eventOf(kind, attempt, call, retryAfterMs);
    one.take(event, now);
    this.#news?.happened(upstream, event);
  }

  #well(one: UpstreamHealth, { upstream, model }: Ended, call: Asker, now: number): void {
    const isCalm = one.isCalm(model);
    const asking = askingOf(call);
    one.well(model, asking, now);
    if (this.#news === undefined) return;
    if (isCalm) this.#news.answered(upstream);
    else {
      const { caller } = asking;
      this.#news.happened(upstream, { kind: 'well', model, caller, digest: asking.digest() });
    }
  }

  probed(upstream: string, isOk: boolean): void {
    if (!isOk) return;
    const { connection, models } = this.of(upstream);
    const now = this.#options.nowMs();
    connection.retry(now);
    for (const model of models.values()) model.retry(now);
  }

  state(upstream: string): HealthState {
    return stateOf(this.of(upstream), this.#options.nowMs());
  }

  condition(upstream: string, call: Asker): Condition {
    const { isSpared, nowMs, draw } = this.#options;
    const one = this.of(upstream);
    return isSpared ? conditionOf(one, call, nowMs(), draw) : wellOf(one);
  }

  of(upstream: string): UpstreamHealth {
    const known = this.#upstreams.get(upstream);
    if (known !== undefined) return known;
    const one = new UpstreamHealth({
      known: () => Math.max(this.#options.callers(), this.#seen.size),
      leaveOf: (...what) => this.#leave?.([upstream, ...what]) ?? ALWAYS,
    });
    this.#upstreams.set(upstream, one);
    return one;
  }

  all(): ReadonlyMap<string, UpstreamHealth> {
    return this.#upstreams;
  }

  /** Of callers, as far as they are told apart. */
  saw(caller: string): void {
    if (this.#seen.size < MOST_SEEN) this.#seen.add(caller);
  }

  seen(): readonly string[] {
    return [...this.#seen];
  }
}

function eventOf(
  kind: 'untold' | 'unreachable' | 'ill',
  { model, cause }: Ended,
  call: Asker,
  retryAfterMs: number | undefined,
): HealthEvent {
  const caller = call.caller.name;
  if (kind === 'unreachable') return { kind, model, failure: failureOf(call, 'unreachable') };
  if (kind === 'ill' && cause !== undefined)
    return { kind, model, failure: failureOf(call, cause, retryAfterMs), cause };
  return { kind: 'untold', model, caller };
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

function stateOf(one: UpstreamHealth, now: number): HealthState {
  const { connection, models } = one;
  const breakers = [connection, ...[...models.values()].map(({ everybody }) => everybody)];
  const phases = new Set(breakers.map((breaker) => breaker.phase(now)));
  return {
    healthy: !breakers.some((breaker) => breaker.isBlocking(now)),
    phase: WORST_FIRST.find((phase) => phases.has(phase)) ?? 'closed',
    ...loadOf(one),
  };
}

const NONE: readonly string[] = Object.freeze([]);

const loadOf = ({
  inFlight,
  elsewhere,
  ttftMs,
}: UpstreamHealth): Pick<HealthState, 'inFlight' | 'queueDepth' | 'ttftMs'> => ({
  inFlight,
  queueDepth: inFlight + elsewhere,
  ...(ttftMs === undefined ? {} : { ttftMs }),
});

function conditionOf(one: UpstreamHealth, call: Asker, now: number, draw: () => number): Condition {
  const { connection, models } = one;
  const condition = wellOf(one);
  condition.reachable = !connection.isBlocking(now);
  if (models.size > 0) Object.assign(condition, unwell(models, call, now, draw));
  const shutMs = connection.shutMs(now);
  if (shutMs === 0) return condition;
  condition.isShut = true;
  condition.askableInMs = shutMs;
  return condition;
}

/** Of an upstream that nothing keeps a request from. */
function wellOf({ inFlight, elsewhere, ttftMs }: UpstreamHealth): Writable<Condition> {
  const condition: Writable<Condition> = {
    reachable: true,
    unhealthyModels: NONE,
    queueDepth: inFlight + elsewhere,
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
