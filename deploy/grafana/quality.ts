/** How good the small model's answers are found to be, and what is left to spend. */
import type { DashboardSpec } from './dashboard.ts';
import { orZero, perSecond, ratio, select, sum, total } from './promql.ts';

/** A budget is the same seen from every replica of a shared store: the highest of them. */
const budget = (state: string): string => `max by (scope) (${select('budget', { state })})`;

export const quality: DashboardSpec = {
  uid: 'smallfirst-quality',
  title: 'Smallfirst / Quality & budgets',
  about:
    'What the checks of small answers say, against the objective; budgets, and what is charged as reserved.',
  rows: [
    {
      title: 'Quality',
      panels: [
        {
          title: 'Failed checks',
          about: 'Share of the checked small answers that failed, in the selected range.',
          unit: 'percentunit',
          kind: 'stat',
          width: 12,
          whenEmpty: 'The policy checks nothing',
          queries: [
            {
              expr: ratio(total('verdicts', { verdict: 'fail' }), total('verdicts')),
              legend: 'failed',
            },
          ],
        },
        {
          title: 'Small answers that are kept',
          about:
            'Share that audits find not worse than the large model’s: what they show at least, and what the policy promises.',
          unit: 'percentunit',
          kind: 'lines',
          width: 12,
          max: 1,
          onlyWith: 'audits',
          whenEmpty: 'The policy audits nothing',
          queries: [{ expr: `min by (bound) (${select('quality')})`, legend: '{{bound}}' }],
        },
        {
          title: 'Audits',
          about:
            'Small answers per second that were compared with the large model’s, by what came of it.',
          unit: 'ops',
          kind: 'stack',
          width: 12,
          onlyWith: 'audits',
          whenEmpty: 'The policy audits nothing',
          queries: [{ expr: perSecond('audits', {}, 'compared'), legend: '{{compared}}' }],
        },
        {
          title: 'Answered by the large model instead',
          about: 'Drafts of the small model that were not given, in the selected range.',
          unit: 'short',
          kind: 'stat',
          width: 12,
          queries: [{ expr: orZero(total('escalations')), legend: 'escalated' }],
        },
        {
          title: 'Checks that failed',
          about: 'Small answers per second, by the check that failed them.',
          unit: 'ops',
          kind: 'stack',
          width: 12,
          whenEmpty: 'None in this time',
          queries: [
            { expr: perSecond('verdicts', { verdict: 'fail' }, 'check'), legend: '{{check}}' },
          ],
        },
        {
          title: 'Verdicts',
          about: 'Checked small answers per second: pass, undecided or fail.',
          unit: 'ops',
          kind: 'stack',
          width: 12,
          queries: [{ expr: perSecond('verdicts', {}, 'verdict'), legend: '{{verdict}}' }],
        },
      ],
    },
    {
      title: 'Budgets',
      panels: [
        {
          title: 'Spent of each budget',
          about:
            'Share of the limit that is spent in the current period, without what is reserved.',
          unit: 'percentunit',
          kind: 'lines',
          width: 12,
          max: 1,
          whenEmpty: 'No budgets',
          queries: [{ expr: ratio(budget('spent'), budget('limit')), legend: '{{scope}}' }],
        },
        {
          title: 'Left of each budget',
          about: 'US dollars: the limit less what is spent and reserved for requests under way.',
          unit: 'currencyUSD',
          kind: 'bars',
          width: 12,
          whenEmpty: 'No budgets',
          queries: [
            {
              expr: `${budget('limit')} - ${sum(`max by (scope, state) (${select('budget', { state: '~spent|reserved' })})`, 'scope')}`,
              legend: '{{scope}}',
            },
          ],
        },
        {
          title: 'Charged as reserved',
          about:
            'US dollars of paid calls whose cost is not known: the process or the connection ended first. The provider’s bill has the truth.',
          unit: 'currencyUSD',
          kind: 'lines',
          width: 24,
          queries: [{ expr: `max(${select('unreconciled')})`, legend: 'not reconciled' }],
        },
      ],
    },
  ],
};
