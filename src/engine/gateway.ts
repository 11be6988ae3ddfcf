/**
 * The path of one request: describe, evaluate, snapshot, decide (`route`), then execute and publish (`answer`). Read this first.
 * All implementations are injected; every routed request leaves exactly one record.
 */
import type { Call } from '../core/call.ts';
import type { Collector } from '../core/collect.ts';
import type { Conversations } from '../core/conversations.ts';
import type { ConversationPlace, Decision, Snapshot, Target } from '../core/decision.ts';
import type { CacheUse } from '../core/record.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { Sink } from '../core/record.ts';
import { HIGH_STAKES, type Features, type Readings, type Signal } from '../core/signal.ts';
import type { Verifier } from '../core/verify.ts';
import type { Soon } from '../lib/soon.ts';
import { betweenSteps } from '../lib/turns.ts';
import {
  cachedFor,
  keeping,
  lookUp,
  type Cached,
  type CacheTools,
  type LookUp,
} from './answer-cache.ts';
import { collecting } from './collect.ts';
import { conceivable, decide } from './decide.ts';
import { evaluate, type SignalTimer } from './evaluate.ts';
import { escalationShare } from './escalation-share.ts';
import { execute, type ExecuteTools, type ExecutionResult, type Outcome } from './execute.ts';
import { draftWorth, type DraftWorth } from './draft-worth.ts';
import { answeredAgain, remember } from './answer-again.ts';
import { describe } from './features.ts';
import { startRecord, type OpenRecord } from './record.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';
import type { Judgement, Routing } from './routing.ts';
import { notNow, refused, unpaidIn } from './refused.ts';
import { createAudits, type Audits, type AuditTools } from './audits.ts';
import { createShadows, type Shadows } from './shadow.ts';
import type { SharedState, Snapshots } from './snapshot.ts';
import { type Verification, verificationOf } from './verification.ts';

export interface GatewayParts extends ExecuteTools, Snapshots, Pick<AuditTools, 'auditor'> {
  /** The policy in force and the signals it needs, swapped together by a reload. */
  readonly activePolicy: () => { readonly policy: Policy; readonly signals: readonly Signal[] };
  readonly names: ModelNames;
  readonly conversations: Conversations;
  readonly publish: Sink;
  readonly payments: Payments;
  /** Checks small answers where a policy wants that; absent: none is checked. */
  readonly verifier?: Verifier;
  /** Answers that may be given again; absent: none is. */
  readonly cache?: CacheTools;
  /** Keeps answers for distillation where a policy wants that; absent: none is. */
  readonly collector?: Collector;
  readonly signalTimer?: SignalTimer;
  /** Told of every decision. */
  readonly routedTo?: (call: Call, routing: Routing) => void;
}

export interface Gateway {
  /** Decides without asking any upstream, and leaves no record. @throws GatewayError when it cannot be decided */
  judge(call: Call): Promise<Routing>;
  /** Decides. @throws GatewayError, recorded, when the request cannot even be decided */
  route(call: Call): Promise<Routed>;
  /** Records a request that was rejected before it was routed. */
  reject(call: Call, error: unknown): void;
  /** Records a request that gets the answer of another one. */
  joined(call: Call): void;
  /** Stops background work. */
  close(): Promise<void>;
}

/** A decided request. It leaves no record until `answer` is called. */
export interface Routed {
  /** Also set for a refusal: its headers are sent with the error. */
  readonly decision: Decision;
  /** What a bad answer would put at stake, and how much; absent where that is little. */
  readonly stakes?: { readonly kind: string; readonly degree: number };
  /** The policy's domain that the message belongs to, whatever decided. */
  readonly domain?: string;
  /** Present where a rule keeps answers. */
  readonly cache?: CacheUse['result'];
  /** Another target than the decision's first may answer without that one failing. */
  readonly mayEscalate: boolean;
  /** How the caller's tightest budget stands now; undefined without one. */
  budget(): string | undefined;
  /**
   * Asks the decision's targets. Call it exactly once; if the signal is already aborted it ends at once.
   * @throws GatewayError, recorded, when refused or when no target answered
   */
  answer(abort: AbortSignal): Promise<ExecutionResult>;
}

/** Deadline of asynchronous signals, in milliseconds; the learned ones are synchronous. */
const SIGNAL_DEADLINE_MS = 50;

