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
import { otherTurn } from '../lib/turns.ts';
import { compileInSteps, loadPolicy, thresholdOf, type PolicyContext } from '../policy/load.ts';
import { readPolicy, type PolicyNames, type ReadPolicy } from '../policy/read.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { learnDomains, type DomainTables } from '../signals/domain/learn.ts';
import { createSignals, settingsOf, signalNames, type JudgeOptions } from '../signals/index.ts';

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
  compile(source: PolicySource): Promise<ActivePolicy>;
  /** The policy without its signals, which take seconds to build where it has many domains. @throws PolicyError */
  read(source: PolicySource): Promise<Policy>;
  /** Only whether it can be used. @throws PolicyError with every problem */
  check(source: PolicySource): Promise<Pick<Policy, 'name' | 'version'>>;
  /** Takes effect from the next request. */
  swap(activePolicy: ActivePolicy): void;
  /** Policies of keys, by what their settings name; likewise. */
  readonly own: Map<string, OwnPolicy>;
  /** Each is replaced by what is made of it, likewise. */
  revise(change: (policy: Policy) => Policy): void;
}

/** What takes long of a policy: done elsewhere, callers are served meanwhile. */
export interface PolicyWork {
  /** @throws PolicyError */
  read(source: PolicySource, names: PolicyNames): Promise<ReadPolicy>;
  learn(domains: Policy['domains']): Promise<DomainTables>;
}

const HERE: PolicyWork = {
  read: async (source, names) => readPolicy(source, names),
  learn: async (domains) => learnDomains(domains),
};

/** How requests are judged, beside the policy. */
export interface JudgeParts extends Pick<PolicyContext, 'thresholdFor' | 'auth'>, JudgeOptions {
  /** Absent: it is done in this thread, as that of the first policy always is. */
  readonly work?: PolicyWork | undefined;
}

/** @throws PolicyError with every problem of the first policy */
export function activePolicies(
  first: PolicySource,
  upstreams: Upstreams,
  { deep, givesSeen, phoneRegions, work = HERE, ...given }: JudgeParts,
): ActivePolicies {
  const context = (): PolicyContext => {
    const known: Record<string, { locality: Upstream['locality']; model: string }> = {};
    for (const [name, upstream] of upstreams) {
      known[name] = { locality: upstream.locality, model: upstream.facts().model };
    }
    return { upstreams: known, signals: signalNames, judgeInForce, ...given };
  };
  const judge = { deep, givesSeen, phoneRegions };
  const policy = loadPolicy(first, context());
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
    compile: async (source) => {
      const names = context();
      const read = await work.read(source, names);
      const tables = await tablesFor(read.data, activePolicy, work);
      const next = await compileInSteps(read, names, otherTurn);
      return {
        policy: next,
        signals: signalsFor(next, activePolicy, { ...judge, tables }),
        source,
      };
    },
    read: async (source) => {
      const names = context();
      return await compileInSteps(await work.read(source, names), names, otherTurn);
    },
    check: async (source) => checked(await work.read(source, context()), context()),
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

/** @throws PolicyError where no threshold is known for its objective */
function checked(read: ReadPolicy, context: PolicyContext): Pick<Policy, 'name' | 'version'> {
  thresholdOf(read, context);
  return { name: read.data.name, version: read.version };
}

const unusable = (name: string, reference: string, problem = 'it is not read yet'): GatewayError =>
  new GatewayError(
    'gateway_internal',
    `The policy of key '${name}', ${reference}, cannot be used: ${problem}. Nothing is sent under another one.`,
  );

/** What is known of the same domains is not learned again. */
async function tablesFor(
  { domains }: Pick<Policy, 'domains'>,
  { policy, signals }: ActivePolicy,
  { learn }: PolicyWork,
): Promise<DomainTables> {
  const known = isDeepStrictEqual(domains, policy.domains)
    ? settingsOf(signals)?.tables
    : undefined;
  return known ?? (await learn(domains));
}

/** Signals depend on so much of a policy only, and building them takes milliseconds. */
function signalsFor(
  { domains, threshold, learned }: Policy,
  { policy, signals }: ActivePolicy,
  { tables, ...judge }: JudgeOptions & { readonly tables: DomainTables },
): readonly Signal[] {
  const isAsBefore =
    isDeepStrictEqual([domains, learned], [policy.domains, policy.learned]) &&
    (judge.deep === undefined || threshold.value === policy.threshold.value);
  if (isAsBefore) return signals;
  const parts = { domains, threshold, tables };
  return createSignals(learned === undefined ? parts : { ...parts, learned }, judge);
}
