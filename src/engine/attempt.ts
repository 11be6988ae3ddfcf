/** One call to one upstream, timed and accounted: opened before it is sent, closed exactly once. */
import type { Accountant, UsageMeter } from '../core/accounting.ts';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import { UpstreamError, type AttemptCause } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import type { MaskedCounts } from '../core/masking.ts';
import type { AttemptMeter, EnergyAttribution } from '../core/meter.ts';
import type { Attempt, Usage } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { EgressObserver } from '../core/upstream.ts';
import { fingerprintObserver } from './model-fingerprint.ts';
import type { Upstreams } from './egress.ts';

/** Told of every attempt, for health, queue depth and gauges. Must not throw. */
export interface AttemptObserver {
  started(upstream: string): void;
  ended(attempt: Attempt): void;
}

export interface AttemptTools {
  readonly upstreams: Upstreams;
  readonly accountant: Accountant;
  readonly observer: AttemptObserver;
  readonly meter?: AttemptMeter;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

export interface OpenAttempt {
  /** Goes with the request, so that what left is known. */
  readonly egress: EgressObserver;
  /** A whole body or one stream event went by. */
  see(body: JsonObject): void;
  /** What was used so far: counted once, and the same for the record. */
  usage(): Usage | undefined;
  /** Counts the request and `output`, every text of the answer. `usage` returns the same from then on. */
  countUsage(output: readonly string[]): Usage;
  /** Closes it; later calls change nothing. */
  close(outcome: Attempt['outcome'], error?: unknown): Attempt;
}

export function openAttempt(
  call: Call,
  features: Features,
  target: Target,
  tools: AttemptTools,
): OpenAttempt {
  const openedMs = tools.nowMs();
  const { accountant } = tools;
  const watch = countedOnce(accountant.watch(call, features));
  const build = fingerprintObserver(target, tools.upstreams);
  let ttftMs: number | undefined;
  let egressBytes = 0;
  let masked: MaskedCounts | undefined;
  let closed: Attempt | undefined;
  tools.observer.started(target.upstream);
  const metered = tools.meter?.start(target);
  return {
    egress: {
      bytesSent: (bytes) => {
        egressBytes += bytes;
      },
      valuesMasked: (counts) => {
        masked = counts;
      },
    },
    see: (body) => {
      watch.observe(body);
      if (ttftMs === undefined && watch.hasContent()) ttftMs = tools.nowMs() - openedMs;
      build.see(body);
    },
    usage: () => watch.usage(),
    countUsage: (output) => watch.countUsage(output),
    close: (outcome, error) => {
      if (closed !== undefined) return closed;
      const latencyMs = tools.nowMs() - openedMs;
      const share = metered?.end();
      closed = {
        upstream: target.upstream,
        tier: target.tier,
        locality: target.locality,
        model: target.model,
        outcome,
        ...failureOf(error),
        startedMs: openedMs - call.startedMs,
        latencyMs,
        ...(ttftMs === undefined ? {} : { ttftMs }),
        egressBytes,
        ...build.build(),
        ...(masked === undefined ? {} : { masked }),
        ...spentBy(watch, outcome, { call, target, latencyMs, accountant, share }),
      };
      tools.observer.ended(closed);
      return closed;
    },
  };
}

/** Counting may take milliseconds. Asked for at the end of an answer, after which nothing more is seen. */
function countedOnce(watch: UsageMeter): UsageMeter {
  let known: { readonly usage: Usage | undefined } | undefined;
  return {
    observe: (body) => watch.observe(body),
    hasContent: () => watch.hasContent(),
    answeredModel: () => watch.answeredModel(),
    usage: () => {
      known ??= { usage: watch.usage() };
      return known.usage;
    },
    countUsage: (output) => {
      const usage = watch.countUsage(output);
      // The answer carries these figures from here on; `watch` would take them for the upstream's own.
      known = { usage };
      return usage;
    },
  };
}

function failureOf(error: unknown): { cause?: AttemptCause; status?: number } {
  if (!(error instanceof UpstreamError)) return error === undefined ? {} : { cause: 'bad_answer' };
  const status = error.upstreamStatus;
  return { cause: error.attemptCause, ...(status === undefined ? {} : { status }) };
}

interface Spending {
  readonly call: Call;
  readonly target: Target;
  readonly latencyMs: number;
  readonly accountant: Accountant;
  readonly share: EnergyAttribution | undefined;
}

function spentBy(
  watch: UsageMeter,
  outcome: Attempt['outcome'],
  { call, target, latencyMs, accountant, share }: Spending,
): Pick<Attempt, 'usage' | 'answeredModel' | 'cost' | 'energy' | 'carbon' | 'water'> {
  const isIdle = outcome !== 'ok' && !watch.hasContent();
  const usage = isIdle ? undefined : watch.usage();
  const answeredModel = watch.answeredModel();
  const tier = call.body['service_tier'];
  const spent = accountant.price({
    usage,
    target,
    answeredModel,
    latencyMs,
    atMs: call.receivedAtMs,
    ...(typeof tier === 'string' ? { serviceTier: tier } : {}),
    ...(share === undefined ? {} : { share }),
  });
  return {
    ...(usage === undefined ? {} : { usage }),
    ...(answeredModel === undefined ? {} : { answeredModel }),
    ...spent,
  };
}
