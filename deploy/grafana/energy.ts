/** Joules and grams, always as a range with the method. */
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
    'measured: by a sensor, for a single request; attributed: by a sensor, shared among concurrent requests; modelled: computed from published figures. GET /admin/meters names the sensor.',
  rows: [
    {
      title: 'In the selected time range',
      panels: [
        {
          title: 'Answers, by method',
          about: 'The high bound of each method: shows how much of the sum is from sensors.',
          unit: 'joule',
          kind: 'bars',
          width: 8,
          queries: [{ expr: total('energy', { bound: 'high' }, 'method'), legend: '{{method}}' }],
        },
        {
          title: 'Answers, by upstream',
          about: 'Energy attributed to answers: low and high bound.',
          unit: 'joule',
          kind: 'bars',
          width: 8,
          queries: range((bound) => total('energy', { bound }, 'upstream'), '{{upstream}}'),
        },
        {
          title: 'Idle and loading',
          about:
            'Energy of a local model’s machine that is attributed to no answer: idle, and loading models.',
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
          about: 'Joules per second attributed to answers, low and high bound.',
          unit: 'watt',
          kind: 'lines',
          width: 12,
          queries: range((bound) => perSecond('energy', { bound }, 'upstream'), '{{upstream}}'),
        },
        {
          title: 'The large model for all',
          about:
            'Joules per second for the same tokens at the large model: modelled, low and high bound.',
          unit: 'watt',
          kind: 'lines',
          width: 12,
          queries: range((bound) => perSecond('baselineEnergy', { bound })),
        },
        {
          title: 'Per token',
          about: 'Joules per output token, reasoning included, low and high bound.',
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
          about: 'Joules per second that the machine drew and that are attributed to no answer.',
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
            'Grams of CO2 equivalent in the selected time range, low and high bound. operational: electricity, by the carbon intensity of the grid; embodied: manufacture of the machines, by the time of use.',
          unit: 'massg',
          kind: 'bars',
          width: 12,
          queries: range(
            (bound) => total('carbon', { bound }, 'upstream', 'phase'),
            '{{upstream}} {{phase}}',
          ),
        },
        {
          title: 'Per hour',
          about: 'Grams per hour at the current rate, low and high bound.',
          unit: 'massg',
          kind: 'lines',
          width: 12,
          queries: range((bound) => `3600 * ${perSecond('carbon', { bound })}`),
        },
      ],
    },
  ],
};
