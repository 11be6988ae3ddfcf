/** Metrics of requests: how they were judged, decided, answered and checked. */
import { common, summed } from './define-metric.ts';
import type { MetricDefinition } from './series.ts';

export const REQUEST_METRICS = {
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
} as const satisfies Record<string, MetricDefinition>;
