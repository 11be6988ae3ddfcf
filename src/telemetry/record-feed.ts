/** Feeds the metrics from finished records. A value that a record does not have is not fed. */
import type { Attempt, Sink, Usage, UsageRecord } from '../core/record.ts';
import type { Origin } from './exposition.ts';
import { otelFeed } from './otel-names.ts';
import type { MetricDefinitions } from './metric-definitions.ts';
import { NANO_PER_USD } from './nano-usd.ts';
import type { Counter, MetricRegistry } from './series.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const OVERHEAD_SECONDS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5,
];
const TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const SIGNAL_SECONDS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05];
const DEEP_SECONDS = [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.1, 0.5];

/** The value of a label that does not apply: the cause of a successful attempt, the upstream of a refusal. */
const NONE = 'none';

/** The kind of a shadow's cost: money spent, but not for an answer. */
const SHADOW = 'shadow';

export interface RecordFeed {
  readonly sink: Sink;
  readonly signalTimer: (signal: string, seconds: number) => void;
  readonly checkSkipped: (check: string, cause: string) => void;
  readonly deepTimer: (seconds: number) => void;
}

interface FeedOptions {
  /** The label value for a model's name: the name itself only if it is in a closed set. */
  readonly modelLabel: (model: string) => string;
  readonly traceIdOf?: (record: UsageRecord) => string;
  /** Counted from 0 on. */
  readonly cappedScopes: readonly string[];
}

export function recordFeed(
  series: MetricRegistry,
  metrics: MetricDefinitions,
  options: FeedOptions,
): RecordFeed {
  const { modelLabel, traceIdOf, cappedScopes } = options;
  const request = requestFeed(series, metrics);
  const overflow = series.counter(metrics.contextOverflow);
  const capped = series.counter(metrics.largeCapped);
  for (const scope of cappedScopes) capped.with(scope);
  const decision = decisionFeed(series, metrics, { overflow, capped });
  const attempt = attemptFeed(series, metrics, overflow);
  const otel = otelFeed(series);
  const skipped = series.counter(metrics.checksSkipped);
  const deepDuration = series.histogram(metrics.deepDuration, DEEP_SECONDS);
  const signalDuration = series.histogram(metrics.signalDuration, SIGNAL_SECONDS);
  return {
    sink: (record) => {
      // A shadow is no request: only its attempts are counted.
      const origin = originOf(record, traceIdOf);
      if (record.shadowOf === undefined) {
        request(record, origin);
        decision(record);
      }
      for (const each of record.attempts) {
        const model = modelLabel(each.model);
        attempt(each, model, origin);
        otel.attempt(record, each, model);
      }
    },
    signalTimer: (signal, seconds) => signalDuration.observe(seconds, signal),
    checkSkipped: (check, cause) => {
      skipped.with(check, cause).value += 1;
    },
    deepTimer: (seconds) => deepDuration.observe(seconds),
  };
}

/** The time is the end of the request, when its figures are complete. */
function originOf(record: UsageRecord, traceIdOf: FeedOptions['traceIdOf']): Origin {
  const origin = { requestId: record.id, atMs: record.atMs + record.latencyMs };
  return traceIdOf === undefined ? origin : { ...origin, traceId: traceIdOf(record) };
}

type OriginatedSink = (record: UsageRecord, origin: Origin) => void;

function requestFeed(series: MetricRegistry, metrics: MetricDefinitions): OriginatedSink {
  const requests = series.counter(metrics.requests);
  const errors = series.counter(metrics.errors);
  const duration = series.histogram(metrics.requestDuration, SECONDS);
  const overhead = series.histogram(metrics.overhead, OVERHEAD_SECONDS);
  const baseline = series.scaledCounter(metrics.baselineCost, NANO_PER_USD);
  const fallbacks = series.counter(metrics.fallbacks);
  const baselineEnergy = series.counter(metrics.baselineEnergy);
  const lookUps = series.counter(metrics.cacheLookups);
  return (record, origin) => {
    const { operation, attempts, overheadMs } = record;
    const last = attempts.at(-1);
    const upstream = last?.upstream ?? NONE;
    requests.with(operation, last?.tier ?? NONE, upstream, record.outcome).value += 1;
    if (record.errorCode !== undefined) errors.with(record.errorCode).value += 1;
    const seconds = record.latencyMs / 1000;
    duration.observeOf(origin, seconds, operation, upstream, String(record.stream));
    overhead.observeOf(origin, overheadMs.route / 1000, 'route');
    overhead.observeOf(origin, overheadMs.total / 1000, 'total');
    if (record.cache !== undefined) lookUps.with(record.cache.result).value += 1;
    if (record.baselineNanoUsd !== null) baseline.with().value += record.baselineNanoUsd;
    if (record.baselineEnergy !== undefined) {
      baselineEnergy.with('low').value += record.baselineEnergy.lowJ;
      baselineEnergy.with('high').value += record.baselineEnergy.highJ;
    }
    for (let at = 1; at < attempts.length; at++) {
      const from = attempts[at - 1]!;
      if (from.kind !== undefined) continue;
      fallbacks.with(from.upstream, attempts[at]!.upstream, from.cause ?? NONE).value += 1;
    }
  };
}

