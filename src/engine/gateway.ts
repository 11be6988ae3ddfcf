/**
 * The path of one request: describe, evaluate, snapshot, decide (`route`), then execute and publish (`answer`). Read this first.
 * All implementations are injected; every routed request leaves exactly one record.
 */
import type { Call } from '../core/call.ts';
import type { Conversations } from '../core/conversations.ts';
import type { ConversationPlace, Decision, Snapshot, Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { Sink } from '../core/record.ts';
import { HIGH_STAKES, type Features, type Signal } from '../core/signal.ts';
import type { Verifier } from '../core/verify.ts';
import { betweenSteps } from '../lib/turns.ts';
import { conceivable, decide } from './decide.ts';
import { evaluate, type SignalTimer } from './evaluate.ts';
import { escalationShare } from './escalation-share.ts';
import { execute, type ExecuteTools, type ExecutionResult, type Outcome } from './execute.ts';
import { draftWorth, type DraftWorth } from './draft-worth.ts';
import { describe } from './features.ts';
import { startRecord, type OpenRecord } from './record.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';
import type { Judgement, Routing } from './routing.ts';
import { isNotNow, unpaid, type Refusal } from './refusal.ts';
import { createAudits, type Audits, type AuditTools } from './audits.ts';
import { createShadows, type Shadows } from './shadow.ts';
import type { Snapshots } from './snapshot.ts';
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
  readonly signalTimer?: SignalTimer;
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
      const judgement = await judge(call, parts, reserve);
      if (judgement.kind === 'failed') {
        const { error, known } = judgement;
        record.finish({ attempts: [], error }, known);
        throw error;
      }
      record.decided();
      const { routing, payment } = judgement;
      const verification = verificationOf(call, routing, { ...checking, shares });
      const answering = { call, routing, payment, record, shadows, audits, verification };
      return {
        decision: routing.decision,
        ...stakesOf(routing),
        ...domainOf(routing),
        mayEscalate: verification?.escalates === true,
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

type Reserve = (
  call: Call,
  features: Features,
  decision: Decision,
  parts: GatewayParts,
) => Payment | undefined;

/**
 * Takes the first target's place in its queue, a breaker's trial, and the money that it may cost, in the same synchronous step as the
 * decision: requests that are decided one after the other in one turn of the event loop must see each other. The first attempt gives
 * it back.
 */
const reserve: Reserve = (call, features, decision, { observer, payments }) => {
  if (decision.kind !== 'route') return undefined;
  const [first] = decision.targets;
  const payment = payments.reserve(call, features, first);
  observer.started(first, call);
  return payment;
};

const reserveNothing: Reserve = () => undefined;

async function judge(
  call: Call,
  parts: WorthParts,
  reserved: Reserve = reserveNothing,
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
    const asked = stored ?? parts.shared(call);
    const shared = asked instanceof Promise ? await asked : asked;
    // Nothing is awaited from here to the decision, so that the snapshot is still true when it is used.
    const { facts } = features;
    const state = parts.worth.known(parts.snapshot(call, shared), policy, readings);
    const read = { facts, readings, snapshot: state };
    const budget = parts.payments.facts(call, features, () => conceivable(ask, read, policy));
    const snapshot = budget === undefined ? read.snapshot : { ...read.snapshot, budget };
    const decision = decide(ask, { facts, readings, snapshot }, policy);
    const payment = reserved(call, features, decision, parts);
    const routing = { ask, features, readings, snapshot, decision, policy, signals };
    return { kind: 'judged', routing, payment };
  } catch (error) {
    return { kind: 'failed', error, known };
  }
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
}

async function answer(
  { call, routing, payment, record, shadows, audits, verification }: Answering,
  abort: AbortSignal,
  parts: GatewayParts,
): Promise<ExecutionResult> {
  const { decision, features, snapshot, ask } = routing;
  const ended = (end: Outcome): void => record.finish(end, routing);
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
    const keys = ask.kind === 'routed' ? (snapshot.threadKeys ?? []) : [];
    const place = countedPlace(placeOf(decision, executed.target), executed, snapshot);
    verification?.ended(executed.escalated !== undefined);
    for (const key of keys) parts.conversations.remember(key, place);
    shadows.ask({ call, routing, decision });
    return { ...executed, answer: audits.watch({ call, routing, executed }) };
  } catch (error) {
    ended({ attempts: [], error });
    throw error;
  }
}

/** Where none of the targets answers, money is what another one needed. */
function unpaidIn(call: Call, { decision, snapshot }: Routing): { readonly unpaid?: GatewayError } {
  const short = unpaid(decision.excluded, snapshot);
  return short === undefined ? {} : { unpaid: refused(call, short) };
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

function refused(call: Call, { code, message, retryAtMs }: Refusal): GatewayError {
  if (call.operation === 'passthrough') {
    const invalid = `Invalid URL (${call.method} /v1${call.path})`;
    return new GatewayError('caller_unknown_route', `${invalid}. ${message}`, { wireCode: null });
  }
  const wireCode = code === 'caller_context_length' ? 'context_length_exceeded' : code;
  const isSpent = code === 'policy_budget_exceeded';
  const headers = isSpent ? untilPaid(retryAtMs, call.receivedAtMs) : {};
  return new GatewayError(code, message, { wireCode, headers });
}

/** Where what may answer is left alone for a while: with the time after which the first of it may be asked again. */
function notNow(
  { code, message, excluded }: Extract<Decision, { kind: 'refuse' }>,
  { upstreams }: Snapshot,
): GatewayError | undefined {
  if (!isNotNow(code)) return undefined;
  const waits = excluded.flatMap(({ by, target }) =>
    by === 'health' ? [upstreams[target.upstream]?.askableInMs ?? 0] : [],
  );
  return new GatewayError(code, message, { headers: retryAfter(Math.min(...waits)) });
}

const retryAfter = (ms: number): Readonly<Record<string, string>> => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1000))),
});

/** An SDK that asked again by itself would ask for nothing. */
const untilPaid = (retryAtMs: number | undefined, nowMs: number) => ({
  'x-should-retry': 'false',
  ...(retryAtMs === undefined ? {} : retryAfter(retryAtMs - nowMs)),
});
