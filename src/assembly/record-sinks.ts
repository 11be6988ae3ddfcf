/** Sinks of finished records (metrics, log, ledger), and observers of running attempts. */
import type { Sink } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';
import type { HttpParts } from '../http/parts.ts';
import { shownPolicy } from '../engine/modes.ts';
import type { Recovered, StoreTools } from '../stores/open.ts';
import type { Log } from '../telemetry/log.ts';
import type { LargeBodyPool } from '../bodies/pool.ts';
import type { DeepThread } from '../signals/encoder/thread.ts';
import { createMetrics, type AuditSample, type Metrics } from '../telemetry/metrics.ts';
import { traceSettings } from '../telemetry/trace-settings.ts';
import { traceIdOf } from '../telemetry/trace-spans.ts';
import { startTraces, type Traces } from '../telemetry/traces.ts';
import type { AuditRoom } from './audits.ts';
import type { Certificates } from './certificates.ts';
import type { Collecting } from './collecting.ts';
import type { Core, Outlets } from './core.ts';
import type { FollowedBudgets } from './follow-budgets.ts';
import type { Guards } from './guards.ts';
import type { PolicyThreads } from './judging-threads.ts';
import type { Wiring } from './wiring.ts';
import { listing } from '../engine/model-names.ts';
import { budgetSources } from './budgets.ts';
import { recordBatches } from './record-batches.ts';
import { refusedRows } from './refused-rows.ts';
import type { PolicyEvent } from '../rollout/state.ts';

export interface Records extends Outlets {
  readonly ledger: Ledger;
  readonly metrics: HttpParts['metrics'];
  readonly reportBug: (error: unknown, requestId?: string) => void;
  /** How many records there were so far. */
  readonly published: () => number;
  /** How often threads ended and were started again, by thread. */
  readonly threadRestarts: () => Readonly<Record<string, number>>;
  /** Logs and counts a policy event. */
  readonly policyEvent: (event: PolicyEvent) => void;
  /** Publishes waiting records; the ledger and the log are closed by their owner. */
  close(): Promise<void>;
}

export interface Surroundings {
  readonly log: Log;
  readonly ledger: Ledger;
  /** Rows that were written before this start, and are not there. */
  readonly missingRows: number;
  /** Absent: there is no Redis. */
  readonly redisProblem?: (() => string | undefined) | undefined;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wiring: Pick<Wiring, 'observer' | 'faults'>;
  readonly guards: Guards;
  readonly following: Pick<FollowedBudgets, 'warnings'>;
  readonly certificates: Pick<Certificates, 'expirySeconds'>;
  readonly thread?: DeepThread;
  readonly largeBodies: Pick<LargeBodyPool, 'ended'>;
  readonly policyWork: Pick<PolicyThreads, 'restarts'>;
  readonly audits: Pick<AuditRoom, 'observe' | 'promise' | 'counts'>;
  readonly collecting: Pick<Collecting, 'counts'>;
}

/** @throws Error that says what is wrong with the trace endpoint, and what to do */
export function openRecords(core: Core, surroundings: Surroundings): Records {
  const { version, env, log, ledger, wiring } = surroundings;
  const sendingTo = traceSettings(env);
  const policyEvents = new Map<string, number>();
  const traces = sendingTo && startTraces({ ...sendingTo, version, log: log.warn });
  const threadRestarts = () => restartsOf(surroundings);
  const metrics = openMetrics(core, { ...surroundings, policyEvents, traces, threadRestarts });
  surroundings.thread?.watch(metrics.deepTimer);
  const { observe } = surroundings.audits;
  const rows = refusedRows(ledger);
  const sinks: readonly Sink[] = [rows.append, metrics.sink, log.sink, observe];
  const { publish, flush, published } = recordBatches(
    traces === undefined ? sinks : [...sinks, traces.sink],
    log.reportBug,
    ledger.note && rows.note,
  );
  return {
    ledger: flushBeforeRead(flush, ledger),
    metrics: flushBeforeScrape(flush, metrics),
    publish,
    published,
    observer: wiring.observer,
    signalTimer: metrics.signalTimer,
    checkSkipped: metrics.checkSkipped,
    reportBug: log.reportBug,
    threadRestarts,
    policyEvent: ({ event, message }) => {
      policyEvents.set(event, (policyEvents.get(event) ?? 0) + 1);
      log.warn(message);
    },
    close: async () => {
      flush();
      rows.flush();
      await traces?.close();
    },
  };
}

/** Reads include every record that was published before. */
function flushBeforeRead(flush: () => void, ledger: Ledger): Ledger {
  const after =
    <Given extends readonly unknown[], T>(read: (...given: Given) => T) =>
    (...given: Given): T => {
      flush();
      return read(...given);
    };
  return {
    ...ledger,
    get: after(ledger.get),
    list: after(ledger.list),
    figures: {
      totals: after(ledger.figures.totals),
      series: after(ledger.figures.series),
      rows: after(ledger.figures.rows),
    },
    stats: after(ledger.stats),
    flush: after(ledger.flush),
    close: after(ledger.close),
  };
}

function flushBeforeScrape(flush: () => void, metrics: Metrics): HttpParts['metrics'] {
  const after = (exposition: HttpParts['metrics']['openMetrics']) => ({
    ...exposition,
    text: () => {
      flush();
      return exposition.text();
    },
  });
  return { ...after(metrics), openMetrics: after(metrics.openMetrics) };
}

/** Writes to the log when the ledger begins to fail, and when it works again. */
export const ledgerNews =
  ({ warn, info }: Log): StoreTools['onLedgerProblem'] =>
  (problem) => {
    if (problem === undefined) info('The ledger is written again.');
    else {
      warn(`The ledger cannot be written; records wait and are sent again. ${problem}`);
    }
  };

