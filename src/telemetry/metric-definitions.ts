/** The definition of every `smallfirst_` metric, and how those of several workers become one. Labels hold names from the configuration and closed lists only. */
import type { MetricDefinition } from './series.ts';

type Define = (name: string, help: string, ...labels: readonly string[]) => MetricDefinition;

/** Of several workers (`serve --workers`): each counts its own, and their sum is the whole. */
const summed: Define = (name, help, ...labels) => ({ name, help, labels, across: 'sum' });

/** Every worker sees the same, such as a budget; of those that see it late the largest figure stands. */
const common: Define = (name, help, ...labels) => ({ name, help, labels, across: 'max' });

export const METRICS = {
  requests: summed(
    'smallfirst_requests_total',
    'Requests by how they ended; tier and upstream are those of the last attempt.',
    'operation',
    'tier',
    'upstream',
    'outcome',
  ),
  errors: summed(
    'smallfirst_errors_total',
    'Requests that got an error, by its code: the prefix caller_, policy_, upstream_ or gateway_ names the cause.',
    'code',
  ),
  requestDuration: summed(
    'smallfirst_request_duration_seconds',
    'Time from the request line to the end of the answer.',
    'operation',
    'upstream',
    'stream',
  ),
  firstToken: summed(
    'smallfirst_time_to_first_token_seconds',
    'Time from the start of an attempt to its first content.',
    'upstream',
  ),
  overhead: summed(
    'smallfirst_overhead_seconds',
    'Time that the gateway itself takes: route = until the decision, total = all but waiting for an upstream.',
    'phase',
  ),
  decisions: summed(
    'smallfirst_decisions_total',
    'Decisions by the rule that made them; tier is that of the first target, or refuse.',
    'policy',
    'rule',
    'tier',
    'mode',
  ),
  complexity: summed(
    'smallfirst_complexity',
    "Estimated probability that the small model's answer is not good enough.",
  ),
  signalDuration: summed(
    'smallfirst_signal_duration_seconds',
    'Time to evaluate a signal.',
    'signal',
  ),
  deepJudge: summed(
    'smallfirst_judge_deep_total',
    'Requests that the deep judge was asked about: answered, remembered (asked before), late (the fast word stood), busy or failed.',
    'result',
  ),
  deepDuration: summed(
    'smallfirst_judge_deep_duration_seconds',
    'Time from the question to the answer of the deep judge.',
  ),
  abstentions: summed(
    'smallfirst_signal_abstentions_total',
    'Times that a signal abstained, and why.',
    'signal',
    'cause',
  ),
  verdicts: summed(
    'smallfirst_verdicts_total',
    'Small answers that were checked: pass (check is none), undecided, or fail by the check that failed.',
    'check',
    'verdict',
  ),
  checksSkipped: summed(
    'smallfirst_checks_skipped_total',
    'Checks of an answer that said nothing because they failed or took too long.',
    'check',
    'cause',
  ),
  audits: summed(
    'smallfirst_audits_total',
    "Small answers that were compared with the large model's, by what came of it and who compared.",
    'compared',
    'by',
  ),
  auditsOmitted: summed(
    'smallfirst_audits_omitted_total',
    'Answers that were chosen for an audit and not audited, by cause.',
    'cause',
  ),
  collected: summed(
    'smallfirst_collected_total',
    'Large answers that a policy wants collected for distillation, by what became of them.',
    'result',
  ),
  auditCost: summed(
    'smallfirst_audits_cost_usd_total',
    'US dollars spent on audits since the start.',
  ),
  quality: common(
    'smallfirst_small_answers_kept_ratio',
    "Share of small answers that are not worse than the large model's, by audits: low and high bound, estimate, and the policy's objective.",
    'bound',
  ),
  attempts: summed(
    'smallfirst_upstream_attempts_total',
    'Calls to upstreams by outcome.',
    'upstream',
    'outcome',
    'cause',
  ),
  fallbacks: summed(
    'smallfirst_fallbacks_total',
    'Times that the next target was tried after a failure.',
    'from',
    'to',
    'cause',
  ),
  escalations: summed(
    'smallfirst_escalations_total',
    "Times that the large tier was asked because the small model's answer was poor.",
    'cause',
  ),
  tokens: summed(
    'smallfirst_tokens_total',
    'Tokens, each counted once: input without the cached part, output without reasoning.',
    'upstream',
    'model',
    'kind',
    'source',
  ),
  cost: summed(
    'smallfirst_cost_usd_total',
    'US dollars spent, where the price is known.',
    'upstream',
    'model',
    'kind',
  ),
  baselineCost: summed(
    'smallfirst_baseline_cost_usd_total',
    'US dollars that the large model would have cost for the same tokens.',
  ),
  energy: summed(
    'smallfirst_energy_joules_total',
    'Joules of answers, as a low and a high bound, by the method of measurement.',
    'upstream',
    'model',
    'method',
    'bound',
  ),
  idleEnergy: common(
    'smallfirst_energy_idle_joules_total',
    "Joules that an upstream's machine drew and that are attributed to no answer, as in GET /admin/meters.",
    'upstream',
  ),
  loadingEnergy: common(
    'smallfirst_energy_loading_joules_total',
    "Joules above idle that an upstream's machine drew while a model was loaded into this process.",
    'upstream',
  ),
  baselineEnergy: summed(
    'smallfirst_baseline_energy_joules_total',
    'Joules that the large model would have taken for the same tokens.',
    'bound',
  ),
  carbon: summed(
    'smallfirst_carbon_grams_total',
    'Grams of CO2 equivalent, operational and embodied, as a low and a high bound.',
    'upstream',
    'model',
    'phase',
    'bound',
  ),
  unpriced: summed(
    'smallfirst_unpriced_requests_total',
    'Attempts that used tokens of a model without a known price: missing from the cost, not free.',
    'upstream',
  ),
  budget: common(
    'smallfirst_budget_usd',
    'US dollars of a budget in its current period: its limit, what is spent, what is reserved for requests under way and, with Postgres, what this replica has leased and not used.',
    'scope',
    'state',
  ),
  budgetOverrun: summed(
    'smallfirst_budget_overrun_usd_total',
    'US dollars that were charged above what had been reserved.',
  ),
  largeCapped: summed(
    'smallfirst_large_capped_total',
    'Requests for which no large model could be asked, because its cap in a budget was reached.',
    'scope',
  ),
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
  budgetWarnings: summed(
    'smallfirst_budget_warnings_total',
    'Shares of a budget (`warnAt`) that were spent, each once a period and over all processes.',
    'scope',
  ),
  openIntents: summed(
    'smallfirst_open_intents',
    'Paid attempts of this process whose end is not written yet.',
  ),
  unreconciled: common(
    'smallfirst_unreconciled_usd',
    'US dollars of attempts that are charged as reserved, because what they cost is not known.',
  ),
  unreconciledAge: common(
    'smallfirst_unreconciled_age_seconds',
    'Age of the oldest attempt that is charged as reserved; 0 when there is none.',
  ),
  rateLimited: summed(
    'smallfirst_rate_limited_total',
    'Requests rejected by a rate limit.',
    'scope',
  ),
  idempotent: summed(
    'smallfirst_idempotent_total',
    'Requests with an Idempotency-Key or from a client that retries: first, joined to one under way, replayed, conflict (another request of the same key) or gone (answered before, and the answer not kept).',
    'result',
  ),
  inflight: summed('smallfirst_inflight_requests', 'Attempts under way.', 'upstream'),
  queueDepth: summed('smallfirst_queue_depth', 'Attempts that wait in the queue.', 'upstream'),
  upstreamState: common(
    'smallfirst_upstream_state',
    '1 for the current state of an upstream, or of the worst of its models.',
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
  logLinesDropped: summed(
    'smallfirst_log_lines_dropped_total',
    'Log lines lost: their file was full, closed or stood still.',
  ),
  stateTimeouts: summed(
    'smallfirst_state_timeouts_total',
    'Answers about shared state that came too late or never, by the port that was asked.',
    'port',
  ),
  cacheLookups: summed(
    'smallfirst_cache_lookups_total',
    'Requests of rules that keep answers: hit, miss, or bypass (personal data, state, or Cache-Control).',
    'result',
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

export type MetricDefinitions = Readonly<Record<keyof typeof METRICS, MetricDefinition>>;
