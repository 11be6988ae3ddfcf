/** The policy in force and the signals it needs: one object, swapped whole. Who reads it keeps what he read. */
import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../core/policy.ts';
import type { Signal } from '../core/signal.ts';
import type { Upstream } from '../core/upstream.ts';
import type { Upstreams } from '../engine/egress.ts';
import { loadPolicy } from '../policy/load.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { thresholdFor } from '../signals/complexity/index.ts';
import { createSignals, signalNames } from '../signals/index.ts';

export interface ActivePolicy {
  readonly policy: Policy;
  readonly signals: readonly Signal[];
  /** What it was made of. */
  readonly source: PolicySource;
}

export interface ActivePolicies {
  current(): ActivePolicy;
  /** Compiles, and changes nothing. @throws PolicyError with every mistake */
  compile(source: PolicySource): ActivePolicy;
  /** The policy alone, without its signals, which take milliseconds. @throws PolicyError */
  read(source: PolicySource): Policy;
  /** From the next request on. */
  swap(activePolicy: ActivePolicy): void;
}

/** @throws PolicyError with every mistake of the first policy */
export function activePolicies(first: PolicySource, upstreams: Upstreams): ActivePolicies {
  const read = (source: PolicySource): Policy => {
    const known: Record<string, { locality: Upstream['locality']; model: string }> = {};
    for (const [name, upstream] of upstreams) {
      known[name] = { locality: upstream.locality, model: upstream.facts().model };
    }
    return loadPolicy(source, { upstreams: known, signals: signalNames, thresholdFor });
  };
  const policy = read(first);
  let activePolicy: ActivePolicy = { policy, signals: createSignals(policy), source: first };
  return {
    current: () => activePolicy,
    compile: (source) => {
      const next = read(source);
      return { policy: next, signals: signalsFor(next, activePolicy), source };
    },
    read,
    swap: (next) => {
      activePolicy = next;
    },
  };
}

/** Signals depend on a policy's domains alone; to learn those anew takes tens of milliseconds. */
const signalsFor = ({ domains }: Policy, before: ActivePolicy): readonly Signal[] =>
  isDeepStrictEqual(domains, before.policy.domains) ? before.signals : createSignals({ domains });
