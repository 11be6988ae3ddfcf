/** What the HTTP layer is given. */
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/config.ts';
import type { PolicyStatus } from '../core/policy-store.ts';
import { standingOf } from '../core/budget-settings.ts';
import type { BudgetState } from '../core/budget.ts';
import type { LargeBodies } from '../core/large-bodies.ts';
import { describe } from '../engine/features.ts';
import { shownPolicy } from '../engine/modes.ts';
import { createAdmission, type Admission } from '../http/admission/admission.ts';
import { createReadLater } from '../http/admission/read-later.ts';
import { createBuffers } from '../http/admission/buffers.ts';
import { createEvents } from '../http/pages/events.ts';
import type { HttpParts } from '../http/parts.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import { isLoopback } from '../lib/loopback.ts';
import { turnBarrier } from '../lib/turns.ts';
import { storedResponses } from '../responses/stored-routes.ts';
import type { Stores } from '../stores/open.ts';
import { version } from '../version.ts';
import type { Certificates } from './certificates.ts';
import type { Core } from './core.ts';
import type { AuditRoom } from './audits.ts';
import { budgetAdmin } from './budget-admin.ts';
import type { EnergyParts } from './energy.ts';
import type { FollowedBudgets } from './follow-budgets.ts';
import type { Guards } from './guards.ts';
import { keyAdmin, shownKeys } from './key-admin.ts';
import type { RunningAuth } from './keys.ts';
import { ownershipOf } from './owned-objects.ts';
import { simulateOnLedger } from './simulate.ts';
import { collectedAdmin } from './collected-admin.ts';
import type { Collecting } from './collecting.ts';
import { ledgerAdmin } from './ledger-admin.ts';
import { localCatalogue } from './model-catalogue.ts';
import type { RunningRollout } from './policies.ts';
import { readiness } from './readiness.ts';
import { watchAttempts, watchFrom } from './recent-attempts.ts';
import { upstreamAdmin } from './shown-upstreams.ts';
import type { Records } from './record-sinks.ts';
import { reportOnLedger, summaryOf } from './report.ts';
import type { Wiring } from './wiring.ts';
import { lookingEverywhere, metricsOfAll } from './workers.ts';
import { keepPolicy, referenceTo } from '../rollout/own-policies.ts';
import type { Log } from '../telemetry/log.ts';
import type { Worker } from '../workers/worker.ts';

/** Streams that are silent this long get a comment, and their headers: below the 10 s after which some proxies cut. */
const KEEP_ALIVE_MS = 8000;

/** Requests that go on in one turn of the event loop: a thousand at once would block it for a tenth of a second. */
const REQUESTS_A_TURN = 64;

const nowMs = (): number => performance.now();

/** What a gateway is built of, when it begins to listen. */
export interface Built {
  readonly energy: Required<EnergyParts>;
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly records: Records;
  readonly rollout: RunningRollout;
  readonly wiring: Wiring;
  readonly keys: RunningAuth;
  readonly guards: Guards;
  readonly following: FollowedBudgets;
  readonly collecting: Collecting;
  readonly log: Pick<Log, 'info'>;
  readonly memory: ByteBudget;
  readonly largeBodies: LargeBodies;
  readonly certificates: Certificates;
  readonly audits: Pick<AuditRoom, 'quality'>;
  readonly notice: string | null;
  readonly worker: Worker | undefined;
}

export function httpParts(built: Built, life: AbortSignal): HttpParts {
  const { config, core, stores, records, rollout, keys, guards, memory } = built;
  const admission = admissionOf(built, life);
  const turns = () =>
    turnBarrier({ atMost: REQUESTS_A_TURN, isAlone: () => admission.unanswered() <= 1 });
  const shown = shownParts(built, life);
  const changed = lookingEverywhere(async () => {
    await Promise.all([keys.look(), built.following.look(), rollout.tick()]);
  }, built.worker?.peers);
  const watch = watchAttempts();
  void watchFrom(records.ledger, watch);
  const gateway = core.gateway({
    ...records,
    answerTurns: turns(),
    publish: (record) => {
      records.publish(record);
      shown.events.publish(record);
      guards.limiter.settle(record);
      rollout.observe(record);
      watch.observe(record);
    },
  });
  return {
    gateway,
    countInput: (call) => core.accountant.watch(call, describe(call)).countUsage([]).inputTokens,
    auth: keys.auth,
    ...(keys.sessions === undefined ? {} : { sessions: keys.sessions }),
    ownership: ownershipOf(config, stores.owners),
    ...guards,
    ...adminParts(built, changed),
    ...shown,
    corsOrigins: config.server.cors,
    basePath: config.server.basePath,
    keepAliveMs: KEEP_ALIVE_MS,
    limits: config.limits,
    newId: () => core.newId('req'),
    epochMs: Date.now,
    nowMs,
    stateDeadline: core.deadlines.start,
    storedDeadline: core.deadlines.startStored,
    models: core.models,
    catalogue: localCatalogue,
    ledger: records.ledger,
    upstreams: upstreamAdmin(core, built.wiring, watch),
    ...policyParts(built, changed),
    metrics: metricsOfAll(records.metrics, built.worker),
    hasCloud: () => [...core.upstreams.values()].some(({ locality }) => locality === 'cloud'),
    reportBug: records.reportBug,
    authIsOpen: config.auth.mode === 'open',
    adminIsLocal: config.admin !== undefined && isLoopback(config.admin.host),
    isDraining: () => life.aborted,
    admission,
    readLater: createReadLater(nowMs),
    buffers: createBuffers(memory, { nowMs }),
    bodyTurns: turns(),
    largeBodies: built.largeBodies,
    startedAtMs: Date.now(),
    storedResponses: storedResponses(stores.responses),
  };
}

