/** One call to one upstream and its answer: timed, metered and accounted; opened before it is sent, closed exactly once. */
import type { Accountant, UsageMeter } from '../core/accounting.ts';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { MaskedCounts } from '../core/masking.ts';
import type { AttemptMeter, OpenAttribution } from '../core/meter.ts';
import type { Payment } from '../core/payment.ts';
import type { Attempt, Usage } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { Answer, EgressObserver } from '../core/upstream.ts';
import { onClose } from '../lib/iterators.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Writable } from '../lib/writable.ts';
import { mapEvents } from '../wire/events.ts';
import { withOutputLimit } from '../wire/limit-output.ts';
import { responseIn, type Rest } from './background.ts';
import type { Upstreams } from './egress.ts';
import { carriedModel, mayCost, observeTail } from './carried-usage.ts';
import { recordedFailure } from './failures.ts';
import { FingerprintObserver } from './model-fingerprint.ts';
import { mostOf } from './most-tokens.ts';
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
  /** Passed with the request: each call that may be paid for is an attempt of its own. */
  readonly isSentOnce: boolean;
  /** Counts the request and `output`, every text of the answer; the record has the same figures. */
  countUsage(output: readonly string[]): Usage;
  /**
   * The same answer, metered as it passes, with the usage that the caller asked for. `closed` is called exactly once: at once for
   * a whole answer (behind which the upstream does not go on), for a stream when it ends, breaks (`error`) or is abandoned. The outcome
   * is `aborted` if `abort` fired or the stream was abandoned.
   */
  meter(answer: Answer, abort: AbortSignal, closed: Closed): Answer;
  /** When it was over for its caller, where it is closed later. */
  readonly overMs: number | undefined;
  /** Closes an attempt that gave no answer; later calls change nothing. */
  close(outcome: Attempt['outcome'], error?: unknown): Attempt;
}

/** The target of an attempt and the reservation for it; `payment` is undefined if the target is free. */
export interface Asked {
  readonly target: Target;
  readonly payment: Payment | undefined;
  /** Present where the upstream may go on with it behind its answer. */
  readonly rest?: Rest | undefined;
}

/** The call as it may be sent: once the intent to pay is durable, and with no more output than can be paid for. */
export function paidCall(call: Call, payment: Payment): Promise<Call> {
  const { maxTokens } = payment;
  return payment
    .durable()
    .then(() => (maxTokens === undefined ? call : withOutputLimit(call, maxTokens)));
}

/** `observer.started` has been called for it: a request's first attempt has its place from the decision on. */
export const openAttempt = (
  call: Call,
  features: Features,
  asked: Asked,
  tools: AttemptTools,
): OpenAttempt => new MeteredAttempt(call, features, asked, tools);

/** A class: a closure for each method would take more memory than all its fields. */
class MeteredAttempt implements OpenAttempt, EgressObserver {
  readonly egress: EgressObserver = this;
  readonly isSentOnce: boolean;
  overMs: number | undefined;
  readonly #call: Call;
  readonly #asked: Asked;
  readonly #tools: AttemptTools;
  readonly #openedMs: number;
  readonly #watch: UsageMeter;
  readonly #fingerprint: FingerprintObserver;
  readonly #metered: OpenAttribution | undefined;
  #ttftMs: number | undefined;
  #egressBytes = 0;
  #isCarried = false;
  #carriedStatus: number | undefined;
  #masked: MaskedCounts | undefined;
  /** Counted once: counting may take milliseconds. Nothing more is observed after it. */
  #usage: { readonly counted: Usage | undefined } | undefined;
  /** The response that a stream began with, where the upstream may go on with it. */
  #begun: JsonObject | undefined;
  /** As it was then. */
  #answered: Writable<Attempt> | undefined;
  #closed: Attempt | undefined;

  constructor(call: Call, features: Features, asked: Asked, tools: AttemptTools) {
    const { target } = asked;
    const { accountant, upstreams, meter, nowMs } = tools;
    this.isSentOnce =
      asked.payment !== undefined || (target.locality === 'cloud' && call.method !== 'GET');
    this.#call = call;
    this.#asked = asked;
    this.#tools = tools;
    this.#openedMs = nowMs();
    this.#watch = accountant.watch(call, features, mostOf(target, upstreams));
    this.#fingerprint = new FingerprintObserver(target, upstreams);
    this.#metered = meter?.start(target);
  }

  bytesSent(bytes: number): void {
    this.#egressBytes += bytes;
  }

  valuesMasked(counts: MaskedCounts): void {
    this.#masked = counts;
  }

  readonly countUsage = (output: readonly string[]): Usage => {
    const counted = this.#watch.countUsage(output);
    // From here on the answer carries these figures; `watch` would mistake them for the upstream's own.
    this.#usage = { counted };
    return counted;
  };

