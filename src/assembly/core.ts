/** Builds everything between the HTTP layer and the upstreams from the configuration. */
import { performance } from 'node:perf_hooks';
import { createAccountant } from '../accounting/account.ts';
import { createPricing } from '../accounting/prices.ts';
import { accountsOf, isChargedByList } from './accounts.ts';
import { withEveryApi } from './every-api.ts';
import type { Budgets } from '../budgets/payments.ts';
import type { Config } from '../config/config.ts';
import type { Accountant } from '../core/accounting.ts';
import type { Collector } from '../core/collect.ts';
import type { LargeBodies } from '../core/large-bodies.ts';
import type { AttemptMeter } from '../core/meter.ts';
import type { Peers } from '../core/peers.ts';
import type { Owners } from '../core/owners.ts';
import type { Sink } from '../core/record.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { UpstreamKind } from '../core/upstream-kind.ts';
import type { Upstream } from '../core/upstream.ts';
import type { AttemptObserver } from '../engine/attempt.ts';
import type { Upstreams } from '../engine/egress.ts';
import type { SignalTimer } from '../engine/evaluate.ts';
import { createDeadlines, type Deadlines } from '../engine/deadline.ts';
import { createGateway, type Gateway } from '../engine/gateway.ts';
import { createSnapshots, STATE_DEADLINE_MS, type SnapshotSources } from '../engine/snapshot.ts';
import { idSource } from '../lib/ids.ts';
import { whenKnown } from '../lib/soon.ts';
import type { TurnBarrier } from '../lib/turns.ts';
import { createTokenCounter } from '../lib/tokens.ts';
import { findPolicy } from '../policy/shipped.ts';
import { piiDetector } from '../signals/pii/detector.ts';
import { createHealth, type Health } from '../engine/health.ts';
import { sharedHealth } from '../engine/shared-health.ts';
import type { RequestState } from '../stores/open.ts';
import type { AuditRoom } from './audits.ts';
import { openBudgets } from './budgets.ts';
import { modelLanguages } from './model-catalogue.ts';
import { contentsKnown } from './owned-objects.ts';
import { upstreamLimits } from './upstream-limits.ts';
import {
  countElsewhere,
  energyAccounts,
  meterReadings,
  type EnergyParts,
  type MeterReadings,
} from './energy.ts';
import { createNames, listedModels, type NamesOptions } from '../engine/model-names.ts';
import { activePolicies, type ActivePolicies, type PolicyWork } from '../rollout/active-policy.ts';
import type { DeepAsking } from '../signals/complexity/index.ts';
import { thresholdsWith } from './threshold.ts';
import type { CheckName } from '../core/verify.ts';
import { surelyWrittenIn } from '../signals/language/shipped.ts';
import { createVerifier, type CardOf } from '../verify/index.ts';

export interface Core {
  readonly upstreams: Upstreams;
  readonly budgets: Budgets;
  readonly policies: ActivePolicies;
  readonly accountant: Accountant;
  readonly health: Health;
  /** What a model was measured to do. */
  readonly cardOf: CardOf;
  readonly deadlines: Deadlines;
  readonly models: () => ReturnType<typeof listedModels>;
  /** Makes ids of requests and of what this gateway writes. */
  readonly newId: (prefix: string) => string;
  /** Outlets (record sinks, attempt observers) are opened later, since their labels name the upstreams. */
  gateway(outlets: Outlets): Gateway;
  /** Requests that were not sent because of an upstream's own limits, by `upstream:<name>`. */
  readonly limitedUpstreams: () => Readonly<Record<string, number>>;
  /** The meters' own counters, for `/metrics`. */
  energyMeters(): MeterReadings;
  /** Reads the price list, if anything is charged by it: as long as files can be opened. */
  openPrices(): void;
  /** Frees the tokenizer's memory. */
  close(): void;
}