function decisionFeed(
  series: MetricRegistry,
  metrics: MetricDefinitions,
  { overflow, capped }: Readonly<Record<'overflow' | 'capped', Counter>>,
): Sink {
  const decisions = series.counter(metrics.decisions);
  const complexity = series.histogram(metrics.complexity, TENTHS);
  const abstentions = series.counter(metrics.abstentions);
  return ({ decision, readings }) => {
    for (const signal in readings) {
      const reading = readings[signal]!;
      if (reading.kind === 'abstain') abstentions.with(signal, reading.cause).value += 1;
    }
    if (decision === undefined) return;
    const { policy, rule, excluded } = decision;
    const tier = decision.kind === 'route' ? decision.targets[0].tier : 'refuse';
    decisions.with(policy.name, rule, tier, policy.mode).value += 1;
    if (decision.complexity !== null) complexity.observe(decision.complexity);
    for (const { by, name, target } of excluded) {
      if (by === 'large-cap') capped.with(name).value += 1;
      if (by === 'context') overflow.with(target.upstream, 'kept_away').value += 1;
    }
  };
}

function verdictFeed(
  series: MetricRegistry,
  metrics: MetricDefinitions,
): (attempt: Attempt) => void {
  const verdicts = series.counter(metrics.verdicts);
  const escalations = series.counter(metrics.escalations);
  return ({ verdict, kind }) => {
    if (verdict === undefined) return;
    const check = verdict.kind === 'fail' ? verdict.check : NONE;
    verdicts.with(check, verdict.kind).value += 1;
    if (kind === 'draft')
      escalations.with(verdict.kind === 'fail' ? check : 'undecided').value += 1;
  };
}

function attemptFeed(
  series: MetricRegistry,
  metrics: MetricDefinitions,
  overflow: Counter,
): (attempt: Attempt, model: string, origin: Origin) => void {
  const attempts = series.counter(metrics.attempts);
  const firstToken = series.histogram(metrics.firstToken, SECONDS);
  const tokens = series.counter(metrics.tokens);
  const cost = series.scaledCounter(metrics.cost, NANO_PER_USD);
  const footprint = footprintFeed(series, metrics);
  const unpriced = series.counter(metrics.unpriced);
  const verdict = verdictFeed(series, metrics);
  return (attempt, model, origin) => {
    const { upstream, cause, usage } = attempt;
    attempts.with(upstream, attempt.outcome, cause ?? NONE).value += 1;
    verdict(attempt);
    if (attempt.ttftMs !== undefined) firstToken.observeOf(origin, attempt.ttftMs / 1000, upstream);
    if (cause === 'context_overflow') overflow.with(upstream, 'refused').value += 1;
    if (usage !== undefined) {
      feedTokens(tokens, usage, upstream, model);
    }
    const mayHaveCost = usage !== undefined || attempt.isUnpriced === true;
    if (mayHaveCost && attempt.cost === null) unpriced.with(upstream).value += 1;
    for (const kind in attempt.cost?.kinds) {
      const label = attempt.shadow === true ? SHADOW : kind;
      cost.with(upstream, model, label).value += attempt.cost.kinds[kind]!;
    }
    footprint(attempt, model);
  };
}

function footprintFeed(
  series: MetricRegistry,
  metrics: MetricDefinitions,
): (attempt: Attempt, model: string) => void {
  const energy = series.counter(metrics.energy);
  const carbon = series.counter(metrics.carbon);
  return ({ upstream, energy: joules, carbon: grams }, model) => {
    if (joules !== null) {
      energy.with(upstream, model, joules.method, 'low').value += joules.lowJ;
      energy.with(upstream, model, joules.method, 'high').value += joules.highJ;
    }
    if (grams === undefined) return;
    const { operational, embodied } = grams;
    carbon.with(upstream, model, 'operational', 'low').value += operational.lowG;
    carbon.with(upstream, model, 'operational', 'high').value += operational.highG;
    if (embodied === null) return;
    carbon.with(upstream, model, 'embodied', 'low').value += embodied.lowG;
    carbon.with(upstream, model, 'embodied', 'high').value += embodied.highG;
  };
}

function feedTokens(tokens: Counter, usage: Usage, upstream: string, model: string): void {
  const { source, cachedInputTokens: cached, reasoningTokens: reasoning } = usage;
  const add = (kind: string, count: number): void => {
    if (count > 0) tokens.with(upstream, model, kind, source).value += count;
  };
  add('input', usage.inputTokens - cached);
  add('cached_input', cached);
  add('output', usage.outputTokens - reasoning);
  add('reasoning', reasoning);
}
