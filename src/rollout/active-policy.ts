/** The active policy with its signals: one object, swapped whole. A reader keeps the object that it read. */
import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../core/policy.ts';
import type { Signal } from '../core/signal.ts';
import type { Upstream } from '../core/upstream.ts';
import type { Upstreams } from '../engine/egress.ts';
import { loadPolicy, type PolicyContext } from '../policy/load.ts';
import type { PolicySource } from '../policy/shipped.ts';
import type { DeepAsking } from '../signals/complexity/index.ts';
import { createSignals, signalNames } from '../signals/index.ts';

export interface ActivePolicy {
  readonly policy: Policy;
  readonly signals: readonly Signal[];
  /** The text that it was compiled from. */
  readonly source: PolicySource;
}

export interface ActivePolicies {
  current(): ActivePolicy;
  /** Compiles without activating. @throws PolicyError with every problem */
  compile(source: PolicySource): ActivePolicy;
  /** The policy without its signals, which take milliseconds to build. @throws PolicyError */
  read(source: PolicySource): Policy;
  /** Takes effect from the next request. */
  swap(activePolicy: ActivePolicy): void;
}

/** How requests are judged, beside the policy. */
export interface JudgeParts extends Pick<PolicyContext, 'thresholdFor' | 'auth'> {
  readonly deep?: DeepAsking | undefined;
}

/** @throws PolicyError with every problem of the first policy */
export function activePolicies(
  first: PolicySource,
  upstreams: Upstreams,
  { deep, ...context }: JudgeParts,
): ActivePolicies {
  const read = (source: PolicySource): Policy => {
    const known: Record<string, { locality: Upstream['locality']; model: string }> = {};
    for (const [name, upstream] of upstreams) {
      known[name] = { locality: upstream.locality, model: upstream.facts().model };
    }
    return loadPolicy(source, { upstreams: known, signals: signalNames, ...context });
  };
  const policy = read(first);
  let activePolicy: ActivePolicy = { policy, signals: createSignals(policy, deep), source: first };
  return {
    current: () => activePolicy,
    compile: (source) => {
      const next = read(source);
      return { policy: next, signals: signalsFor(next, activePolicy, deep), source };
    },
    read,
    swap: (next) => {
      activePolicy = next;
    },
  };
}

/** Signals depend on the policy's domains and threshold only, and training the former takes tens of milliseconds. */
function signalsFor(
  { domains, threshold }: Policy,
  before: ActivePolicy,
  deep: DeepAsking | undefined,
): readonly Signal[] {
  const isAsBefore =
    isDeepStrictEqual(domains, before.policy.domains) &&
    (deep === undefined || threshold.value === before.policy.threshold.value);
  return isAsBefore ? before.signals : createSignals({ domains, threshold }, deep);
}
