/** Joules and grams, always as a range, always with how they are known. */
import type { DashboardSpec } from './dashboard.ts';
import { perSecond, ratio, total } from './promql.ts';

/** The low and the high bound of one expression. */
const range = (of: (bound: 'low' | 'high') => string, legend = '') =>
  (['low', 'high'] as const).map((bound) => ({
    expr: of(bound),
    legend: legend === '' ? bound : `${legend}, ${bound}`,
  }));

export const energy: DashboardSpec = {
  uid: 'smallfirst-energy',
  title: 'Smallfirst / Energy & carbon',
  about:
    'measured: a sensor beside one request alone; attributed: a sensor, shared among requests by time; modelled: worked out from published figures. GET /admin/meters says which sensor.',
  rows: [
    {
      title: 'In the time shown',
      panels: [
        {
          title: 'Answers, by how it is known',
          about: 'The high bound of each method: how much of the sum rests on sensors.',
          unit: 'joule',
          kind: 'bars',
          width: 8,
          queries: [{ expr: total('energy', { bound: 'high' }, 'method'), legend: '{{method}}' }],
        },
        {
          title: 'Answers, by upstream',
          about: 'What answers are charged with: low and high bound.',
          unit: 'joule',
          kind: 'bars',
          width: 8,
          queries: range((bound) => total('energy', { bound }, 'upstream'), '{{upstream}}'),
        },
        {
          title: 'Beside the answers',
          about:
            'What the machine of a local model drew and no answer was charged for, and what loading models took. It belongs to the price of having a model of one’s own.',
          unit: 'joule',
          kind: 'bars',
          width: 8,
          queries: [
            { expr: total('idleEnergy', {}, 'upstream'), legend: '{{upstream}}, idle' },
            { expr: total('loadingEnergy', {}, 'upstream'), legend: '{{upstream}}, loading' },
          ],
        },
      ],
    },
    {
      title: 'Energy',
      panels: [
        {
          title: 'Power of the answers',
          about: 'Joules a second that answers are charged with, low and high bound.',
          unit: 'watt',
          kind: 'lines',
          width: 12,
          queries: range((bound) => perSecond('energy', { bound }, 'upstream'), '{{upstream}}'),
        },
        {
          title: 'The large model for all',
          about: 'Joules a second for the same tokens there: modelled, low and high bound.',
          unit: 'watt',
          kind: 'lines',
          width: 12,
          queries: range((bound) => perSecond('baselineEnergy', { bound })),
        },
        {
          title: 'For one token',
          about: 'Joules by each token of output, reasoning included, low and high bound.',
          unit: 'joule',
          kind: 'lines',
          width: 12,
          queries: range(
            (bound) =>
              ratio(
                perSecond('energy', { bound }, 'model'),
                perSecond('tokens', { kind: '~output|reasoning' }, 'model'),
              ),
            '{{model}}',
          ),
        },
        {
          title: 'Idle',
          about: 'Joules a second that the machine drew and no answer was charged for.',
          unit: 'watt',
          kind: 'lines',
          width: 12,
          queries: [{ expr: perSecond('idleEnergy', {}, 'upstream'), legend: '{{upstream}}' }],
        },
      ],
    },
    {
      title: 'Carbon',
      panels: [
        {
          title: 'By upstream and phase',
          about:
            'Grams of CO2 equivalent in the time shown, low and high bound. operational: electricity by what the grid carries there; embodied: the making of the machines, by the time they were used.',
          unit: 'massg',
          kind: 'bars',
          width: 12,
          queries: range(
            (bound) => total('carbon', { bound }, 'upstream', 'phase'),
            '{{upstream}} {{phase}}',
          ),
        },
        {
          title: 'An hour',
          about: 'Grams an hour at the pace of the moment, low and high bound.',
          unit: 'massg',
          kind: 'lines',
          width: 12,
          queries: range((bound) => `3600 * ${perSecond('carbon', { bound })}`),
        },
      ],
    },
  ],
};
