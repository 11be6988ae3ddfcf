/** One call to one upstream and its answer: timed, metered and accounted; opened before it is sent, closed exactly once. */
import type { Accountant, MostTokens, UsageMeter } from '../core/accounting.ts';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import { UpstreamError, type AttemptCause } from '../core/errors.ts';
import type { MaskedCounts } from '../core/masking.ts';
import type { AttemptMeter, EnergyAttribution } from '../core/meter.ts';
import type { Ended, Payment } from '../core/payment.ts';
import type { Attempt, Usage } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { Answer, EgressObserver } from '../core/upstream.ts';
import { onClose } from '../lib/iterators.ts';
import type { JsonObject } from '../lib/json.ts';
import { outputLimit } from '../lib/output-limit.ts';
import { mapEvents } from '../wire/events.ts';
import { withOutputLimit } from '../wire/limit-output.ts';
import type { Upstreams } from './egress.ts';
import { carriedModel, mayCost, observeTail } from './carried-usage.ts';
import { fingerprintObserver } from './model-fingerprint.ts';
import { retryAfterMs } from './retry-after.ts';
import { usageChunkStep, withUsage } from './reported-usage.ts';

/** Observes every attempt (health, queue depth, gauges). Must not throw. */
export interface AttemptObserver {
  /**
   * An attempt takes its place in the queue, and a breaker's trial; `ended` gives both back. `retryAfterMs`: what the
   * server said of when to ask again, from now.
   */
  started(target: Target, call: Call): void;
  ended(attempt: Attempt, call: Call, retryAfterMs?: number): void;
}