export interface Outlets {
  readonly publish: Sink;
  readonly observer: AttemptObserver;
  readonly signalTimer: SignalTimer;
  readonly checkSkipped: (check: CheckName, cause: 'failed' | 'late') => void;
  readonly answerTurns?: TurnBarrier;
}

interface AssemblyParts extends EnergyParts, RequestState {
  /** The kinds that the configuration was loaded with. */
  readonly kinds: readonly UpstreamKind[];
  readonly deep?: DeepAsking;
  /** Absent: every body is judged in the thread that serves. */
  readonly largeBodies?: LargeBodies;
  /** Absent: policies are prepared in the thread that serves. */
  readonly policyWork?: PolicyWork;
  readonly owners?: Owners;
  /** Absent: nothing is audited. */
  readonly audits?: AuditRoom;
  /** Absent: this process is the only one. */
  readonly peers?: Peers | undefined;
  /** Absent: nothing is collected. */
  readonly collector?: Collector;
  /** Competence cards; confidence abstains without. */
  readonly cardOf?: CardOf;
}

const nowMs = (): number => performance.now();

/** @throws PolicyError with every mistake of the policy */
export function assemble(config: Config, found: readonly Upstream[], parts: AssemblyParts): Core {
  const { responses, conversations, owners, grid, metering, cardOf, kinds } = parts;
  const newId = idSource(Date.now);
  const personal = piiDetector(config.pii.phoneRegions);
  const limits = upstreamLimits(accountsOf(config), parts);
  const over = { personal, responses, newId, largeBodies: parts.largeBodies };
  const upstreams = byName(found.map((one) => withEveryApi(limits.on(one), over)));
  const policies = policiesOf(config, upstreams, parts);
  const { counter, pricing, openPrices, budgets, accountant } = moneyOf(config, parts, newId);
  const { health, ready } = healthOf(config, parts, found);
  const names: NamesOptions = {
    upstreams,
    largeUpstream: () => policies.current().policy.targets.large.upstream,
    ...interceptedOf(config),
    isPriced: (model) => pricing.cost(ONE_TOKEN, { model, atMs: Date.now() }) !== null,
  };
  const snapshots = createSnapshots({
    upstreams,
    ...conditionsBy(health, ready),
    boundTo: boundTo(config, responses, owners),
    gridGramsPerKwh: () => grid?.here().gramsPerKwh,
    languagesOf: modelLanguages(accountsOf(config)),
    conversations,
  });
  return {
    upstreams,
    budgets,
    policies,
    accountant,
    health,
    cardOf: cardOf ?? (() => undefined),
    deadlines: createDeadlines({ ms: STATE_DEADLINE_MS, nowMs }),
    models: () => listedModels(names),
    newId,
    gateway: (outlets) =>
      createGateway({
        ...checked(outlets, cardOf),
        ...maybeMetered(metering),
        ...givenOf(parts),
        activePolicy: policies.of,
        policyInForce: policies.inForce,
        names: createNames(names),
        ...snapshots,
        conversations,
        keepsSeen: config.store.features === true,
        maxAttempts: config.limits.maxAttempts,
        payments: budgets,
        routedTo: watchingAnomalies(budgets),
        cache: { answers: parts.answers, personal },
        ...(owners === undefined ? {} : { contentsOf: contentsKnown(config, owners) }),
        upstreams,
        accountant,
        nowMs,
      }),
    limitedUpstreams: limits.refusals,
    energyMeters: () => meterReadings(config, kinds, found, metering),
    openPrices,
    close: () => counter.free(),
  };
}

const byName = (list: readonly Upstream[]): Upstreams =>
  new Map(list.map((one) => [one.name, one]));

const conditionsBy = (
  health: Health,
  ready: SnapshotSources['ready'] | undefined,
): Pick<SnapshotSources, 'health' | 'ready'> => ({
  health: (name, call) => health.condition(name, call),
  ...(ready && { ready }),
});

/** What a gateway may have, and need not. */
const givenOf = ({ audits, collector, largeBodies }: AssemblyParts) => ({
  ...(audits && { auditor: audits.auditor }),
  ...(collector && { collector }),
  ...(largeBodies && { largeBodies }),
});

