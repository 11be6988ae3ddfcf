/** Limits of keys and teams: requests and tokens a minute, requests at once. OpenAI's headers say what is left. */
import type { ServerResponse } from 'node:http';
import type { Call, Caller } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Places } from '../../core/places.ts';
import type { RateBuckets, RateLimits, Taken } from '../../core/rate-limits.ts';
import type { UsageRecord } from '../../core/record.ts';
import { ROUNDING_MS } from '../../lib/gcra.ts';
import { whenKnown, type Soon } from '../../lib/soon.ts';
import { tokensAsked } from '../../wire/tokens-asked.ts';

export interface RateLimiter {
  /** @throws GatewayError `caller_rate_limited`, now or as a rejection */
  enter(caller: Caller, outgoing: ServerResponse): Soon<Passage>;
  /** The tokens that a request really took, once it is over. */
  settle(record: UsageRecord): void;
  /** Refusals so far, by `key:<name>` and `team:<name>`. */
  refusals(): Readonly<Record<string, number>>;
}

/** A request that was let in. */
export interface Passage {
  /** Takes the tokens that it may need. @throws GatewayError `caller_rate_limited`, now or as a rejection */
  reserve(call: Call): Soon<void>;
  leave(): void;
}

/** Whether the key or its team has limits. */
export const isLimited = ({ limits, teamLimits }: Caller): boolean =>
  limits !== undefined || teamLimits !== undefined;

interface Scope {
  readonly name: string;
  readonly limits: RateLimits;
}

type Kind = 'requests' | 'tokens';