export function createGateway(given: GatewayParts): Gateway {
  const worth = draftWorth(given.nowMs);
  const parts = { ...given, worth, publish: worth.watching(given) };
  const shadows = createShadows(parts);
  const audits = createAudits(parts);
  const shares = escalationShare(parts.nowMs);
  const { verifier } = parts;
  const checking = verifier === undefined ? {} : { verifier };
  return {
    judge: async (call) => {
      const judgement = await judge(call, parts);
      if (judgement.kind === 'failed') throw judgement.error;
      return judgement.routing;
    },
    route: async (call) => {
      const record = startRecord(call, parts);
      const judgement = await judge(call, parts, acting(parts));
      if (judgement.kind === 'failed') {
        const { error, known } = judgement;
        record.finish({ attempts: [], error }, known);
        throw error;
      }
      record.decided();
      parts.routedTo?.(call, judgement.routing);
      const { routing, payment, cached } = judgement;
      const verification = verificationOf(call, routing, { ...checking, shares });
      const asked = { call, routing, payment, cached };
      const answering = { ...asked, record, shadows, audits, verification };
      return {
        decision: routing.decision,
        ...stakesOf(routing),
        ...domainOf(routing),
        mayEscalate: verification?.escalates === true,
        ...(cached === undefined ? {} : { cache: cached.use.result }),
        budget: () => parts.payments.header(call.caller),
        answer: (abort) => answer(answering, abort, parts),
      };
    },
    joined: (call) => startRecord(call, parts).finish({ attempts: [] }),
    reject: (call, error) => startRecord(call, parts).finish({ attempts: [], error }),
    close: async () => {
      await Promise.all([shadows.close(), audits.close()]);
    },
  };
}

function domainOf({ readings: { domain } }: Routing): Pick<Routed, 'domain'> {
  return domain?.kind === 'score' && domain.value !== undefined ? { domain: domain.value } : {};
}

interface WorthParts extends GatewayParts {
  readonly worth: DraftWorth;
}

function stakesOf({ readings: { stakes } }: Routing): Pick<Routed, 'stakes'> {
  if (stakes?.kind !== 'score' || stakes.score < HIGH_STAKES) return {};
  return { stakes: { kind: stakes.value ?? 'other', degree: stakes.score } };
}

/** What is done for a request that is to be answered, beside judging it. */
interface Acting {
  lookUp(call: Call, features: Features, judged: Judged): Soon<LookUp | undefined>;
  reserve(call: Call, features: Features, decision: Decision): Payment | undefined;
}

interface Judged {
  readonly policy: Policy;
  readonly readings: Readings;
}

/**
 * Takes the first target's place in its queue, a breaker's trial, and the money that it may cost, in the same synchronous step as the
 * decision: requests that are decided one after the other in one turn of the event loop must see each other. The first attempt gives
 * it back.
 */
const acting = ({ observer, payments, cache }: GatewayParts): Acting => ({
  lookUp: (call, features, judged) => cache && lookUp(call, features, judged, cache),
  reserve: (call, features, decision) => {
    if (decision.kind !== 'route') return undefined;
    const [first] = decision.targets;
    const payment = payments.reserve(call, features, first);
    observer.started(first, call);
    return payment;
  },
});

const ONLY_JUDGING: Acting = { lookUp: () => undefined, reserve: () => undefined };

async function judge(
  call: Call,
  parts: WorthParts,
  act: Acting = ONLY_JUDGING,
): Promise<Judgement> {
  const known: { -readonly [Member in keyof Routing]?: Routing[Member] } = {};
  try {
    const ask = resolveModel(call, parts.names);
    const { policy, signals } = parts.activePolicy();
    const before = betweenSteps(call.payload.length);
    if (before !== undefined) await before;
    const asking = storedState(call, parts);
    const stored = asking instanceof Promise ? await asking : asking;
    const features = describe(call, stored?.boundTo !== undefined);
    known.features = features;
    const between = betweenSteps(call.payload.length);
    if (between !== undefined) await between;
    const evaluated = evaluate(signals, features, SIGNAL_DEADLINE_MS, parts.signalTimer);
    const readings = evaluated instanceof Promise ? await evaluated : evaluated;
    known.readings = readings;
    const looked = act.lookUp(call, features, { policy, readings });
    const asked = stored ?? parts.shared(call);
    const shared = asked instanceof Promise ? await asked : asked;
    const found = looked instanceof Promise ? await looked : looked;
    const judged = { ask, features, readings, policy, signals };
    return decided(call, judged, { shared, found, act, parts });
  } catch (error) {
    return { kind: 'failed', error, known };
  }
}

