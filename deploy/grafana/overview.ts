/** Is it worth it, and is it well? One screen for whoever asks. */
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
  about: 'What the small model took over, what that saved, and whether the answers are still good.',
  rows: [
    {
      title: 'In the time shown',
      panels: [
        {
          title: 'Answered by the small model',
          about: 'Share of the answered requests whose last attempt was of the small tier.',
          unit: 'percentunit',
          kind: 'stat',
          width: 4,
          queries: [{ expr: smallShare, legend: 'small' }],
        },
        {
          title: 'Saved',
          about:
            'What the same tokens would have cost at the large model, less everything that was spent: cloud, electricity, and what was asked in the shadow. Requests without a known price are in neither: see "Without a price" on Cost.',
          unit: 'currencyUSD',
          kind: 'stat',
          width: 4,
          queries: [{ expr: saved, legend: 'saved' }],
        },
        {
          title: 'Saved, of all that the large model would have cost',
          about: 'The same as a share. Below 0 the routing costs more than it saves.',
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
          title: 'Energy, had the large model answered all',
          about:
            'Low and high bound of the same tokens at the large model: modelled. Only where the ranges do not overlap is one certainly less than the other.',
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
            'Grams of CO2 equivalent, low and high bound: electricity by what the grid carries there, and the making of the machines where that is known.',
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
          about:
            'By the tier of the last attempt; `none` was turned away before any model was asked.',
          unit: 'reqps',
          kind: 'stack',
          width: 12,
          queries: [{ expr: perSecond('requests', {}, 'tier'), legend: '{{tier}}' }],
        },
        {
          title: 'Spending an hour, and what it would have been',
          about: 'US dollars an hour at the pace of the moment.',
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
            'answered; failed: the caller got an error; refused: the policy left no target; aborted: the caller hung up.',
          unit: 'reqps',
          kind: 'stack',
          width: 8,
          queries: [{ expr: perSecond('requests', {}, 'outcome'), legend: '{{outcome}}' }],
        },
        {
          title: 'Judged complexity',
          about:
            'Estimated probability that the small model would not do, as quantiles over the requests. A shift means that the traffic changed, or the judgement did.',
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
          title: 'Second best answers',
          about:
            'Share of requests that another target had to answer because one failed, and readings that a signal withheld for each request. Both should be near their usual level.',
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
