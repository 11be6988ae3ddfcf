/** Every metric of ours, a row each. Labels hold names from the configuration and closed lists, nothing else. */
import type { MetricDefinition } from './series.ts';

const row = (name: string, help: string, ...labels: readonly string[]): MetricDefinition => ({
  name,
  help,
  labels,
});

export const METRICS = {
  requests: row(
    'smallfirst_requests_total',
    'Requests by how they ended; tier and upstream are those of the last attempt.',
    'operation',
    'tier',
    'upstream',
    'outcome',
  ),
  errors: row(
    'smallfirst_errors_total',
    'Requests that got an error, by its code: caller_*, policy_*, upstream_* and gateway_* say whose fault it was.',
    'code',
  ),
  requestDuration: row(
    'smallfirst_request_duration_seconds',
    'Time from the request line to the end of the answer.',
    'operation',
    'upstream',
    'stream',
  ),
  firstToken: row(
    'smallfirst_time_to_first_token_seconds',
    'Time from the start of an attempt to its first content.',
    'upstream',
  ),
  overhead: row(
    'smallfirst_overhead_seconds',
    'Our own time: route = until the decision stood, total = all that was not waiting for an upstream.',
    'phase',
  ),
  decisions: row(
    'smallfirst_decisions_total',
    'Decisions by the rule that made them; tier is that of the first target, or refuse.',
    'policy',
    'rule',
    'tier',
    'mode',
  ),
  complexity: row(
    'smallfirst_complexity',
    'Estimated probability that the small model would not do.',
  ),
  signalDuration: row('smallfirst_signal_duration_seconds', 'Time that a signal took.', 'signal'),
  abstentions: row(
    'smallfirst_signal_abstentions_total',
    'Times that a signal said nothing, and why.',
    'signal',
    'cause',
  ),
  attempts: row(
    'smallfirst_upstream_attempts_total',
    'Calls to upstreams by outcome.',
    'upstream',
    'outcome',
    'cause',
  ),
  fallbacks: row(
    'smallfirst_fallbacks_total',
    'Times that the next target was asked because one failed.',
    'from',
    'to',
    'cause',
  ),
  escalations: row(
    'smallfirst_escalations_total',
    'Times that the large tier was asked because the small answer was poor.',
    'cause',
  ),
  tokens: row(
    'smallfirst_tokens_total',
    'Tokens, each counted once: input without the cached part, output without reasoning.',
    'upstream',
    'model',
    'kind',
    'source',
  ),
  cost: row(
    'smallfirst_cost_usd_total',
    'US dollars spent where a price is known.',
    'upstream',
    'model',
    'kind',
  ),
  baselineCost: row(
    'smallfirst_baseline_cost_usd_total',
    'US dollars that the large model would have cost for the same tokens.',
  ),
  energy: row(
    'smallfirst_energy_joules_total',
    'Joules of answers, as a low and a high bound, and how they are known.',
    'upstream',
    'model',
    'method',
    'bound',
  ),
  idleEnergy: row(
    'smallfirst_energy_idle_joules_total',
    'Joules that the machine of an upstream drew and no answer was charged for, as GET /admin/meters knows them.',
    'upstream',
  ),
  loadingEnergy: row(
    'smallfirst_energy_loading_joules_total',
    'Joules above idle that it drew while a model was loaded into this process.',
    'upstream',
  ),
  baselineEnergy: row(
    'smallfirst_baseline_energy_joules_total',
    'Joules that the large model would have taken for the same tokens.',
    'bound',
  ),
  carbon: row(
    'smallfirst_carbon_grams_total',
    'Grams of CO2 equivalent, operational and embodied, as a low and a high bound.',
    'upstream',
    'model',
    'phase',
    'bound',
  ),
  unpriced: row(
    'smallfirst_unpriced_requests_total',
    'Attempts that used tokens of a model without a known price: missing from the cost, not free.',
    'upstream',
  ),
  budget: row(
    'smallfirst_budget_usd',
    'US dollars of a budget: its limit, and what is spent.',
    'scope',
    'state',
  ),
  rateLimited: row(
    'smallfirst_rate_limited_total',
    'Requests turned away by a rate limit.',
    'scope',
  ),
  inflight: row('smallfirst_inflight_requests', 'Attempts under way.', 'upstream'),
  queueDepth: row('smallfirst_queue_depth', 'Attempts that wait for a turn.', 'upstream'),
  upstreamState: row(
    'smallfirst_upstream_state',
    '1 for the state an upstream is in.',
    'upstream',
    'state',
  ),
  contextOverflow: row(
    'smallfirst_context_overflow_total',
    "Requests too long for an upstream's window: kept away from it, or refused by it.",
    'upstream',
    'action',
  ),
  ledgerLag: row(
    'smallfirst_ledger_lag_seconds',
    'Age of the oldest record that is not yet durable.',
  ),
  ledgerQueue: row('smallfirst_ledger_queue', 'Records that are not yet durable.'),
  ledgerDropped: row(
    'smallfirst_ledger_dropped_total',
    'Records given up: the store was full or refused them.',
  ),
  stateTimeouts: row(
    'smallfirst_state_timeouts_total',
    'Answers about state that other processes share which came too late or never, by the port that was asked.',
    'port',
  ),
  cacheLookups: row('smallfirst_cache_lookups_total', 'Look-ups in the answer cache.', 'result'),
  policyEvents: row(
    'smallfirst_policy_events_total',
    'Policies activated, rolled back, stepped back from by a guard, refused; model builds that changed.',
    'event',
  ),
  policyInfo: row('smallfirst_policy_info', 'The policy in force.', 'name', 'version', 'mode'),
  buildInfo: row('smallfirst_build_info', 'This build.', 'version', 'commit'),
  traceSpans: row(
    'smallfirst_trace_spans_total',
    'Spans sent to the collector of traces, by whether it took them; absent where there is none.',
    'result',
  ),
  seriesDropped: row(
    'smallfirst_series_dropped_total',
    'Observations lost because there were too many series already.',
  ),
} as const satisfies Record<string, MetricDefinition>;

export type MetricDefinitions = Readonly<Record<keyof typeof METRICS, MetricDefinition>>;