interface Deciding {
  readonly shared: SharedState;
  readonly found: LookUp | undefined;
  readonly act: Acting;
  readonly parts: WorthParts;
}

/** Synchronous, so that the snapshot is still true when it is used, and what is reserved was there. */
function decided(
  call: Call,
  judged: Omit<Routing, 'snapshot' | 'decision'>,
  { shared, found, act, parts }: Deciding,
): Judgement {
  const { ask, features, readings, policy } = judged;
  const { facts } = features;
  const state = parts.worth.known(parts.snapshot(call, shared), policy, readings);
  const read = { facts, readings, snapshot: state };
  const budget = parts.payments.facts(call, features, () => conceivable(ask, read, policy));
  const snapshot = budget === undefined ? state : { ...state, budget };
  const decision = decide(ask, { facts, readings, snapshot }, policy);
  const cached = cachedFor(decision, found);
  const isPaid = cached?.again === undefined;
  const payment = isPaid ? act.reserve(call, features, decision) : undefined;
  return { kind: 'judged', routing: { ...judged, snapshot, decision }, payment, cached };
}

/** Whether the response that a call continues is one of ours has to be known before it is described. */
const storedState = (
  call: Call,
  { shared }: GatewayParts,
): ReturnType<Snapshots['shared']> | undefined =>
  typeof call.body['previous_response_id'] === 'string' ? shared(call) : undefined;

interface Answering {
  readonly call: Call;
  readonly routing: Routing;
  readonly record: OpenRecord;
  readonly shadows: Shadows;
  readonly audits: Audits;
  readonly verification: Verification | undefined;
  readonly payment: Payment | undefined;
  readonly cached: Cached | undefined;
}

async function answer(
  answering: Answering,
  abort: AbortSignal,
  parts: GatewayParts,
): Promise<ExecutionResult> {
  const { call, routing, payment, cached, record, shadows, audits, verification } = answering;
  const { decision, features, snapshot } = routing;
  if (cached?.again !== undefined)
    return answeredAgain({ routing, cached, record, abort }, parts.conversations);
  let attempts: Outcome['attempts'] = [];
  const ended = (end: Outcome): void => {
    ({ attempts } = end);
    record.finish({ ...end, ...(cached && { cache: cached.use }) }, routing);
  };
  try {
    if (decision.kind === 'refuse') throw notNow(decision, snapshot) ?? refused(call, decision);
    const run = {
      call,
      features,
      decision,
      abort,
      payment,
      ...(verification && { verification }),
      ...unpaidIn(call, routing),
    };
    const executed = await execute(run, parts, ended);
    const place = countedPlace(placeOf(decision, executed.target), executed, snapshot);
    verification?.ended(executed.escalated !== undefined);
    remember(routing, place, parts.conversations);
    shadows.ask({ call, routing, decision });
    const audited = audits.watch({ call, routing, executed });
    const collected = collecting(
      { call, routing, target: executed.target, answer: audited },
      parts.collector,
    );
    const watched = { ...executed, answer: collected };
    if (cached?.keep === undefined || parts.cache === undefined) return watched;
    const over = { call, decision, executed: watched, attempts: () => attempts };
    return { ...watched, answer: keeping(cached.keep, over, parts.cache) };
  } catch (error) {
    ended({ attempts: [], error });
    throw error;
  }
}

/** The conversation's place; under a policy that only observes, where it would be, so that stickiness is observed too. */
function placeOf(decision: Extract<Decision, { kind: 'route' }>, answered: Target): Target {
  if (decision.onlyWatches !== true) return answered;
  return decision.targets.find(({ tier }) => tier === decision.wanted) ?? answered;
}

/** How often a conversation's small answers were replaced goes with it. */
function countedPlace(
  place: Target,
  { escalated }: ExecutionResult,
  { thread }: Snapshot,
): ConversationPlace {
  const escalations = (thread?.escalations ?? 0) + (escalated === undefined ? 0 : 1);
  return escalations === 0 ? place : { ...place, escalations };
}
