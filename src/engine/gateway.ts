/**
 * The path of one request: describe, evaluate, snapshot, decide (`route`), then execute and publish (`answer`).
 * Read this first. Everything concrete is handed in; every request that is routed leaves exactly one record.
 */
import type { Call } from '../core/call.ts';
import type { Conversations } from '../core/conversations.ts';
import type { Decision, Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import type { Sink } from '../core/record.ts';
import type { Signal } from '../core/signal.ts';
import { decide } from './decide.ts';
import { evaluate, type SignalTimer } from './evaluate.ts';
import { execute, type ExecuteTools, type ExecutionResult, type Outcome } from './execute.ts';
import { describe } from './features.ts';
import { startRecord, type OpenRecord } from './record.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';
import type { Judgement, Routing } from './routing.ts';
import { createShadows, type Shadows } from './shadow.ts';
import type { Snapshots } from './snapshot.ts';

export interface GatewayParts extends ExecuteTools, Snapshots {
  /** The policy in force and the signals it needs, swapped together by a reload. */
  readonly activePolicy: () => { readonly policy: Policy; readonly signals: readonly Signal[] };
  readonly names: ModelNames;
  readonly threads: Conversations;
  readonly publish: Sink;
  readonly signalTimer?: SignalTimer;
}

export interface Gateway {
  /** Decides without asking any upstream, and leaves no record. @throws GatewayError when it cannot be decided */
  judge(call: Call): Promise<Routing>;
  /** Decides. @throws GatewayError, recorded, when the request cannot even be decided */
  route(call: Call): Promise<Routed>;
  /** Records a request that was turned away before it became a call worth judging. */
  reject(call: Call, error: unknown): void;
  /** Ends what is under way in the background. */
  close(): Promise<void>;
}

/** A request that was decided. One that is never answered leaves no record. */
export interface Routed {
  /** A refusal too: its headers go out with the error. */
  readonly decision: Decision;
  /**
   * Asks the decision's targets. Call it exactly once; with a signal that is aborted already it ends at once.
   * @throws GatewayError, recorded, when refused or when no target answered
   */
  answer(abort: AbortSignal): Promise<ExecutionResult>;
}

/** How long signals that wait may take, in milliseconds; the learned ones answer at once. */
const SIGNAL_DEADLINE_MS = 50;

export function createGateway(parts: GatewayParts): Gateway {
  const shadows = createShadows(parts);
  return {
    judge: async (call) => {
      const judgement = await judge(call, parts);
      if (judgement.kind === 'failed') throw judgement.error;
      return judgement.routing;
    },
    route: async (call) => {
      const record = startRecord(call, parts);
      const judgement = await judge(call, parts);
      if (judgement.kind === 'failed') {
        const { error, known } = judgement;
        record.finish({ attempts: [], error }, known);
        throw error;
      }
      record.decided();
      const { routing } = judgement;
      const answering = { call, routing, record, shadows };
      return { decision: routing.decision, answer: (abort) => answer(answering, abort, parts) };
    },
    reject: (call, error) => startRecord(call, parts).finish({ attempts: [], error }),
    close: () => shadows.close(),
  };
}

async function judge(call: Call, parts: GatewayParts): Promise<Judgement> {
  const known: { -readonly [Member in keyof Routing]?: Routing[Member] } = {};
  try {
    const ask = resolveModel(call, parts.names);
    const { policy, signals } = parts.activePolicy();
    const features = describe(call);
    known.features = features;
    const readings = await evaluate(signals, features, SIGNAL_DEADLINE_MS, parts.signalTimer);
    known.readings = readings;
    const asked = parts.shared(call);
    const shared = asked instanceof Promise ? await asked : asked;
    // From here to the decision nothing is awaited: what is read must still be so when it is decided upon.
    const snapshot = parts.snapshot(call, shared);
    const decision = decide(ask, { facts: features.facts, readings, snapshot }, policy);
    const routing = { ask, features, readings, snapshot, decision, policy, signals };
    return { kind: 'judged', routing };
  } catch (error) {
    return { kind: 'failed', error, known };
  }
}

interface Answering {
  readonly call: Call;
  readonly routing: Routing;
  readonly record: OpenRecord;
  readonly shadows: Shadows;
}

async function answer(
  { call, routing, record, shadows }: Answering,
  abort: AbortSignal,
  parts: GatewayParts,
): Promise<ExecutionResult> {
  const { decision, features, snapshot, ask } = routing;
  const ended = (end: Outcome): void => record.finish(end, routing);
  try {
    if (decision.kind === 'refuse') throw refused(call, decision);
    const executed = await execute({ call, features, decision, abort }, parts, ended);
    const keys = ask.kind === 'routed' ? (snapshot.threadKeys ?? []) : [];
    const place = placeOf(decision, executed.target);
    for (const key of keys) parts.threads.remember(key, place);
    shadows.ask({ call, routing, decision });
    return executed;
  } catch (error) {
    ended({ attempts: [], error });
    throw error;
  }
}

/** Where the thread is; for a policy that only watches where it would be, so that it sees what it would do. */
function placeOf(decision: Extract<Decision, { kind: 'route' }>, answered: Target): Target {
  if (decision.onlyWatches !== true) return answered;
  return decision.targets.find(({ tier }) => tier === decision.wanted) ?? answered;
}

function refused(
  call: Call,
  { code, message }: Extract<Decision, { kind: 'refuse' }>,
): GatewayError {
  if (call.operation === 'passthrough') {
    const invalid = `Invalid URL (${call.method} /v1${call.path})`;
    return new GatewayError('caller_unknown_route', `${invalid}. ${message}`, { wireCode: null });
  }
  const wireCode = code === 'caller_context_length' ? 'context_length_exceeded' : code;
  return new GatewayError(code, message, { wireCode });
}
