/** The first half of a request's path: resolve the model, describe, evaluate, snapshot, decide, and reserve what was decided. */
import type { Call, Caller } from '../core/call.ts';
import type { Decision } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { KnownState } from '../core/known-state.ts';
import type { Judged, Judging, LargeBodies } from '../core/large-bodies.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { Features, Readings, Signal } from '../core/signal.ts';
import type { Soon } from '../lib/soon.ts';
import type { Stages } from '../lib/turns.ts';
import { cachedFor, lookUp, type CacheTools, type LookUp } from './answer-cache.ts';
import type { AttemptObserver } from './attempt.ts';
import { possibleTargets, decide } from './decide.ts';
import type { DraftWorth } from './draft-worth.ts';
import { evaluate, SIGNAL_DEADLINE_MS, type SignalTimer } from './evaluate.ts';
import { describeSoon } from './features.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';
import type { Judgement, Routing } from './routing.ts';
import type { SharedState, Snapshots } from './snapshot.ts';

export interface JudgingParts extends Snapshots {
  /**
   * The policy in force for a caller and the signals it needs, swapped together by a reload.
   * @throws GatewayError where the caller has one of its own that cannot be used
   */
  readonly activePolicy: (caller: Caller) => {
    readonly policy: Policy;
    readonly signals: readonly Signal[];
  };
  readonly names: ModelNames;
  readonly payments: Payments;
  readonly observer: AttemptObserver;
  /** Answers that may be given again; absent: none is. */
  readonly cache?: CacheTools;
  readonly signalTimer?: SignalTimer;
  /** Those of all requests. */
  readonly stages: Stages;
  /** What is known of objects at upstreams, by their ids; absent: nothing is. */
  readonly contentsOf?: KnownState['contentsOf'];
  readonly worth: DraftWorth;
  /** Absent: every body is judged here. */
  readonly largeBodies?: LargeBodies;
}

/** What happens for a request that will be answered, and not for a dry run. */
export interface Effects {
  lookUp(call: Call, features: Features, under: Ruled): Soon<LookUp | undefined>;
  reserve(call: Call, features: Features, decision: Decision): Payment | undefined;
}

/** The policy that a request is judged by, and what its signals say. */
interface Ruled {
  readonly policy: Policy;
  readonly readings: Readings;
}

/**
 * Takes the first target's place in its queue, a breaker's trial, and the money that it may cost, in the same synchronous step as the
 * decision: requests that are decided one after the other in one turn of the event loop must see each other. The first attempt gives
 * it back.
 */
export const effectsOf = ({ observer, payments, cache }: JudgingParts): Effects => ({
  lookUp: (call, features, under) => cache && lookUp(call, features, under, cache),
  reserve: (call, features, decision) => {
    if (decision.kind !== 'route') return undefined;
    const [first] = decision.targets;
    const payment = payments.reserve(call, features, first);
    observer.started(first, call);
    return payment;
  },
});

const NO_EFFECTS: Effects = { lookUp: () => undefined, reserve: () => undefined };

/** Resolves to what was decided, or to why it could not be, with what was known by then. */
export async function judge(
  call: Call,
  parts: JudgingParts,
  effects: Effects = NO_EFFECTS,
): Promise<Judgement> {
  const known: { -readonly [Member in keyof Routing]?: Routing[Member] } = {};
  try {
    const ask = resolveModel(call, parts.names);
    const asking = storedState(call, parts);
    const stored = asking instanceof Promise ? await asking : asking;
    let shared: SharedState | undefined = stored;
    for (let round = 1; round <= MOST_ROUNDS; round += 1) {
      const { policy, signals } = parts.activePolicy(call.caller);
      const { features, readings } = await readingsOf(call, howOf(signals, stored, parts), parts);
      known.features = features;
      known.readings = readings;
      const looked = effects.lookUp(call, features, { policy, readings });
      if (shared === undefined) {
        const asked = parts.shared(call);
        shared = asked instanceof Promise ? await asked : asked;
      }
      const found = looked instanceof Promise ? await looked : looked;
      // A constraint that was added while this request was read holds for it: nothing was decided yet.
      if (parts.activePolicy(call.caller).policy !== policy) continue;
      return decided(
        call,
        { ask, features, readings, policy, signals },
        { shared, found, effects, parts },
      );
    }
    throw restless();
  } catch (error) {
    return { kind: 'failed', error, known };
  }
}

/** How often a request is read anew because the policy was replaced meanwhile. */
const MOST_ROUNDS = 5;

const restless = (): GatewayError =>
  new GatewayError(
    'gateway_state_unavailable',
    'The policy was replaced again and again while this request was judged. Ask again in a second.',
  );

function howOf(
  signals: readonly Signal[],
  stored: SharedState | undefined,
  { contentsOf }: JudgingParts,
): Judging {
  return { signals, ownsState: stored?.boundTo !== undefined, ...(contentsOf && { contentsOf }) };
}

type Read = Pick<Routing, 'features' | 'readings'>;

/** A large body is described and evaluated where it was read. */
function readingsOf(call: Call, how: Judging, parts: JudgingParts): Promise<Read> {
  const { largeBodies, signalTimer, stages } = parts;
  const elsewhere = largeBodies?.judge(call, how);
  if (elsewhere !== undefined) return elsewhere.then((judged) => observed(judged, signalTimer));
  const described = describeSoon(call, how);
  const read = (features: Features): Promise<Read> =>
    evaluate(how.signals, features, SIGNAL_DEADLINE_MS, { timer: signalTimer, stages }).then(
      (readings) => ({
        features,
        readings,
      }),
    );
  return described instanceof Promise ? described.then(read) : read(described);
}

function observed({ took, ...read }: Judged, signalTimer: SignalTimer | undefined): Read {
  for (const signal in took) signalTimer?.(signal, took[signal]!);
  return read;
}

interface Deciding {
  readonly shared: SharedState;
  readonly found: LookUp | undefined;
  readonly effects: Effects;
  readonly parts: JudgingParts;
}

/** Synchronous, so that the snapshot is still true when it is used, and what is reserved was there. */
function decided(
  call: Call,
  judged: Omit<Routing, 'snapshot' | 'decision'>,
  { shared, found, effects, parts }: Deciding,
): Judgement {
  const { ask, features, readings, policy, signals } = judged;
  const { facts } = features;
  const state = parts.worth.known(parts.snapshot(call, shared), policy, readings);
  const read = { facts, readings, snapshot: state };
  const budget = parts.payments.facts(call, features, () => possibleTargets(ask, read, policy));
  const snapshot = budget === undefined ? state : { ...state, budget };
  const decision = decide(ask, { facts, readings, snapshot }, policy);
  const cached = cachedFor(decision, found);
  const isPaid = cached?.again === undefined;
  const payment = isPaid ? effects.reserve(call, features, decision) : undefined;
  const routing = { ask, features, readings, snapshot, decision, policy, signals };
  return { kind: 'judged', routing, payment, cached };
}

/** Whether the response that a call continues is one of ours has to be known before it is described. */
const storedState = (
  call: Call,
  { shared }: Pick<JudgingParts, 'shared'>,
): ReturnType<Snapshots['shared']> | undefined =>
  typeof call.body['previous_response_id'] === 'string' ? shared(call) : undefined;
