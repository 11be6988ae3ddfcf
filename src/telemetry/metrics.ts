/** Prometheus metrics: fed by finished records, plus gauges and counters that are read at each scrape. */
import type { Sink, UsageRecord } from '../core/record.ts';
import type { LedgerStats } from '../core/store.ts';
import { CONTENT_TYPE, END, type Format } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';
import { recordFeed } from './record-feed.ts';
import { METRICS } from './metric-definitions.ts';
import { DEATH_CAUSES } from './service-metrics.ts';
import { createSeries, type Sample, type MetricRegistry } from './series.ts';

interface AttemptSample {
  readonly open: number;
  readonly unreconciledUsd: number;
  readonly unreconciledAgeSeconds: number;
}

export interface BudgetSample {
  /** The budget's name. */
  readonly scope: string;
  readonly state: 'limit' | 'spent' | 'reserved' | 'leased';
  readonly usd: number;
}

export interface AuditSample {
  /** By `<compared> <by>`. */
  readonly made: ReadonlyMap<string, number>;
  readonly omitted: ReadonlyMap<string, number>;
  readonly usd: number;
  /** Shares of small answers that are not worse; absent where nothing is known. */
  readonly kept?: Readonly<Record<'low' | 'estimate' | 'high' | 'objective', number>>;
}

/** Read at each scrape; an absent member has no series. Keys are upstreams unless noted. */
export interface ScrapeSources {
  readonly inflight?: () => Readonly<Record<string, number>>;
  readonly queueDepth?: () => Readonly<Record<string, number>>;
  readonly upstreamState?: () => Readonly<Record<string, string>>;
  /** Of models in this process. */
  readonly modelState?: () => Readonly<Record<string, string>>;
  /** Those that stand now. */
  readonly wiringFaults?: () => readonly { readonly upstream: string; readonly cause: string }[];
  readonly policy?: () => {
    readonly name: string;
    readonly version: string;
    readonly mode: string;
  };
  /** By kind of event. */
  readonly policyEvents?: () => Readonly<Record<string, number>>;
  /** Of small answers with the large model's. */
  readonly audits?: () => AuditSample;
  /** Answers that a policy wants collected, by what became of them. */
  readonly collected?: () => ReadonlyMap<string, number>;
  readonly ledger?: () => LedgerStats;
  /** Rows that were written before this start, and are not there. */
  readonly ledgerMissingRows?: () => number;
  readonly redisFails?: () => boolean;
  /** By budget and state, in US dollars. */
  readonly budgets?: () => readonly BudgetSample[];
  /** Of the book of paid attempts. */
  readonly attempts?: () => AttemptSample;
  /** How often it was said that a share of a budget is spent, by budget. */
  readonly budgetWarnings?: () => Readonly<Record<string, number>>;
  /** How many keys are routed as they usually are not, by kind. */
  readonly routerAnomalies?: () => Readonly<Record<string, number>>;
  /** Spent above what was reserved; absent without budgets. */
  readonly budgetOverrunUsd?: () => number | undefined;
  readonly logLinesDropped?: () => number;
  /** Seconds until each is no longer valid. */
  readonly certificates?: () => Readonly<Record<string, number>>;
  /** Requests that may be retries: first, joined, replayed, conflict, gone. */
  readonly idempotent?: () => Readonly<Record<string, number>>;
  /** Refusals by a limit: `key:<name>`, `team:<name>`. */
  readonly rateLimited?: () => Readonly<Record<string, number>>;
  /** Threads that ended and were started again, by thread. */
  readonly threadRestarts?: () => Readonly<Record<string, number>>;
  /** Answers of shared state that did not come in time, by port. */
  readonly stateTimeouts?: () => Readonly<Record<string, number>>;
  /** Questions to the deep judge, by result. */
  readonly deepJudge?: () => Readonly<Record<string, number>>;
  /** Spans, by result. */
  readonly traceSpans?: () => Readonly<Record<string, number>>;
  /** Joules since the start. */
  readonly idleEnergy?: () => Readonly<Record<string, number>>;
  readonly loadingEnergy?: () => Readonly<Record<string, number>>;
}

