/** Spending, and what is not known about it. */
import type { DashboardSpec } from './dashboard.ts';
import { orZero, perSecond, ratio, total } from './promql.ts';

const REQUESTS_PER_THOUSAND = 1000;

export const cost: DashboardSpec = {
  uid: 'smallfirst-cost',
  title: 'Smallfirst / Cost',
  about: 'US dollars by upstream, model and kind; tokens by source.',
  rows: [
    {
      title: 'In the selected time range',
      panels: [
        {
          title: 'Spent',
          about: 'Everything with a known price: cloud, electricity, shadows.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 6,
          queries: [{ expr: total('cost'), legend: 'spent' }],
        },
        {
          title: 'The large model for all',
          about: 'The cost of the same tokens at the large model.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 6,
          queries: [{ expr: total('baselineCost'), legend: 'baseline' }],
        },
        {
          title: 'Per 1,000 requests',
          about: 'Spending per thousand requests of any outcome.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 6,
          queries: [
            {
              expr: `${REQUESTS_PER_THOUSAND} * ${ratio(total('cost'), total('requests'))}`,
              legend: 'per 1,000',
            },
          ],
        },
        {
          title: 'Without a price',
          about:
            'Attempts that used tokens of a model without a known price. They are missing from every sum here: set the `price` of the upstream.',
          unit: 'short',
          kind: 'stat',
          width: 6,
          queries: [{ expr: orZero(total('unpriced')), legend: 'attempts' }],
        },
      ],
    },
    {
      title: 'Spending',
      panels: [
        {
          title: 'Per hour, by upstream and model',
          about: 'US dollars per hour at the current rate.',
          unit: 'currencyUSD',
          kind: 'stack',
          width: 12,
          queries: [
            {
              expr: `3600 * ${perSecond('cost', {}, 'upstream', 'model')}`,
              legend: '{{upstream}}/{{model}}',
            },
          ],
        },
        {
          title: 'By kind',
          about:
            'Input, cached input, output, reasoning and so on, as in the price list; energy: electricity of a local model; shadow: sent for comparison only.',
          unit: 'currencyUSD',
          kind: 'bars',
          width: 12,
          queries: [{ expr: total('cost', {}, 'kind'), legend: '{{kind}}' }],
        },
        {
          title: 'Large decisions, by rule',
          whenEmpty: 'None in this time',
          about:
            'Per second: the line of the policy that chose the large model. objective: the complexity was at or above the threshold.',
          unit: 'ops',
          kind: 'stack',
          width: 12,
          queries: [
            { expr: perSecond('decisions', { tier: 'large' }, 'rule'), legend: '{{rule}}' },
          ],
        },
        {
          title: 'Saved per hour',
          about: 'The cost at the large model, less spending. Negative: routing cost more.',
          unit: 'currencyUSD',
          kind: 'lines',
          width: 12,
          queries: [
            {
              expr: `3600 * (${perSecond('baselineCost', {})} - ${perSecond('cost', {})})`,
              legend: 'saved',
            },
          ],
        },
        {
          title: 'Attempts without a price',
          whenEmpty: 'None in this time',
          about: 'Per second, by upstream. They are missing from the cost, not free.',
          unit: 'ops',
          kind: 'lines',
          width: 24,
          queries: [{ expr: perSecond('unpriced', {}, 'upstream'), legend: '{{upstream}}' }],
        },
      ],
    },
    {
      title: 'Tokens',
      panels: [
        {
          title: 'Tokens by model',
          about: 'Per second, all kinds together.',
          unit: 'suffix: tokens/s',
          kind: 'stack',
          width: 8,
          queries: [
            {
              expr: perSecond('tokens', {}, 'upstream', 'model'),
              legend: '{{upstream}}/{{model}}',
            },
          ],
        },
        {
          title: 'Tokens by kind',
          about: 'Each counted once: input without the cached part, output without reasoning.',
          unit: 'suffix: tokens/s',
          kind: 'stack',
          width: 8,
          queries: [{ expr: perSecond('tokens', {}, 'kind'), legend: '{{kind}}' }],
        },
        {
          title: 'Tokens by source',
          about:
            'reported: by the upstream; counted: by the gateway, with a tokenizer that may not be the model’s own.',
          unit: 'suffix: tokens',
          kind: 'bars',
          width: 8,
          queries: [{ expr: total('tokens', {}, 'source'), legend: '{{source}}' }],
        },
      ],
    },
  ],
};
