/**
 * The path of one request: describe, evaluate, snapshot, decide, execute, publish. Read this first.
 * Everything concrete is handed in; every request that comes in here leaves exactly one record.
 */
import type { Call } from '../core/call.ts';
import type { ModelSelector, Decision, Snapshot, Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import type { Sink } from '../core/record.ts';
import type { Features, Readings, Signal } from '../core/signal.ts';
import type { Conversations } from '../core/conversations.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';
import { decide } from './decide.ts';
import { evaluate, type SignalTimer } from './evaluate.ts';
import { execute, type Outcome, type ExecutionResult, type ExecuteTools } from './execute.ts';
import { describe } from './features.ts';
import { startRecord, type Known } from './record.ts';
import { createShadows } from './shadow.ts';

export interface GatewayParts extends ExecuteTools {
  /** The policy in force and the signals it needs, swapped together by a reload. */
  readonly activePolicy: () => { readonly policy: Policy; readonly signals: readonly Signal[] };
  readonly names: ModelNames;
  readonly snapshot: (call: Call) => Snapshot;
  readonly threads: Conversations;
  readonly publish: Sink;
  readonly signalTimer?: SignalTimer;
}

/** Everything that led to a decision; what `explain` and `/v1/route` show. */
export interface Routing {
  readonly ask: ModelSelector;
  readonly features: Features;
  readonly readings: Readings;
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  readonly policy: Policy;
  /** Those that gave the readings. */
  readonly signals: readonly Signal[];
}

export interface Gateway {
  /** Decides without asking any upstream, and leaves no record. */
  judge(call: Call): Promise<Routing>;
  /**
   * Answers. `decided` is told the decision before any upstream is asked, so that a slow answer can
   * already be announced.
   * @throws GatewayError, recorded, when refused or when no target answered
   */
  handle(
    call: Call,
    abort: AbortSignal,
    decided?: (decision: Decision) => void,
  ): Promise<ExecutionResult>;
  /** Records a request that was turned away before it became a call worth judging. */
  reject(call: Call, error: unknown): void;
  /** Ends what is under way in the background. */
  close(): Promise<void>;
}

/** How long signals that wait may take, in milliseconds; the learned ones answer at once. */
const SIGNAL_DEADLINE_MS = 50;

export function createGateway(parts: GatewayParts): Gateway {
  const shadows = createShadows(parts);
  const judge = async (call: Call, known: Known = {}): Promise<Routing> => {
    const ask = resolveModel(call, parts.names);
    const { policy, signals } = parts.activePolicy();
    const features = describe(call);
    known.features = features;
    const readings = await evaluate(signals, features, SIGNAL_DEADLINE_MS, parts.signalTimer);
    known.readings = readings;
    const snapshot = parts.snapshot(call);
    const decision = decide(ask, { facts: features.facts, readings, snapshot }, policy);
    known.decision = decision;
    known.ask = ask;
    known.snapshot = snapshot;
    return { ask, features, readings, snapshot, decision, policy, signals };
  };

  return {
    judge: (call) => judge(call),
    close: () => shadows.close(),
    reject: (call, error) => startRecord(call, parts).finish({ attempts: [], error }),
    handle: async (call, abort, decided) => {
      const record = startRecord(call, parts);
      const ended = (end: Outcome): void => record.finish(end);
      try {
        const { decision, features, readings, snapshot, ask } = await judge(call, record.known);
        record.decided();
        decided?.(decision);
        if (decision.kind === 'refuse') throw refused(call, decision);
        const executed = await execute({ call, features, decision, abort }, parts, ended);
        const key = ask.kind === 'routed' ? snapshot.threadKey : undefined;
        if (key !== undefined) parts.threads.remember(key, placeOf(decision, executed.target));
        shadows.ask({ call, features, readings, decision });
        return executed;
      } catch (error) {
        ended({ attempts: [], error });
        throw error;
      }
    },
  };
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