export interface AttemptTools {
  readonly upstreams: Upstreams;
  readonly accountant: Accountant;
  readonly observer: AttemptObserver;
  readonly meter?: AttemptMeter;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

type Closed = (attempt: Attempt, error?: unknown) => void;

export interface OpenAttempt {
  /** Passed with the request: observes what is written to the upstream. */
  readonly egress: EgressObserver;
  /** Counts the request and `output`, every text of the answer; the record has the same figures. */
  countUsage(output: readonly string[]): Usage;
  /**
   * The same answer, metered as it passes, with the usage that the caller asked for. `closed` is called exactly once: at once for
   * a whole answer, for a stream when it ends, breaks (`error`) or is abandoned. The outcome is `aborted` if `abort` fired or the
   * stream was abandoned.
   */
  meter(answer: Answer, abort: AbortSignal, closed: Closed): Answer;
  /** Closes an attempt that gave no answer; later calls change nothing. */
  close(outcome: Attempt['outcome'], error?: unknown): Attempt;
}

/** Whom an attempt asks, and what it may cost: undefined where that is nothing. */
export interface Asked {
  readonly target: Target;
  readonly payment: Payment | undefined;
}

/** The call as it may be sent: once the intent to pay is durable, and with no more output than can be paid for. */
export function paidCall(call: Call, payment: Payment): Promise<Call> {
  const { maxTokens } = payment;
  return payment
    .durable()
    .then(() => (maxTokens === undefined ? call : withOutputLimit(call, maxTokens)));
}

/** `observer.started` has been called for it: a request's first attempt has its place from the decision on. */
export function openAttempt(
  call: Call,
  features: Features,
  { target, payment }: Asked,
  tools: AttemptTools,
): OpenAttempt {
  const openedMs = tools.nowMs();
  const { accountant } = tools;
  const usage = countedOnce(accountant.watch(call, features, mostOf(target, tools.upstreams)));
  const fingerprint = fingerprintObserver(target, tools.upstreams);
  let ttftMs: number | undefined;
  let egressBytes = 0;
  let isCarried = false;
  let carriedStatus: number | undefined;
  let masked: MaskedCounts | undefined;
  let closed: Attempt | undefined;
  const metered = tools.meter?.start(target);
  const observe = (body: JsonObject): void => {
    usage.observe(body);
    if (ttftMs === undefined && usage.hasContent()) ttftMs = tools.nowMs() - openedMs;
    fingerprint.observe(body);
  };
  const close = (outcome: Attempt['outcome'], error?: unknown): Attempt => {
    if (closed !== undefined) return closed;
    const latencyMs = tools.nowMs() - openedMs;
    const attribution = metered?.end();
    const used = { call, target, latencyMs, accountant, attribution, carriedStatus };
    const ended = { outcome, egressBytes, ...failureOf(error) };
    const spent = settled(payment, spentBy(usage, outcome, used), {
      ...ended,
      ...refusedWith(carriedStatus),
    });
    closed = {
      upstream: target.upstream,
      tier: target.tier,
      locality: target.locality,
      model: target.model,
      ...ended,
      startedMs: openedMs - call.startedMs,
      latencyMs,
      ...(ttftMs === undefined ? {} : { ttftMs }),
      ...fingerprint.digest(),
      ...(masked === undefined ? {} : { masked }),
      ...spent,
      ...(isCarried && spent.cost === null ? { isUnpriced: true } : {}),
    };
    tools.observer.ended(closed, call, retryAfterMs(error));
    return closed;
  };
  const egress: EgressObserver = {
    bytesSent: (bytes) => {
      egressBytes += bytes;
    },
    valuesMasked: (counts) => {
      masked = counts;
    },
  };
  const carried = (status: number): void => {
    carriedStatus = status;
    isCarried = target.locality === 'cloud' && status < 400 && mayCost(call);
  };
  const meter = meterOf(call, { observe, usage: () => usage.usage(), carried, close });
  return { egress, countUsage: (output) => usage.countUsage(output), meter, close };
}

/** By its window, where that is the probed model's, and by what its maker says that it writes. */
function mostOf({ upstream, model }: Target, upstreams: Upstreams): MostTokens {
  const facts = upstreams.get(upstream)?.facts();
  const window = facts?.model === model ? facts.contextTokens : undefined;
  const output = outputLimit(model) ?? window;
  return {
    ...(window === undefined ? {} : { input: window }),
    ...(output === undefined ? {} : { output }),
  };
}

interface Metering {
  readonly observe: (body: JsonObject) => void;
  readonly usage: () => Usage | undefined;
  /** An answer with this status has begun, and passes unread. */
  readonly carried: (status: number) => void;
  readonly close: OpenAttempt['close'];
}

const meterOf =
  (call: Call, { observe, usage, carried, close }: Metering): OpenAttempt['meter'] =>
  (answer, abort, closed) => {
    const finish = (error: unknown, isDone: boolean): void => {
      const isLeft = abort.aborted || error === undefined;
      const outcome = isDone ? 'ok' : isLeft ? 'aborted' : 'failed';
      closed(close(outcome, error), error);
    };
    switch (answer.kind) {
      case 'whole': {
        observe(answer.body);
        const metered = withUsage(call, answer, usage);
        finish(undefined, true);
        return metered;
      }
      case 'stream': {
        const { push } = usageChunkStep(call, usage);
        const metered = mapEvents(answer.events, {
          push: (event) => {
            if (event.data !== undefined) observe(event.data);
            return push(event);
          },
        });
        return { ...answer, events: onClose(metered, finish) };
      }
      case 'raw':
        carried(answer.status);
        return { ...answer, chunks: onClose(observeTail(answer.chunks, observe), finish) };
    }
  };

/** Counts once: counting may take milliseconds. Called at the end of an answer, after which nothing more is observed. */
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
      // From here on the answer carries these figures; `watch` would mistake them for the upstream's own.
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

/** Who refuses a carried call says so in an answer like any other. */
const refusedWith = (status = 0): Pick<Ended, 'status'> => (status >= 400 ? { status } : {});

type Spent = Pick<Attempt, 'usage' | 'answeredModel' | 'cost' | 'energy' | 'carbon' | 'water'>;

/** What was spent, with what the payment charges where that is not known. */
function settled(
  payment: Payment | undefined,
  spent: Spent,
  ended: Omit<Ended, 'usage' | 'cost'>,
): Spent {
  const charged = payment?.settle({ ...spent, ...ended });
  return charged === undefined ? spent : { ...spent, cost: charged };
}

interface Spending {
  readonly call: Call;
  readonly target: Target;
  readonly latencyMs: number;
  readonly accountant: Accountant;
  readonly attribution: EnergyAttribution | undefined;
  /** Of an answer that passes unread. */
  readonly carriedStatus: number | undefined;
}

function spentBy(
  watch: UsageMeter,
  outcome: Attempt['outcome'],
  { call, target, latencyMs, accountant, attribution, carriedStatus = 0 }: Spending,
): Spent {
  const isIdle = outcome !== 'ok' && !watch.hasContent();
  const usage = isIdle ? undefined : watch.usage();
  const answeredModel = watch.answeredModel();
  const tier = call.body['service_tier'];
  const isCarried = call.operation === 'passthrough';
  const hasAnswer = isCarried && outcome === 'ok' && carriedStatus < 400;
  const spent = accountant.price({
    usage,
    target: isCarried ? { ...target, model: carriedModel(call) } : target,
    answeredModel,
    latencyMs,
    atMs: call.receivedAtMs,
    ...(typeof tier === 'string' ? { serviceTier: tier } : {}),
    ...(hasAnswer && mayCost(call) ? { route: call.path } : {}),
    ...(attribution === undefined ? {} : { attribution }),
  });
  return {
    ...(usage === undefined ? {} : { usage }),
    ...(answeredModel === undefined ? {} : { answeredModel }),
    ...spent,
  };
}