/** @param replicas that share the limits and no places: each lets in its part of those at once, rounded up */
export function createRateLimiter(
  buckets: RateBuckets,
  places: Places,
  replicas = () => 1,
): RateLimiter {
  const refused = new Map<string, number>();
  const reserved = new Map<string, Reservation>();
  const refuse: Refuse = (scope, why) => {
    refused.set(scope.name, (refused.get(scope.name) ?? 0) + 1);
    return refusal(scope, why);
  };
  const take = takerFrom(buckets, refuse);
  return {
    enter: (caller, outgoing) => {
      const scopes = scopesOf(caller);
      const reserve = (call: Call): Soon<void> => {
        if (!scopes.some((scope) => limitOf(scope, 'tokens') !== undefined)) return undefined;
        const tokens = tokensAsked(call);
        return whenKnown(take(scopes, { kind: 'tokens', count: tokens, outgoing }), () => {
          reserved.set(call.id, { scopes, tokens });
        });
      };
      const enter = (): Soon<void> => take(scopes, { kind: 'requests', count: 1, outgoing });
      return whenKnown(stay(scopes, { places, replicas: replicas(), refuse }), (leave) =>
        entered(enter, { leave, reserve }),
      );
    },
    settle: ({ id, attempts }) => {
      const kept = reserved.get(id);
      if (kept === undefined) return;
      reserved.delete(id);
      const used = attempts.reduce(
        (sum, { usage }) => sum + (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
        0,
      );
      for (const scope of kept.scopes) {
        const limit = limitOf(scope, 'tokens');
        if (limit !== undefined) buckets.give(`${scope.name}:tokens`, limit, kept.tokens - used);
      }
    },
    refusals: () => Object.fromEntries(refused),
  };
}

interface Reservation {
  readonly scopes: readonly Scope[];
  readonly tokens: number;
}

type Refuse = (scope: Scope, why: Refusal) => GatewayError;

interface AtOnce {
  readonly places: Places;
  readonly replicas: number;
  readonly refuse: Refuse;
}

/**
 * Takes a place of every scope that has a limit at once, or of none; before anything else is waited for, so that those who ask at
 * once see each other. Gives the way to leave, once.
 * @throws GatewayError where as many are under way as may be, now or as a rejection
 */
function stay(scopes: readonly Scope[], { places, replicas, refuse }: AtOnce): Soon<() => void> {
  const taken: string[] = [];
  const leave = (): void => {
    for (const name of taken.splice(0)) places.leave(name);
  };
  const next = (at: number): Soon<() => void> => {
    const scope = scopes[at];
    if (scope === undefined) return leave;
    const { name, limits } = scope;
    const { concurrent: limit } = limits;
    if (limit === undefined) return next(at + 1);
    return whenKnown(places.take(name, Math.ceil(limit / replicas)), (isTaken) => {
      if (isTaken) {
        taken.push(name);
        return next(at + 1);
      }
      leave();
      throw refuse(scope, { kind: 'at once', limit, count: 1, waitMs: 1000 });
    });
  };
  return next(0);
}

type Take = (scopes: readonly Scope[], wanted: Wanted) => Soon<void>;

/** Takes from every scope or from none. */
function takerFrom(buckets: RateBuckets, refuse: Refuse): Take {
  return (scopes, { kind, count, outgoing }) => {
    const limited = scopes.flatMap((scope) => {
      const limit = limitOf(scope, kind);
      return limit === undefined ? [] : [{ scope, limit, bucket: `${scope.name}:${kind}` }];
    });
    const next = (at: number, least: Left | undefined): Soon<void> => {
      const one = limited[at];
      if (one === undefined) return show(outgoing, kind, least);
      const { scope, limit, bucket } = one;
      return whenKnown(buckets.take(bucket, limit, count), (given) => {
        const left = { ...given, limit };
        if (given.isGranted) return next(at + 1, tighter(least, left));
        for (const each of limited.slice(0, at)) buckets.give(each.bucket, each.limit, count);
        show(outgoing, kind, left);
        throw refuse(scope, { kind, limit, count, waitMs: given.retryAfterMs });
      });
    };
    return next(0, undefined);
  };
}

/** A refused request gives its place back. */
function entered(take: () => Soon<void>, passage: Passage): Soon<Passage> {
  const out = (error: unknown): never => {
    passage.leave();
    throw error;
  };
  try {
    const taken = take();
    return taken instanceof Promise ? taken.then(() => passage, out) : passage;
  } catch (error) {
    return out(error);
  }
}

interface Wanted {
  readonly kind: Kind;
  readonly count: number;
  readonly outgoing: ServerResponse;
}

function scopesOf({ name, team, limits, teamLimits }: Caller): readonly Scope[] {
  const own = limits === undefined ? [] : [{ name: `key:${name}`, limits }];
  return teamLimits === undefined ? own : [...own, { name: `team:${team}`, limits: teamLimits }];
}

const limitOf = ({ limits }: Scope, kind: Kind): number | undefined =>
  kind === 'requests' ? limits.requestsPerMinute : limits.tokensPerMinute;

type Left = Taken & { readonly limit: number };

const tighter = (a: Left | undefined, b: Left): Left =>
  a === undefined || b.remaining / b.limit < a.remaining / a.limit ? b : a;

function show(outgoing: ServerResponse, kind: Kind, left: Left | undefined): void {
  if (left === undefined || outgoing.headersSent) return;
  outgoing.setHeader(`x-ratelimit-limit-${kind}`, String(left.limit));
  outgoing.setHeader(`x-ratelimit-remaining-${kind}`, String(left.remaining));
  outgoing.setHeader(`x-ratelimit-reset-${kind}`, durationText(left.resetMs));
}

/** Rounded up, except for the rounding error of a difference of floats. */
const wholeMs = (ms: number): number => Math.ceil(ms - ROUNDING_MS);

/** As OpenAI writes one: `12ms`, `8.64s`, `6m0s`. */
function durationText(ms: number): string {
  const whole = wholeMs(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole - minutes * 60_000) / 1000}s`;
  return minutes === 0 ? seconds : `${minutes}m${seconds}`;
}

interface Refusal {
  readonly kind: Kind | 'at once';
  readonly limit: number;
  readonly count: number;
  readonly waitMs: number;
}

function refusal({ name }: Scope, { kind, limit, count, waitMs }: Refusal): GatewayError {
  const [what = '', who = ''] = name.split(/:(.*)/s);
  const isHopeless = waitMs === Infinity;
  const message = isHopeless
    ? `This request may take ${count} tokens, and ${what} '${who}' has ${limit} a minute. Send less, or a lower max_tokens.`
    : kind === 'at once'
      ? `${what} '${who}' has ${limit} requests under way, which is its limit. Wait for one of them to end.`
      : `${what} '${who}' has reached its limit of ${limit} ${kind} a minute. Ask again in ${durationText(waitMs)}.`;
  const headers = isHopeless
    ? { 'x-should-retry': 'false' }
    : {
        'retry-after': String(Math.ceil(wholeMs(waitMs) / 1000)),
        'retry-after-ms': String(wholeMs(waitMs)),
      };
  return new GatewayError(
    'caller_rate_limited',
    `${message[0]?.toUpperCase()}${message.slice(1)}`,
    {
      wireCode: 'rate_limit_exceeded',
      headers,
    },
  );
}
