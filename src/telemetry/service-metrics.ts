/** Metrics of the gateway itself: its upstreams, its ledger, its policy and what it watches. */
import { common, summed } from './define-metric.ts';
import type { MetricDefinition } from './series.ts';

/** What ends a worker; the label of `workerDeaths`. */
export const DEATH_CAUSES = ['exited', 'killed', 'hung'] as const;

export const SERVICE_METRICS = {
  certificateExpiry: common(
    'smallfirst_certificate_expiry_seconds',
    'Seconds until a certificate that the configuration names is no longer valid: `server`, or what an upstream is shown or signed by.',
    'certificate',
  ),
  routerAnomaly: common(
    'smallfirst_router_anomaly',
    'Keys whose requests reach the large model as they did not in the 7 days before: more of them by 3 standard deviations, and these with a beginning or an end in common.',
    'kind',
  ),
  inflight: summed('smallfirst_inflight_requests', 'Attempts under way.', 'upstream'),
  queueDepth: common('smallfirst_queue_depth', 'Attempts that wait in the queue.', 'upstream'),
  upstreamState: common(
    'smallfirst_upstream_state',
    '1 for the current state of an upstream, or of the worst of its models.',
    'upstream',
    'state',
  ),
  modelState: common(
    'smallfirst_model_state',
    '1 for the state of a model in this process: `cold` (the next request loads it), `loading`, `warm`, or `down` (the last try to load it failed).',
    'upstream',
    'state',
  ),
  wiringFault: common(
    'smallfirst_upstream_wiring_fault',
    '1 while an upstream cannot be reached, or refuses the key of the gateway.',
    'upstream',
    'cause',
  ),
  contextOverflow: summed(
    'smallfirst_context_overflow_total',
    "Requests longer than an upstream's context window: excluded by the decision (kept_away), or refused by the upstream.",
    'upstream',
    'action',
  ),
  ledgerLag: common(
    'smallfirst_ledger_lag_seconds',
    'Age of the oldest record that is not yet durable.',
  ),
  ledgerQueue: summed('smallfirst_ledger_queue', 'Records that are not yet durable.'),
  ledgerDropped: summed(
    'smallfirst_ledger_dropped_total',
    'Records lost: the write-behind queue was full, or the store refused them.',
  ),
  ledgerMissing: common(
    'smallfirst_ledger_missing_rows',
    'Rows of the ledger that were acknowledged before this start and are not in its file.',
  ),
  redisFailing: common(
    'smallfirst_redis_failing',
    '1 where `shared.redis` cannot be used, or could not within the last minute.',
  ),
  logLinesDropped: summed(
    'smallfirst_log_lines_dropped_total',
    'Log lines lost: their file was full, closed or stood still.',
  ),
  threadRestarts: summed(
    'smallfirst_thread_restarts_total',
    'Threads of the gateway that ended by themselves and were started again; what they had not acknowledged was sent again.',
    'thread',
  ),
  workerDeaths: summed(
    'smallfirst_worker_deaths_total',
    'With several workers: those that ended by themselves (exited), were killed from outside (killed), or answered nothing and were ended (hung). Each was started anew.',
    'cause',
  ),
  stateTimeouts: summed(
    'smallfirst_state_timeouts_total',
    'Answers about shared state that came too late or never, by the port that was asked.',
    'port',
  ),
  policyEvents: summed(
    'smallfirst_policy_events_total',
    'Policies activated, rolled back, reverted by a guard or refused, and new digests of a model.',
    'event',
  ),
  policyInfo: common('smallfirst_policy_info', 'The active policy.', 'name', 'version', 'mode'),
  buildInfo: common('smallfirst_build_info', 'This build.', 'version', 'commit'),
  traceSpans: summed(
    'smallfirst_trace_spans_total',
    'Spans exported or dropped; absent where no trace collector is configured.',
    'result',
  ),
  seriesDropped: summed(
    'smallfirst_series_dropped_total',
    'Observations lost because the limit of series was reached.',
  ),
} as const satisfies Record<string, MetricDefinition>;
