/** Savings and health on one screen. */
import type { DashboardSpec } from './dashboard.ts';
import { orZero, perSecond, quantile, ratio, sum, rate, select, total } from './promql.ts';

const answered = { outcome: 'answered' } as const;
const smallShare = ratio(
  total('requests', { ...answered, tier: 'small' }),
  total('requests', answered),
);
const saved = `${total('baselineCost')} - ${total('cost')}`;

export const overview: DashboardSpec = {
  uid: 'smallfirst-overview',
  title: 'Smallfirst / Overview',
  about: 'The share of the small model, the savings, and signs of quality.',
  rows: [
    {
      title: 'In the selected time range',
      panels: [
        {
          title: 'Answered by the small model',
          about: 'Share of answered requests whose last attempt was of the small tier.',
          unit: 'percentunit',
          kind: 'stat',
          width: 4,
          queries: [{ expr: smallShare, legend: 'small' }],
        },
        {
          title: 'Saved',
          about:
            'The cost of the same tokens at the large model, less all spending: cloud, electricity and shadows. Requests without a known price are in neither: see "Without a price" on Cost.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 4,
          queries: [{ expr: saved, legend: 'saved' }],
        },
        {
          title: 'Saved, as a share of the large model’s cost',
          about: 'The same as a share. Negative: routing costs more than it saves.',
          unit: 'percentunit',
          kind: 'stat',
          width: 4,
          queries: [{ expr: ratio(`(${saved})`, total('baselineCost')), legend: 'saved' }],
        },
        {
          title: 'Energy of the answers',
          about:
            'Low and high bound, all methods together. Energy & carbon shows what was measured and what was modelled.',
          unit: 'joule',
          kind: 'stat',
          width: 4,
          queries: [
            { expr: total('energy', { bound: 'low' }), legend: 'at least' },
            { expr: total('energy', { bound: 'high' }), legend: 'at most' },
          ],
        },
        {
          title: 'Energy, if the large model had answered all',
          about:
            'Low and high bound of the same tokens at the large model: modelled. One is certainly less than the other only if the ranges do not overlap.',
          unit: 'joule',
          kind: 'stat',
          width: 4,
          queries: [
            { expr: total('baselineEnergy', { bound: 'low' }), legend: 'at least' },
            { expr: total('baselineEnergy', { bound: 'high' }), legend: 'at most' },
          ],
        },
        {
          title: 'Carbon',
          about:
            'Grams of CO2 equivalent, low and high bound: electricity, by the carbon intensity of the grid, and manufacture of the machines where that is known.',
          unit: 'massg',
          kind: 'stat',
          width: 4,
          queries: [
            { expr: total('carbon', { bound: 'low' }), legend: 'at least' },
            { expr: total('carbon', { bound: 'high' }), legend: 'at most' },
          ],
        },
      ],
    },
    {
      title: 'Traffic and money',
      panels: [
        {
          title: 'Requests by tier',
          about: 'By the tier of the last attempt; `none` was rejected before any attempt.',
          unit: 'reqps',
          kind: 'stack',
          width: 12,
          queries: [{ expr: perSecond('requests', {}, 'tier'), legend: '{{tier}}' }],
        },
        {
          title: 'Spending per hour, and the large model’s',
          about: 'US dollars per hour at the current rate.',
          unit: 'currencyUSD',
          kind: 'lines',
          width: 12,
          queries: [
            { expr: `3600 * ${perSecond('cost', {})}`, legend: 'spent' },
            { expr: `3600 * ${perSecond('baselineCost', {})}`, legend: 'large model for all' },
          ],
        },
      ],
    },
    {
      title: 'Quality signals',
      panels: [
        {
          title: 'Requests by outcome',
          about:
            'answered; failed: the caller received an error; refused: the policy left no target; aborted: the caller hung up.',
          unit: 'reqps',
          kind: 'stack',
          width: 8,
          queries: [{ expr: perSecond('requests', {}, 'outcome'), legend: '{{outcome}}' }],
        },
        {
          title: 'Estimated complexity',
          about:
            'Estimated probability that the small model’s answer is not good enough, as quantiles over the requests. A shift means that the traffic or the estimate changed.',
          unit: 'percentunit',
          kind: 'lines',
          max: 1,
          width: 8,
          queries: [
            { expr: quantile(0.5, 'complexity'), legend: 'median' },
            { expr: quantile(0.9, 'complexity'), legend: 'p90' },
          ],
        },
        {
          title: 'Fallbacks and abstentions',
          about:
            'Share of requests that fell back to another target, and abstentions of signals per request. Both should be near their usual level.',
          unit: 'percentunit',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: ratio(`(${orZero(perSecond('fallbacks', {}))})`, perSecond('requests', {})),
              legend: 'fallbacks a request',
            },
            {
              expr: ratio(sum(rate(select('abstentions', {}))), perSecond('requests', {})),
              legend: 'abstentions a request',
            },
          ],
        },
      ],
    },
  ],
};