export interface MetricsOptions {
  readonly buildInfo: { readonly version: string; readonly commit: string };
  /** Whether a model's name may be a label, because it is from the configuration or the catalogue. */
  readonly isKnownModel: (model: string) => boolean;
  readonly watched?: ScrapeSources;
  /** The maximum number of series. */
  readonly seriesCap?: number;
  /** The trace id for exemplars; only where traces are exported. */
  readonly traceIdOf?: (record: UsageRecord) => string;
  /** Budgets with a cap on the large model: an alert sees the first time only if there was a 0 before. */
  readonly cappedScopes?: readonly string[];
}

/** The metrics in one text format. */
interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** The members `contentType` and `text` are Prometheus' text format. */
export interface Metrics extends Exposition {
  /** With exemplars: each bucket of the latency histograms names a request. */
  readonly openMetrics: Exposition;
  /** Takes about 4 µs. */
  readonly sink: Sink;
  readonly signalTimer: (signal: string, seconds: number) => void;
  readonly checkSkipped: (check: string, cause: string) => void;
  readonly deepTimer: (seconds: number) => void;
}

/** 10,000 series are scraped in 10 ms and take 3 MB; ordinary use stays far below. */
const SERIES_CAP = 20_000;
const OTHER_MODEL = 'other';

export function createMetrics(options: MetricsOptions): Metrics {
  const { seriesCap = SERIES_CAP, isKnownModel } = options;
  const series = createSeries({ cap: seriesCap });
  const modelLabel = (model: string): string => (isKnownModel(model) ? model : OTHER_MODEL);
  const { sink, signalTimer, checkSkipped, deepTimer } = recordFeed(series, METRICS, {
    modelLabel,
    cappedScopes: options.cappedScopes ?? [],
    ...traceIds(options),
  });
  addScraped(series, options);
  const processText = processMetrics();
  const exposition = (format: Format): Exposition => ({
    contentType: CONTENT_TYPE[format],
    text: async () => series.text(format) + (await processText(format)) + END[format],
  });
  return {
    ...exposition('prometheus'),
    openMetrics: exposition('openmetrics'),
    sink,
    signalTimer,
    checkSkipped,
    deepTimer,
  };
}

const traceIds = ({ traceIdOf }: MetricsOptions): Pick<MetricsOptions, 'traceIdOf'> =>
  traceIdOf === undefined ? {} : { traceIdOf };

const states = (byUpstream: Readonly<Record<string, string>> = {}): readonly Sample[] =>
  Object.entries(byUpstream).map((labels): Sample => [labels, 1]);

