/**
 * The active policy with its signals: one object, swapped whole. A reader keeps the object that it read. Beside it those that keys
 * have of their own.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import type { Signal } from '../core/signal.ts';
import type { Upstream } from '../core/upstream.ts';
import type { Upstreams } from '../engine/egress.ts';
import { loadPolicy, type PolicyContext } from '../policy/load.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { createSignals, signalNames, type JudgeOptions } from '../signals/index.ts';

export interface ActivePolicy {
  readonly policy: Policy;
  readonly signals: readonly Signal[];
  /** The text that it was compiled from. */
  readonly source: PolicySource;
}

/** A key's own, or why it cannot be used. */
export type OwnPolicy = ActivePolicy | { readonly problem: string };

export interface ActivePolicies {
  current(): ActivePolicy;
  /** A key's own, else the current one. @throws GatewayError where the key's own cannot be used: it is not replaced by another */
  of(caller: Pick<Caller, 'name' | 'policy'>): ActivePolicy;
  /** The policy of this version if it is in force for any caller, else the current one. */
  inForce(version: string | undefined): Policy;
  /** Compiles without activating. @throws PolicyError with every problem */
  compile(source: PolicySource): ActivePolicy;
  /** The policy without its signals, which take milliseconds to build. @throws PolicyError */
  read(source: PolicySource): Policy;
  /** Takes effect from the next request. */
  swap(activePolicy: ActivePolicy): void;
  /** Policies of keys, by what their settings name; likewise. */
  readonly own: Map<string, OwnPolicy>;
  /** Each is replaced by what is made of it, likewise. */
  revise(change: (policy: Policy) => Policy): void;
}

/** How requests are judged, beside the policy. */
export interface JudgeParts extends Pick<PolicyContext, 'thresholdFor' | 'auth'>, JudgeOptions {}

/** @throws PolicyError with every problem of the first policy */
export function activePolicies(
  first: PolicySource,
  upstreams: Upstreams,
  { deep, givesSeen, phoneRegions, ...context }: JudgeParts,
): ActivePolicies {
  const read = (source: PolicySource): Policy => {
    const known: Record<string, { locality: Upstream['locality']; model: string }> = {};
    for (const [name, upstream] of upstreams) {
      known[name] = { locality: upstream.locality, model: upstream.facts().model };
    }
    return loadPolicy(source, {
      upstreams: known,
      signals: signalNames,
      judgeInForce,
      ...context,
    });
  };
  const judge = { deep, givesSeen, phoneRegions };
  const policy = read(first);
  let activePolicy: ActivePolicy = { policy, signals: createSignals(policy, judge), source: first };
  const own = new Map<string, OwnPolicy>();
  return {
    current: () => activePolicy,
    of: ({ name, policy: reference }) => {
      if (reference === undefined) return activePolicy;
      const found = own.get(reference);
      if (found !== undefined && 'policy' in found) return found;
      throw unusable(name, reference, found?.problem);
    },
    inForce: (version) => {
      for (const each of own.values())
        if ('policy' in each && each.policy.version === version) return each.policy;
      return activePolicy.policy;
    },
    compile: (source) => {
      const next = read(source);
      return { policy: next, signals: signalsFor(next, activePolicy, judge), source };
    },
    read,
    swap: (next) => {
      activePolicy = next;
    },
    own,
    revise: (change) => {
      activePolicy = { ...activePolicy, policy: change(activePolicy.policy) };
      for (const [reference, each] of own)
        if ('policy' in each) own.set(reference, { ...each, policy: change(each.policy) });
    },
  };
}

const unusable = (name: string, reference: string, problem = 'it is not read yet'): GatewayError =>
  new GatewayError(
    'gateway_internal',
    `The policy of key '${name}', ${reference}, cannot be used: ${problem}. Nothing is sent under another one.`,
  );

/** Signals depend on so much of a policy only, and training its domains takes tens of milliseconds. */
function signalsFor(
  { domains, threshold, learned }: Policy,
  { policy, signals }: ActivePolicy,
  judge: JudgeOptions,
): readonly Signal[] {
  const isAsBefore =
    isDeepStrictEqual([domains, learned], [policy.domains, policy.learned]) &&
    (judge.deep === undefined || threshold.value === policy.threshold.value);
  if (isAsBefore) return signals;
  const parts = learned === undefined ? { domains, threshold } : { domains, threshold, learned };
  return createSignals(parts, judge);
}
