/** Latency of the models, the queue and the gateway itself. */
import type { DashboardSpec } from './dashboard.ts';
import { foreign, perSecond, quantile, rate, select, sum } from './promql.ts';

const withExemplars = (q: number, legend: string) =>
  ({ expr: quantile(q, 'requestDuration'), legend, exemplars: true }) as const;

export const latency: DashboardSpec = {
  uid: 'smallfirst-latency',
  title: 'Smallfirst / Latency',
  about: 'Time to first token, time to the end, overhead of the gateway, and queues.',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Whole requests',
          about:
            'From the request line to the end of the answer. The points are single requests with their id: GET /admin/requests/{id} has the record.',
          unit: 's',
          kind: 'lines',
          width: 12,
          queries: [
            withExemplars(0.5, 'median'),
            withExemplars(0.95, 'p95'),
            withExemplars(0.99, 'p99'),
          ],
        },
        {
          title: 'Whole requests, p95 by upstream',
          about: 'By the upstream of the last attempt.',
          unit: 's',
          kind: 'lines',
          width: 12,
          queries: [
            { expr: quantile(0.95, 'requestDuration', 'upstream'), legend: '{{upstream}}' },
          ],
        },
        {
          title: 'Time to first token, median',
          about: 'From the start of an attempt to its first content, of whole answers too.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [{ expr: quantile(0.5, 'firstToken', 'upstream'), legend: '{{upstream}}' }],
        },
        {
          title: 'Time to first token, p95',
          about: 'The slowest twentieth: long prompts, or models that were not loaded.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: quantile(0.95, 'firstToken', 'upstream'),
              legend: '{{upstream}}',
              exemplars: true,
            },
          ],
        },
        {
          title: 'Calls to models, p95 by model',
          about:
            'Each attempt, under OpenTelemetry’s metric name. Models that are not configured are `other`.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: `histogram_quantile(0.95, ${sum(rate(foreign('gen_ai_server_request_duration_seconds_bucket')), 'le', 'gen_ai_request_model')})`,
              legend: '{{gen_ai_request_model}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Gateway',
      panels: [
        {
          title: 'Overhead',
          about:
            'Time of the gateway itself. route: until the decision; total: all but waiting for an upstream.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [
            { expr: quantile(0.5, 'overhead', 'phase'), legend: '{{phase}}, median' },
            { expr: quantile(0.99, 'overhead', 'phase'), legend: '{{phase}}, p99' },
          ],
        },
        {
          title: 'Signals, p99',
          about: 'Time to evaluate each signal. A late signal abstains.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [{ expr: quantile(0.99, 'signalDuration', 'signal'), legend: '{{signal}}' }],
        },
        {
          title: 'Event loop, p99 lag',
          about: 'Delay of the event loop: above 50 ms something blocks the process.',
          unit: 's',
          kind: 'lines',
          width: 8,
          queries: [{ expr: foreign('nodejs_eventloop_lag_p99_seconds'), legend: '{{instance}}' }],
        },
      ],
    },
    {
      title: 'Deep judge',
      panels: [
        {
          title: 'Deep judge, by result',
          about:
            'Requests that it was asked about, a second. late and busy: the word of the fast judge stood.',
          unit: 'reqps',
          kind: 'lines',
          width: 12,
          queries: [{ expr: perSecond('deepJudge', {}, 'result'), legend: '{{result}}' }],
        },
        {
          title: 'Deep judge, time',
          about: 'From the question to the answer, waiting in the queue included.',
          unit: 's',
          kind: 'lines',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'deepDuration'), legend: 'median' },
            { expr: quantile(0.95, 'deepDuration'), legend: 'p95' },
          ],
        },
      ],
    },
    {
      title: 'Queue',
      panels: [
        {
          title: 'Under way',
          about: 'Attempts that have started and not ended.',
          unit: 'short',
          kind: 'lines',
          width: 12,
          queries: [{ expr: sum(select('inflight'), 'upstream'), legend: '{{upstream}}' }],
        },
        {
          title: 'Waiting',
          about:
            'Attempts beyond the first at the same upstream. A local model answers them one after the other, or all of them more slowly.',
          unit: 'short',
          kind: 'lines',
          width: 12,
          queries: [{ expr: sum(select('queueDepth'), 'upstream'), legend: '{{upstream}}' }],
        },
      ],
    },
  ],
};
