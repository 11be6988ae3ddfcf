/** Where finished records go (metrics, log, ledger), and what watches the attempts while they run. */
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/config.ts';
import type { Sink } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';
import type { HttpParts } from '../http/parts.ts';
import { shownPolicy } from '../engine/modes.ts';
import { memoryLedger } from '../stores/memory.ts';
import { sqliteLedger, type SqliteOptions } from '../stores/sqlite.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { traceSettings } from '../telemetry/trace-settings.ts';
import { traceIdOf } from '../telemetry/trace-spans.ts';
import { startTraces, type Traces } from '../telemetry/traces.ts';
import type { Core, Outlets } from './core.ts';
import { listing } from '../engine/model-names.ts';
import { recordBatches } from './record-batches.ts';
import type { PolicyEvent } from '../rollout/rollout.ts';

export interface Records extends Outlets {
  readonly ledger: Ledger;
  readonly metrics: HttpParts['metrics'];
  readonly reportBug: (error: unknown) => void;
  /** What became of the policy: a line in the log, and a count. */
  readonly policyNews: (news: PolicyEvent) => void;
  /** Writes out everything, then closes. */
  close(): Promise<void>;
}

export interface Surroundings {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @throws Error that says what is wrong with the store or with where traces go, and what to do */
export async function openRecords(
  config: Config,
  core: Core,
  { version, env }: Surroundings,
): Promise<Records> {
  const sendingTo = traceSettings(env);
  const log = createLog({ level: config.log.level });
  const ledger = await openLedger(config, ledgerNews(log));
  const policyEvents = new Map<string, number>();
  const traces = sendingTo && startTraces({ ...sendingTo, version, say: log.warn });
  const metrics = openMetrics(core, { ledger, policyEvents, version, env, traces });
  const sinks: readonly Sink[] = [ledger.append, metrics.sink, log.sink];
  const { publish, drain } = recordBatches(
    traces === undefined ? sinks : [...sinks, traces.sink],
    log.reportBug,
  );
  return {
    ledger: flushBeforeRead(drain, ledger),
    metrics: flushBeforeScrape(drain, metrics),
    publish,
    observer: core.health,
    signalTimer: metrics.signalTimer,
    reportBug: log.reportBug,
    policyNews: ({ event, message }) => {
      policyEvents.set(event, (policyEvents.get(event) ?? 0) + 1);
      log.warn(message);
    },
    close: async () => {
      drain();
      await Promise.all([ledger.close(), traces?.close()]);
      log.close();
    },
  };
}

/** Whoever reads sees every record that was published before. */
function flushBeforeRead(drain: () => void, ledger: Ledger): Ledger {
  const after =
    <Given extends readonly unknown[], T>(read: (...given: Given) => T) =>
    (...given: Given): T => {
      drain();
      return read(...given);
    };
  return {
    ...ledger,
    get: after(ledger.get),
    list: after(ledger.list),
    stats: after(ledger.stats),
    flush: after(ledger.flush),
    close: after(ledger.close),
  };
}

function flushBeforeScrape(drain: () => void, metrics: Metrics): HttpParts['metrics'] {
  const after = (exposition: HttpParts['metrics']['openMetrics']) => ({
    ...exposition,
    text: () => {
      drain();
      return exposition.text();
    },
  });
  return { ...after(metrics), openMetrics: after(metrics.openMetrics) };
}

type OnProblem = NonNullable<SqliteOptions['onProblem']>;

/** Writes to the log when the ledger begins to fail, and when it works again. */
const ledgerNews =
  ({ warn, info }: Log): OnProblem =>
  (problem) => {
    if (problem === undefined) info('The ledger is written again.');
    else {
      warn(`The ledger cannot be written; records wait in memory and are sent again. ${problem}`);
    }
  };

/**
 * `onProblem` hears when writes begin to fail and when they succeed again; a ledger in memory never fails.
 * @throws GatewayError that says what is wrong with the store, and what to do
 */
export async function openLedger({ store }: Config, onProblem?: OnProblem): Promise<Ledger> {
  switch (store.kind) {
    case 'sqlite':
      return await sqliteLedger({
        path: store.path,
        nowMs: () => performance.now(),
        ...(onProblem === undefined ? {} : { onProblem }),
      });
    case 'memory':
      return memoryLedger();
    case 'postgres':
      throw new Error('The ledger has no postgres store.');
  }
}

interface Counted extends Surroundings {
  readonly ledger: Ledger;
  readonly policyEvents: ReadonlyMap<string, number>;
  readonly traces: Traces | undefined;
}

function openMetrics(core: Core, counted: Counted): Metrics {
  const { ledger, policyEvents, version, env, traces } = counted;
  const { upstreams, health } = core;
  const byUpstream = <T>(read: (name: string) => T): Readonly<Record<string, T>> =>
    Object.fromEntries([...upstreams.keys()].map((name) => [name, read(name)]));
  return createMetrics({
    buildInfo: { version, commit: env['SMALLFIRST_COMMIT'] ?? 'unknown' },
    // Whatever else a caller pins is no label.
    isKnownModel: (model) => listing(upstreams, model) !== undefined,
    ...(traces === undefined ? {} : { traceIdOf }),
    watched: {
      ...(traces === undefined ? {} : { traceSpans: () => ({ ...traces.stats() }) }),
      inflight: () => byUpstream((name) => health.state(name).queueDepth),
      queueDepth: () => byUpstream((name) => Math.max(0, health.state(name).queueDepth - 1)),
      upstreamState: () => byUpstream((name) => health.state(name).phase),
      policy: () => shownPolicy(core.policies.current().policy),
      policyEvents: () => Object.fromEntries(policyEvents),
      ledger: () => ledger.stats(),
      ...core.energyMeters(),
    },
  });
}