  meter(answer: Answer, abort: AbortSignal, closed: Closed): Answer {
    if (answer.kind === 'whole') {
      this.#observe(answer.body);
      if (this.#goesOn(answer.body, 'ok', closed)) return answer;
      const metered = withUsage(this.#call, answer, this.#counted);
      closed(this.close('ok'));
      return metered;
    }
    const finish = (error: unknown, isDone: boolean): void => {
      const isLeft = abort.aborted || error === undefined;
      const outcome = isDone ? 'ok' : isLeft ? 'aborted' : 'failed';
      if (!isDone && this.#begun !== undefined && this.#goesOn(this.#begun, outcome, closed, error))
        return;
      closed(this.close(outcome, error), error);
    };
    if (answer.kind === 'stream') {
      const { push } = usageChunkStep(this.#call, this.#counted);
      const { rest } = this.#asked;
      const events = mapEvents(answer.events, {
        push: (event) => {
          if (event.text !== undefined) this.#watch.observeText(event.text);
          else if (event.data !== undefined) this.#observe(event.data);
          if (rest !== undefined) this.#begun ??= responseIn(event.data);
          return push(event);
        },
        closed: finish,
      });
      return { ...answer, events };
    }
    this.#carried(answer.status);
    const observe = (body: JsonObject): void => this.#observe(body);
    return { ...answer, chunks: onClose(observeTail(answer.chunks, observe), finish) };
  }

  close(outcome: Attempt['outcome'], error?: unknown): Attempt {
    if (this.#closed !== undefined) return this.#closed;
    const attempt = this.#answered ?? this.#over(outcome);
    this.#account(attempt);
    if (error !== undefined) Object.assign(attempt, recordedFailure(error));
    this.#settle(attempt);
    if (this.#ttftMs !== undefined) attempt.ttftMs = this.#ttftMs;
    const modelDigest = this.#fingerprint.digest();
    if (modelDigest !== undefined) attempt.modelDigest = modelDigest;
    if (this.#masked !== undefined) attempt.masked = this.#masked;
    if (this.#isCarried && attempt.cost === null) attempt.isUnpriced = true;
    this.#closed = attempt;
    if (this.#answered === undefined)
      this.#tools.observer.ended(attempt, this.#call, retryAfterMs(error));
    return attempt;
  }

  /** Where it goes on behind what the caller got, its place at the upstream is free, and it is charged at its end. */
  #goesOn(
    response: JsonObject,
    outcome: Attempt['outcome'],
    closed: Closed,
    error?: unknown,
  ): boolean {
    const over = (last: JsonObject | undefined): void => {
      if (last !== undefined) this.#watch.observe(last);
      closed(this.close(outcome, error), error);
    };
    if (this.#asked.rest?.(response, over) !== true) return false;
    this.overMs = this.#tools.nowMs();
    this.#answered = this.#over(outcome);
    this.#tools.observer.ended(this.#answered, this.#call, retryAfterMs(error));
    return true;
  }

  /** As it is over now, without what it used. */
  #over(outcome: Attempt['outcome']): Writable<Attempt> {
    const { upstream, tier, locality, model } = this.#asked.target;
    return {
      upstream,
      tier,
      locality,
      model,
      outcome,
      egressBytes: this.#egressBytes,
      startedMs: this.#openedMs - this.#call.startedMs,
      latencyMs: this.#tools.nowMs() - this.#openedMs,
      cost: null,
      energy: null,
    };
  }

  /** A cost that is not known is charged as reserved. A refusal of a carried call is an answer with its status, not a failure. */
  #settle(attempt: Writable<Attempt>): void {
    const status = this.#carriedStatus ?? 0;
    const charged = this.#asked.payment?.settle(status >= 400 ? { ...attempt, status } : attempt);
    if (charged !== undefined) attempt.cost = charged;
  }

  readonly #counted = (): Usage | undefined => {
    this.#usage ??= { counted: this.#watch.usage() };
    return this.#usage.counted;
  };

  #observe(body: JsonObject): void {
    this.#watch.observe(body);
    if (this.#ttftMs === undefined && this.#watch.hasContent())
      this.#ttftMs = this.#tools.nowMs() - this.#openedMs;
    this.#fingerprint.observe(body);
  }

  /** An answer to a carried call has begun; it passes unread. */
  #carried(status: number): void {
    this.#carriedStatus = status;
    const isCloud = this.#asked.target.locality === 'cloud';
    this.#isCarried = isCloud && status < 400 && mayCost(this.#call);
  }

  /** Adds what it used and cost. */
  #account(attempt: Writable<Attempt>): void {
    // First, because counting takes time but none of the model's energy.
    const attribution = this.#metered?.end();
    const { outcome, latencyMs } = attempt;
    const isCut = outcome !== 'ok' && this.#answered === undefined;
    const isIdle = isCut && !this.#watch.hasContent();
    const usage = isIdle ? undefined : this.#counted();
    const answeredModel = this.#watch.answeredModel();
    const question = this.#question(outcome, { usage, answeredModel, latencyMs });
    if (attribution !== undefined) question.attribution = attribution;
    const { cost, energy, carbon, water } = this.#tools.accountant.price(question);
    attempt.cost = cost;
    attempt.energy = energy;
    if (carbon !== undefined) attempt.carbon = carbon;
    if (water !== undefined) attempt.water = water;
    if (usage !== undefined) attempt.usage = usage;
    if (answeredModel !== undefined) attempt.answeredModel = answeredModel;
  }

  /** The question to the accountant. */
  #question(
    outcome: Attempt['outcome'],
    { usage, answeredModel, latencyMs }: Measured,
  ): Writable<Priced> {
    const call = this.#call;
    const { target } = this.#asked;
    const isCarried = call.operation === 'passthrough';
    const question: Writable<Priced> = {
      usage,
      answeredModel,
      latencyMs,
      target: isCarried ? { ...target, model: carriedModel(call) } : target,
      atMs: call.receivedAtMs,
    };
    const tier = call.body['service_tier'];
    if (typeof tier === 'string') question.serviceTier = tier;
    const hasAnswer = isCarried && outcome === 'ok' && (this.#carriedStatus ?? 0) < 400;
    if (hasAnswer && mayCost(call)) question.route = call.path;
    return question;
  }
}

type Priced = Parameters<Accountant['price']>[0];
type Measured = Pick<Priced, 'usage' | 'answeredModel' | 'latencyMs'>;