function policiesOf(
  config: Config,
  upstreams: Upstreams,
  { deep, audits, policyWork: work }: AssemblyParts,
): ActivePolicies {
  const policies = activePolicies(findPolicy(config.policy, config.baseDir), upstreams, {
    thresholdFor: audits === undefined ? thresholdsWith(config.judge.deep) : audits.thresholdFor,
    deep,
    givesSeen: config.store.features,
    phoneRegions: config.pii.phoneRegions,
    auth: config.auth.mode,
    work,
  });
  audits?.watch(policies);
  return policies;
}

type RoutedTo = NonNullable<Parameters<typeof createGateway>[0]['routedTo']>;

/** What a caller names itself is no work of the router's. */
const watchingAnomalies =
  ({ anomalies }: Budgets): RoutedTo =>
  ({ caller, receivedAtMs }, { ask, features, decision }) => {
    if (ask.kind !== 'routed') return;
    anomalies.routed(caller.name, {
      task: features.taskEnds ?? features.task,
      isLarge: decision.wanted === 'large',
      atMs: receivedAtMs,
    });
  };

/** Of all processes of this gateway, where it has several. */
function healthOf(
  config: Config,
  { peers, places, kinds, metering }: AssemblyParts,
  found: readonly Upstream[],
): { readonly health: Health } & Pick<SnapshotSources, 'ready'> {
  const options = {
    nowMs,
    callers: () => callersOf(config),
    isSpared: config.limits.breakers,
  };
  if (peers === undefined) return { health: createHealth(options) };
  const counted = countElsewhere(config, kinds, found, metering);
  const health = sharedHealth({ ...options, counted }, peers, places);
  return { health, ready: (call) => health.ready(call) };
}

/** Keys of the store are more than nobody has counted yet. */
const callersOf = ({ auth }: Config): number =>
  auth.mode === 'open' ? 1 : Math.max(2, auth.keys.length);

/** What counts tokens and money. */
function moneyOf(config: Config, { kinds, grid, attempts }: AssemblyParts, newId: Core['newId']) {
  const counter = createTokenCounter();
  const pricing = createPricing();
  const upstreams = accountsOf(config);
  const { countTokens } = counter;
  const energy = energyAccounts(config, kinds, grid);
  return {
    counter,
    pricing,
    openPrices: () => {
      if (isChargedByList(config)) pricing.open();
    },
    budgets: openBudgets(config, { pricing, accounts: upstreams, attempts, newId }),
    accountant: createAccountant({ pricing, countTokens, upstreams, ...energy }),
  };
}

/** With keys, the owners remember for longer than this process which upstream holds a response. */
function boundTo(
  { auth }: Config,
  responses: ResponseStore,
  owners: Owners | undefined,
): SnapshotSources['boundTo'] {
  if (auth.mode === 'open' || owners === undefined)
    return (id, caller, deadline) => responses.boundTo(caller, id, deadline);
  return (id, caller, deadline) =>
    whenKnown(
      responses.boundTo(caller, id, deadline),
      (here) => here ?? whenKnown(owners.of(id), (owned) => owned?.upstream || undefined),
    );
}

const interceptedOf = ({ interceptModels }: Config): Pick<NamesOptions, 'interceptModels'> =>
  interceptModels === undefined ? {} : { interceptModels };

const checked = ({ checkSkipped, ...outlets }: Outlets, cardOf: CardOf | undefined) => ({
  ...outlets,
  verifier: createVerifier({
    languageOf: surelyWrittenIn(),
    onSkipped: checkSkipped,
    ...(cardOf === undefined ? {} : { cardOf }),
  }),
});

const maybeMetered = (meter: AttemptMeter | undefined): { readonly meter?: AttemptMeter } =>
  meter === undefined ? {} : { meter };

const ONE_TOKEN = {
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
  source: 'counted',
} as const;
