/** Where the money goes, and what is not known about it. */
import type { DashboardSpec } from './dashboard.ts';
import { orZero, perSecond, ratio, total } from './promql.ts';

const REQUESTS_PER_THOUSAND = 1000;

export const cost: DashboardSpec = {
  uid: 'smallfirst-cost',
  title: 'Smallfirst / Cost',
  about: 'US dollars by upstream, model and kind; tokens, and how they are known.',
  rows: [
    {
      title: 'In the time shown',
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
          about: 'What the same tokens would have cost there.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 6,
          queries: [{ expr: total('baselineCost'), legend: 'baseline' }],
        },
        {
          title: 'For 1,000 requests',
          about: 'Spent, by a thousand requests of any outcome.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 6,
          queries: [
            {
              expr: `${REQUESTS_PER_THOUSAND} * ${ratio(total('cost'), total('requests'))}`,
              legend: 'for 1,000',
            },
          ],
        },
        {
          title: 'Without a price',
          about:
            'Attempts that used tokens of a model whose price is not known. They are missing from every sum here: give the upstream a `price`.',
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
          title: 'An hour, by upstream and model',
          about: 'US dollars an hour at the pace of the moment.',
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
            'Input, cached input, output, reasoning and so on as the price list tells them apart; energy: electricity of a local model; shadow: asked for comparison only.',
          unit: 'currencyUSD',
          kind: 'bars',
          width: 12,
          queries: [{ expr: total('cost', {}, 'kind'), legend: '{{kind}}' }],
        },
        {
          title: 'Saved an hour',
          about: 'What the large model would have cost, less what was spent. Below 0 it cost more.',
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
          about: 'By upstream, a second. They are missing from the cost, not free.',
          unit: 'ops',
          kind: 'lines',
          width: 12,
          queries: [{ expr: perSecond('unpriced', {}, 'upstream'), legend: '{{upstream}}' }],
        },
      ],
    },
    {
      title: 'Tokens',
      panels: [
        {
          title: 'Tokens by model',
          about: 'All kinds together, a second.',
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
          title: 'How tokens are known',
          about:
            'reported: by the upstream; counted: by us, with a tokenizer that may not be the model’s own.',
          unit: 'suffix: tokens',
          kind: 'bars',
          width: 8,
          queries: [{ expr: total('tokens', {}, 'source'), legend: '{{source}}' }],
        },
      ],
    },
  ],
};