const admissionOf = ({ config, memory }: Built, life: AbortSignal): Admission =>
  createAdmission({
    ...config.limits,
    aTurn: REQUESTS_A_TURN,
    memory,
    isDraining: () => life.aborted,
    nowMs,
  });

function policyParts(
  { config, core, rollout, records, stores }: Built,
  changed: () => Promise<void>,
): Pick<HttpParts, 'policies' | 'policyOf' | 'policyNameOf' | 'simulate'> {
  const tried = { config, core, rollout, ledger: records.ledger, store: stores.policies };
  return {
    policies: {
      ...rollout,
      activate: async (...given) => {
        const status = await rollout.activate(...given);
        await changed();
        return status;
      },
      rollBack: async (act) => {
        const status = await rollout.rollBack(act);
        await changed();
        return status;
      },
    },
    policyNameOf: (caller) => referenceTo(core.policies.of(caller).policy),
    policyOf: rollout.policyOf,
    simulate: simulateOnLedger({ ...tried, epochMs: Date.now }),
  };
}

/** What changes keys and budgets, and what a key may ask of its own. */
function adminParts(
  { config, core, stores, collecting, log }: Built,
  changed: () => Promise<void>,
): Pick<HttpParts, 'keys' | 'budgets' | 'budgetsOf' | 'ledgerAdmin' | 'collectedAdmin'> {
  const { budgets } = core;
  return {
    keys: keyAdmin(config, {
      store: stores.keys,
      budgets: stores.budgets,
      keepPolicy: (given, act) =>
        keepPolicy(given, act, { policies: core.policies, store: stores.policies }),
      changed,
    }),
    budgets: budgetAdmin(config, {
      store: stores.budgets,
      stateOf: budgets.stateOf,
      keys: () => shownKeys(config, stores.keys),
      changed,
    }),
    ledgerAdmin: ledgerAdmin(config, { stores, budgets }),
    collectedAdmin: collectedAdmin({
      collecting,
      log,
      policy: () => core.policies.current().policy,
    }),
    budgetsOf: (caller) => budgets.statesOf(caller).map(ownStanding),
  };
}

function ownStanding(state: BudgetState): object {
  const { name, scope, limitNanoUsd, per, zone } = state.budget;
  return { name, scope, limitUsd: limitNanoUsd / 1e9, per, zone, ...standingOf(state) };
}

/** Said on every page: who edits the file does not look at the policy's view. */
function brokenPolicy({ problem, name, version: active }: PolicyStatus): readonly string[] {
  const [first] = problem?.problems ?? [];
  if (first === undefined) return [];
  const what = `${first.line}:${first.column} ${first.message}`;
  return [`The policy's file cannot be used (${what}); ${name}@${active} stays in force.`];
}

type Shown = Pick<HttpParts, 'report' | 'summary' | 'meters' | 'readiness' | 'about' | 'events'>;

/** What pages show of the gateway. */
function shownParts(
  {
    config,
    core,
    stores,
    records,
    rollout,
    wiring,
    energy,
    audits,
    notice,
    certificates,
    worker,
  }: Built,
  life: AbortSignal,
): Shown {
  const about = (): ReturnType<Shown['about']> => ({
    version,
    policy: shownPolicy(core.policies.current().policy),
    notice: [notice ?? [], wiring.lines(), brokenPolicy(rollout.status())].flat().join(' ') || null,
  });
  const ready = (): ReturnType<Shown['readiness']> =>
    readiness(core, wiring, {
      ...records,
      missingRows: stores.missingRows,
      redisProblem: stores.redisProblem,
      certificates,
    });
  const state = () => {
    const { ok, detail } = ready();
    return { ...about(), ready: ok, detail };
  };
  return {
    report: (sinceMs) => reportOnLedger(config, records.ledger, { sinceMs, untilMs: Date.now() }),
    summary: (window) => summaryOf(config, records.ledger.figures, window, audits.quality()),
    meters: () => ({ energy: energy.metering.report(), grid: energy.grid.here() }),
    readiness: ready,
    about,
    events: createEvents({
      state,
      life: worker === undefined ? life : AbortSignal.any([life, worker.leaving]),
      peers: worker?.peers,
    }),
  };
}