function addScraped(series: MetricRegistry, options: MetricsOptions): void {
  const { buildInfo, watched = {} } = options;
  const { inflight, queueDepth, policy, policyEvents, ledger } = watched;
  series.scraped(METRICS.idleEnergy, 'counter', () => byName(watched.idleEnergy?.()));
  series.scraped(METRICS.loadingEnergy, 'counter', () => byName(watched.loadingEnergy?.()));
  addMoney(series, watched);
  addAudits(series, watched);
  series.scraped(METRICS.inflight, 'gauge', () => byName(inflight?.()));
  series.scraped(METRICS.queueDepth, 'gauge', () => byName(queueDepth?.()));
  series.scraped(METRICS.upstreamState, 'gauge', () => states(watched.upstreamState?.()));
  series.scraped(METRICS.modelState, 'gauge', () => states(watched.modelState?.()));
  series.scraped(METRICS.wiringFault, 'gauge', () =>
    (watched.wiringFaults?.() ?? []).map(({ upstream, cause }): Sample => [[upstream, cause], 1]),
  );
  series.scraped(METRICS.policyInfo, 'gauge', () => {
    const active = policy?.();
    return active === undefined ? [] : [[[active.name, active.version, active.mode], 1]];
  });
  series.scraped(METRICS.idempotent, 'counter', () => byName(watched.idempotent?.()));
  series.scraped(METRICS.rateLimited, 'counter', () => byName(watched.rateLimited?.()));
  series.scraped(METRICS.threadRestarts, 'counter', () => byName(watched.threadRestarts?.()));
  // The primary counts them, to which these zeros are added: a process without workers has the series too.
  series.scraped(METRICS.workerDeaths, 'counter', () => DEATH_CAUSES.map((cause) => [[cause], 0]));
  series.scraped(METRICS.stateTimeouts, 'counter', () => byName(watched.stateTimeouts?.()));
  series.scraped(METRICS.policyEvents, 'counter', () => byName(policyEvents?.()));
  series.scraped(METRICS.deepJudge, 'counter', () => byName(watched.deepJudge?.()));
  series.scraped(METRICS.traceSpans, 'counter', () => byName(watched.traceSpans?.()));
  const ofLedger = (pick: (stats: LedgerStats) => number) => (): readonly Sample[] => {
    const stats = ledger?.();
    return stats === undefined ? [] : [[[], pick(stats)]];
  };
  series.scraped(
    METRICS.ledgerLag,
    'gauge',
    ofLedger(({ lagMs }) => lagMs / 1000),
  );
  series.scraped(
    METRICS.ledgerQueue,
    'gauge',
    ofLedger(({ queued }) => queued),
  );
  series.scraped(
    METRICS.ledgerDropped,
    'counter',
    ofLedger(({ dropped }) => dropped),
  );
  series.scraped(METRICS.ledgerMissing, 'gauge', () => [[[], watched.ledgerMissingRows?.() ?? 0]]);
  series.scraped(METRICS.redisFailing, 'gauge', () => [
    [[], Number(watched.redisFails?.() ?? false)],
  ]);
  series.scraped(METRICS.certificateExpiry, 'gauge', () => byName(watched.certificates?.()));
  series.scraped(METRICS.logLinesDropped, 'counter', () => [
    [[], watched.logLinesDropped?.() ?? 0],
  ]);
  series.scraped(METRICS.buildInfo, 'gauge', () => [[[buildInfo.version, buildInfo.commit], 1]]);
  series.scraped(METRICS.seriesDropped, 'counter', () => [[[], series.size().dropped]]);
}

function addAudits(series: MetricRegistry, { audits, collected }: ScrapeSources): void {
  series.scraped(METRICS.collected, 'counter', () =>
    [...(collected?.() ?? [])].map(([result, count]): Sample => [[result], count]),
  );
  series.scraped(METRICS.audits, 'counter', () =>
    [...(audits?.().made ?? [])].map(([name, count]): Sample => [name.split(' '), count]),
  );
  series.scraped(METRICS.auditsOmitted, 'counter', () =>
    [...(audits?.().omitted ?? [])].map(([cause, count]): Sample => [[cause], count]),
  );
  series.scraped(METRICS.auditCost, 'counter', () =>
    audits === undefined ? [] : [[[], audits().usd]],
  );
  series.scraped(METRICS.quality, 'gauge', () => byName(audits?.().kept));
}

function addMoney(series: MetricRegistry, watched: ScrapeSources): void {
  series.scraped(METRICS.budget, 'gauge', () =>
    (watched.budgets?.() ?? []).map(({ scope, state, usd }): Sample => [[scope, state], usd]),
  );
  series.scraped(METRICS.routerAnomaly, 'gauge', () => byName(watched.routerAnomalies?.()));
  series.scraped(METRICS.budgetWarnings, 'counter', () => byName(watched.budgetWarnings?.()));
  series.scraped(METRICS.budgetOverrun, 'counter', () => {
    const usd = watched.budgetOverrunUsd?.();
    return usd === undefined ? [] : [[[], usd]];
  });
  const ofAttempts = (pick: (sample: AttemptSample) => number) => (): readonly Sample[] => {
    const sample = watched.attempts?.();
    return sample === undefined ? [] : [[[], pick(sample)]];
  };
  series.scraped(
    METRICS.openIntents,
    'gauge',
    ofAttempts(({ open }) => open),
  );
  series.scraped(
    METRICS.unreconciled,
    'gauge',
    ofAttempts(({ unreconciledUsd }) => unreconciledUsd),
  );
  series.scraped(
    METRICS.unreconciledAge,
    'gauge',
    ofAttempts(({ unreconciledAgeSeconds }) => unreconciledAgeSeconds),
  );
}

const byName = (figures: Readonly<Record<string, number>> = {}): readonly Sample[] =>
  Object.entries(figures).map(([name, figure]): Sample => [[name], figure]);