/** The same of the Redis that replicas share, also to people: at a start it may be that its URL is wrong. */
export const redisNews =
  ({ warn, info }: Log, printLine: (line: string) => void) =>
  (problem: string | undefined): void => {
    if (problem === undefined) return info('Redis has worked for a minute.');
    const line = `Redis (shared.redis) cannot be used: ${problem}. Each replica enforces its part of the limits and has only its own stored responses.`;
    printLine(line);
    warn(line);
  };

/** Says to people and to the log what a start found of the processes before it. */
export const recoveryNews =
  ({ warn }: Log, printLine: (line: string) => void): NonNullable<StoreTools['onRecovered']> =>
  (found) => {
    for (const line of recoveryLines(found)) {
      printLine(line);
      warn(line);
    }
  };

function auditSample({ counts, promise }: Counted['audits']): AuditSample {
  const { made, omitted, costNanoUsd } = counts();
  const known = promise();
  return {
    made,
    omitted,
    usd: costNanoUsd / 1e9,
    ...(known === undefined || known.sample.worse === null
      ? {}
      : {
          kept: {
            low: 1 - known.sample.high,
            estimate: 1 - known.sample.worse,
            high: 1 - known.sample.low,
            objective: 1 - known.objective,
          },
        }),
  };
}

function* recoveryLines(found: Recovered): Generator<string> {
  const { recovered, recoveredNanoUsd, taken, missing } = found;
  if (recovered > 0)
    yield `${recovered} paid calls were under way when an earlier process ended: what they cost is not known, and they are charged as reserved, ${usd(recoveredNanoUsd)} USD. \`ledger reconcile\` closes them with the provider's bill.`;
  if (taken.rows > 0)
    yield `${taken.rows} rows that an earlier process could not write are in the ledger now: ${usd(taken.nanoUsd)} USD.`;
  if (missing !== undefined)
    yield `${missing.rows} rows of the ledger are missing that were written before: the file was damaged, or put back from a copy. The last one that is there is of ${when(missing.sinceMs)}, the last that was written of ${when(missing.untilMs)}.`;
}

const usd = (nanoUsd: number): string => (nanoUsd / 1e9).toFixed(9);
const when = (atMs: number): string => new Date(atMs).toISOString();

interface Counted extends Surroundings {
  readonly policyEvents: ReadonlyMap<string, number>;
  readonly traces: Traces | undefined;
  readonly threadRestarts: Records['threadRestarts'];
}

function openMetrics(core: Core, counted: Counted): Metrics {
  const { ledger, policyEvents, version, env, wiring, traces, thread } = counted;
  const { upstreams, health } = core;
  const byUpstream = <T>(read: (name: string) => T): Readonly<Record<string, T>> =>
    Object.fromEntries([...upstreams.keys()].map((name) => [name, read(name)]));
  return createMetrics({
    buildInfo: { version, commit: env['SMALLFIRST_COMMIT'] ?? 'unknown' },
    // Other pinned models are no label: callers choose their names.
    isKnownModel: (model) => listing(upstreams, model) !== undefined,
    cappedScopes: core.budgets
      .states()
      .flatMap(({ budget }) => (budget.large ? [budget.name] : [])),
    ...(traces === undefined ? {} : { traceIdOf }),
    watched: {
      ...(traces === undefined ? {} : { traceSpans: () => ({ ...traces.stats() }) }),
      inflight: () => byUpstream((name) => health.state(name).inFlight),
      queueDepth: () => byUpstream((name) => Math.max(0, health.state(name).queueDepth - 1)),
      upstreamState: () => byUpstream((name) => health.state(name).phase),
      modelState: () => loadStates(upstreams),
      wiringFaults: () =>
        [...wiring.faults()].map(([upstream, { cause }]) => ({ upstream, cause })),
      policy: () => shownPolicy(core.policies.current().policy),
      policyEvents: () => Object.fromEntries(policyEvents),
      audits: () => auditSample(counted.audits),
      collected: counted.collecting.counts,
      ledger: () => ledger.stats(),
      ledgerMissingRows: () => counted.missingRows,
      redisFails: () => counted.redisProblem?.() !== undefined,
      ...budgetSources(core.budgets),
      budgetWarnings: counted.following.warnings,
      certificates: counted.certificates.expirySeconds,
      logLinesDropped: () => counted.log.dropped(),
      rateLimited: () => ({ ...counted.guards.limiter.refusals(), ...core.limitedUpstreams() }),
      idempotent: counted.guards.idempotency.counts,
      threadRestarts: counted.threadRestarts,
      stateTimeouts: core.deadlines.timeouts,
      ...(thread === undefined ? {} : { deepJudge: thread.counts }),
      ...core.energyMeters(),
    },
  });
}

const restartsOf = ({
  ledger,
  thread: deep,
  largeBodies,
  policyWork,
}: Pick<Surroundings, 'ledger' | 'thread' | 'largeBodies' | 'policyWork'>): Readonly<
  Record<string, number>
> => ({
  ...ledger.stats().restarts,
  ...(deep === undefined ? {} : { deep_judge: deep.restarts() }),
  large_bodies: largeBodies.ended(),
  policies: policyWork.restarts(),
});

function loadStates(upstreams: Core['upstreams']): Readonly<Record<string, string>> {
  const states: Record<string, string> = {};
  for (const [name, upstream] of upstreams) {
    const { loadState } = upstream.facts();
    if (loadState !== undefined) states[name] = loadState;
  }
  return states;
}
