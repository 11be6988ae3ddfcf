/** Prometheus metrics: fed by finished records, completed at each scrape by what others know just now. */
import type { Sink, UsageRecord } from '../core/record.ts';
import type { LedgerStats } from '../core/store.ts';
import { CONTENT_TYPE, END, type Format } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';
import { recordFeed } from './record-feed.ts';
import { METRICS } from './metric-definitions.ts';
import { createSeries, type Sample, type MetricRegistry } from './series.ts';

/** Read at each scrape; what is left out has no series. Keys are upstreams. */
export interface Watched {
  readonly inflight?: () => Readonly<Record<string, number>>;
  readonly queueDepth?: () => Readonly<Record<string, number>>;
  readonly upstreamState?: () => Readonly<Record<string, string>>;
  readonly policy?: () => {
    readonly name: string;
    readonly version: string;
    readonly mode: string;
  };
  /** By kind of event. */
  readonly policyEvents?: () => Readonly<Record<string, number>>;
  readonly ledger?: () => LedgerStats;
  /** Answers of shared state that did not come in time, by port. */
  readonly stateTimeouts?: () => Readonly<Record<string, number>>;
  /** Spans, by result. */
  readonly traceSpans?: () => Readonly<Record<string, number>>;
  /** Joules since the start. */
  readonly idleEnergy?: () => Readonly<Record<string, number>>;
  readonly loadingEnergy?: () => Readonly<Record<string, number>>;
}

export interface MetricsOptions {
  readonly buildInfo: { readonly version: string; readonly commit: string };
  /** Whether a model's name is from the configuration or a catalogue, and so may be a label. */
  readonly isKnownModel: (model: string) => boolean;
  readonly watched?: Watched;
  /** Series that are kept at most. */
  readonly seriesCap?: number;
  /** Names the trace of a request in the exemplars, where traces are sent somewhere. */
  readonly traceIdOf?: (record: UsageRecord) => string;
}

/** A format that a scraper may ask for. */
interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** By itself in Prometheus' text format. */
export interface Metrics extends Exposition {
  /** With exemplars: the latency histograms name a request in each bucket. */
  readonly openMetrics: Exposition;
  /** About 4 µs. */
  readonly sink: Sink;
  readonly signalTimer: (signal: string, seconds: number) => void;
}

/** 10,000 series are scraped in 10 ms and take 3 MB; nothing ordinary comes near. */
const SERIES_CAP = 20_000;
const OTHER_MODEL = 'other';

export function createMetrics(options: MetricsOptions): Metrics {
  const { seriesCap = SERIES_CAP, isKnownModel } = options;
  const series = createSeries({ cap: seriesCap });
  const modelLabel = (model: string): string => (isKnownModel(model) ? model : OTHER_MODEL);
  const { sink, signalTimer } = recordFeed(series, METRICS, { modelLabel, ...traced(options) });
  addUnfed(series);
  addReadings(series, options);
  const ofProcess = processMetrics();
  const exposition = (format: Format): Exposition => ({
    contentType: CONTENT_TYPE[format],
    text: async () => series.text(format) + (await ofProcess(format)) + END[format],
  });
  return {
    ...exposition('prometheus'),
    openMetrics: exposition('openmetrics'),
    sink,
    signalTimer,
  };
}

const traced = ({ traceIdOf }: MetricsOptions): Pick<MetricsOptions, 'traceIdOf'> =>
  traceIdOf === undefined ? {} : { traceIdOf };

/** Names that dashboards may ask for already, and that nothing feeds yet: they have no series. */
function addUnfed(series: MetricRegistry): void {
  series.counter(METRICS.escalations);
  series.counter(METRICS.rateLimited);
  series.counter(METRICS.cacheLookups);
  series.readings(METRICS.budget, 'gauge', () => []);
}

function addReadings(series: MetricRegistry, options: MetricsOptions): void {
  const { buildInfo, watched = {} } = options;
  const { inflight, queueDepth, upstreamState, policy, policyEvents, ledger } = watched;
  series.readings(METRICS.idleEnergy, 'counter', () => byName(watched.idleEnergy?.()));
  series.readings(METRICS.loadingEnergy, 'counter', () => byName(watched.loadingEnergy?.()));
  series.readings(METRICS.inflight, 'gauge', () => byName(inflight?.()));
  series.readings(METRICS.queueDepth, 'gauge', () => byName(queueDepth?.()));
  series.readings(METRICS.upstreamState, 'gauge', () =>
    Object.entries(upstreamState?.() ?? {}).map((labels): Sample => [labels, 1]),
  );
  series.readings(METRICS.policyInfo, 'gauge', () => {
    const now = policy?.();
    return now === undefined ? [] : [[[now.name, now.version, now.mode], 1]];
  });
  series.readings(METRICS.stateTimeouts, 'counter', () => byName(watched.stateTimeouts?.()));
  series.readings(METRICS.policyEvents, 'counter', () => byName(policyEvents?.()));
  series.readings(METRICS.traceSpans, 'counter', () => byName(watched.traceSpans?.()));
  const ofLedger = (pick: (stats: LedgerStats) => number) => (): readonly Sample[] => {
    const stats = ledger?.();
    return stats === undefined ? [] : [[[], pick(stats)]];
  };
  series.readings(
    METRICS.ledgerLag,
    'gauge',
    ofLedger(({ lagMs }) => lagMs / 1000),
  );
  series.readings(
    METRICS.ledgerQueue,
    'gauge',
    ofLedger(({ queued }) => queued),
  );
  series.readings(
    METRICS.ledgerDropped,
    'counter',
    ofLedger(({ dropped }) => dropped),
  );
  series.readings(METRICS.buildInfo, 'gauge', () => [[[buildInfo.version, buildInfo.commit], 1]]);
  series.readings(METRICS.seriesDropped, 'counter', () => [[[], series.size().dropped]]);
}

const byName = (figures: Readonly<Record<string, number>> = {}): readonly Sample[] =>
  Object.entries(figures).map(([name, figure]): Sample => [[name], figure]);
