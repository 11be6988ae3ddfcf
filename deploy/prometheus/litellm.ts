/** What LiteLLM's proxy calls a metric, what it is called here, and how they differ. An empty name: there is none. */
export const LITELLM: readonly (readonly [theirs: string, ours: string, remark: string])[] = [
  [
    'litellm_proxy_total_requests_metric',
    'smallfirst_requests_total',
    'by outcome; statuses of errors by code in `smallfirst_errors_total`',
  ],
  ['litellm_requests_metric', 'smallfirst_requests_total', "LiteLLM's older name of the above"],
  [
    'litellm_proxy_failed_requests_metric',
    'smallfirst_errors_total',
    'the prefix of `code` says whose fault it is: `caller_`, `policy_`, `upstream_`, `gateway_`',
  ],
  [
    'litellm_spend_metric',
    'smallfirst_cost_usd_total',
    'by upstream, model and kind; what the large model would have cost: `smallfirst_baseline_cost_usd_total`',
  ],
  ['litellm_total_tokens_metric', 'smallfirst_tokens_total', 'the sum over `kind`'],
  ['litellm_input_tokens_metric', 'smallfirst_tokens_total', '`kind=~"input|cached_input"`'],
  ['litellm_output_tokens_metric', 'smallfirst_tokens_total', '`kind=~"output|reasoning"`'],
  [
    'litellm_request_total_latency_metric',
    'smallfirst_request_duration_seconds',
    'to the end of the answer',
  ],
  [
    'litellm_llm_api_latency_metric',
    'gen_ai_server_request_duration_seconds',
    'of one call to an upstream',
  ],
  [
    'litellm_llm_api_time_to_first_token_metric',
    'smallfirst_time_to_first_token_seconds',
    'by upstream',
  ],
  [
    'litellm_overhead_latency_metric',
    'smallfirst_overhead_seconds',
    '`phase="total"`; until the decision: `phase="route"`',
  ],
  [
    'litellm_deployment_success_responses',
    'smallfirst_upstream_attempts_total',
    '`outcome="answered"`',
  ],
  [
    'litellm_deployment_failure_responses',
    'smallfirst_upstream_attempts_total',
    '`outcome="failed"`, by `cause`',
  ],
  ['litellm_deployment_total_requests', 'smallfirst_upstream_attempts_total', ''],
  [
    'litellm_deployment_state',
    'smallfirst_upstream_state',
    'a series for each state, 1 for the one that holds',
  ],
  ['litellm_deployment_cooled_down', 'smallfirst_upstream_state', '`state="open"`'],
  [
    'litellm_deployment_successful_fallbacks',
    'smallfirst_fallbacks_total',
    'by `from`, `to` and `cause`',
  ],
  [
    'litellm_deployment_failed_fallbacks',
    'smallfirst_errors_total',
    '`code=~"upstream_.+"`: no target was left',
  ],
  [
    'litellm_team_max_budget_metric',
    'smallfirst_budget_usd',
    '`state="limit"`, by the name of the budget',
  ],
  [
    'litellm_remaining_team_budget_metric',
    'smallfirst_budget_usd',
    'limit less spent and reserved',
  ],
  [
    'litellm_api_key_max_budget_metric',
    'smallfirst_budget_usd',
    'of a budget whose scope is a key',
  ],
  ['litellm_remaining_api_key_budget_metric', 'smallfirst_budget_usd', 'as above'],
  [
    'litellm_remaining_requests_metric',
    '',
    "the upstream's own limits are not exported: they pass to the caller as headers",
  ],
  ['litellm_remaining_tokens', '', 'as above'],
  ['litellm_deployment_latency_per_output_token', '', 'from duration, first token and tokens'],
  ['litellm_redis_latency', 'smallfirst_state_timeouts_total', 'only what came too late'],
];
