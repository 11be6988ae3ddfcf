/** Metrics of what requests cost, and of what holds spending. */
import { common, summed } from './define-metric.ts';
import type { MetricDefinition } from './series.ts';

export const SPENDING_METRICS = {
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
  idleEnergy: summed(
    'smallfirst_energy_idle_joules_total',
    "Joules that an upstream's machine drew and that are attributed to no answer, as in GET /admin/meters.",
    'upstream',
  ),
  loadingEnergy: summed(
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
  cacheLookups: summed(
    'smallfirst_cache_lookups_total',
    'Requests of rules that keep answers: hit, miss, or bypass (personal data, state, or Cache-Control).',
    'result',
  ),
} as const satisfies Record<string, MetricDefinition>;
