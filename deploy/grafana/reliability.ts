/** Errors, upstreams, the ledger and the process. */
import type { DashboardSpec } from './dashboard.ts';
import { foreign, perSecond, rate, select, sum, total, orZero } from './promql.ts';

/** The objective of the rules: 99.9 % of requests without an error of the gateway or an upstream. */
const ALLOWED_ERRORS = 0.001;
const burn = (window: string) => ({
  expr: `smallfirst:error_ratio:rate${window}{job=~"$job"} / ${ALLOWED_ERRORS}`,
  legend: window,
});

export const reliability: DashboardSpec = {
  uid: 'smallfirst-reliability',
  title: 'Smallfirst / Reliability',
  about: 'Errors by cause, upstreams, fallbacks, the ledger, and the process.',
  rows: [
    {
      title: 'Objective',
      panels: [
        {
          title: 'Burn rate of the error budget',
          about:
            '1 uses up the budget of 99.9 % in exactly 30 days, 14.4 in two. Errors of callers and of the policy do not count. Needs the recording rules of deploy/prometheus/rules.yml.',
          unit: 'suffix:×',
          kind: 'lines',
          width: 12,
          queries: ['5m', '30m', '1h', '6h', '3d'].map(burn),
        },
        {
          title: 'Errors by code',
          whenEmpty: 'None in this time',
          about:
            'Errors that callers received. caller_*: an invalid request; policy_*: not allowed, or no target left; upstream_*: a model failed and no other could answer; gateway_*: the gateway failed.',
          unit: 'reqps',
          kind: 'stack',
          width: 12,
          queries: [{ expr: perSecond('errors', {}, 'code'), legend: '{{code}}' }],
        },
      ],
    },
    {
      title: 'Upstreams',
      panels: [
        {
          title: 'Attempts',
          about: 'Calls to each upstream by outcome, and why they failed.',
          unit: 'ops',
          kind: 'stack',
          width: 8,
          queries: [
            {
              expr: perSecond('attempts', {}, 'upstream', 'outcome', 'cause'),
              legend: '{{upstream}} {{outcome}} ({{cause}})',
            },
          ],
        },
        {
          title: 'State',
          about:
            'Gateways by the state of their circuit breaker. closed: the upstream works; open: not used for a while after failures in a row; half-open: one trial attempt. Faults need a change: no server there, or a refused key.',
          unit: 'short',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: sum(select('upstreamState'), 'upstream', 'state'),
              legend: '{{upstream}} {{state}}',
            },
            {
              expr: sum(select('wiringFault'), 'upstream', 'cause'),
              legend: '{{upstream}} fault: {{cause}}',
            },
          ],
        },
        {
          title: 'Fallbacks',
          whenEmpty: 'None in this time',
          about: 'From which upstream to which, and why.',
          unit: 'ops',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: perSecond('fallbacks', {}, 'from', 'to', 'cause'),
              legend: '{{from}} to {{to}} ({{cause}})',
            },
          ],
        },
        {
          title: 'Too long for the window',
          whenEmpty: 'None in this time',
          about:
            'kept_away: excluded, because the prompt does not fit; refused: by the upstream, whose window is smaller than known.',
          unit: 'ops',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: perSecond('contextOverflow', {}, 'upstream', 'action'),
              legend: '{{upstream}} {{action}}',
            },
          ],
        },
        {
          title: 'Signals that abstained',
          about: 'By signal and cause. The policy then decides without it.',
          unit: 'ops',
          kind: 'lines',
          width: 8,
          queries: [
            {
              expr: perSecond('abstentions', {}, 'signal', 'cause'),
              legend: '{{signal}} ({{cause}})',
            },
          ],
        },
        {
          title: 'Decisions',
          about: 'By rule and chosen tier: the ten most frequent.',
          unit: 'ops',
          kind: 'stack',
          width: 8,
          queries: [
            {
              expr: `topk(10, ${perSecond('decisions', {}, 'rule', 'tier')})`,
              legend: '{{rule}}: {{tier}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Ledger and process',
      panels: [
        {
          title: 'Ledger lag',
          about: 'Age of the oldest record that is not yet on disk.',
          unit: 's',
          kind: 'lines',
          width: 6,
          queries: [{ expr: select('ledgerLag'), legend: '{{instance}}' }],
        },
        {
          title: 'Lost, in the selected time range',
          about:
            'Records that were not stored, observations beyond the limit of series, and workers that died. All should be 0.',
          unit: 'short',
          kind: 'stat',
          width: 6,
          queries: [
            { expr: total('ledgerDropped'), legend: 'records' },
            { expr: total('seriesDropped'), legend: 'observations' },
            { expr: total('workerDeaths'), legend: 'workers' },
          ],
        },
        {
          title: 'Memory',
          about: 'Resident memory of each gateway.',
          unit: 'bytes',
          kind: 'lines',
          width: 6,
          queries: [{ expr: foreign('process_resident_memory_bytes'), legend: '{{instance}}' }],
        },
        {
          title: 'Processor',
          about: 'Cores that each gateway keeps busy.',
          unit: 'short',
          kind: 'lines',
          width: 6,
          queries: [{ expr: rate(foreign('process_cpu_seconds_total')), legend: '{{instance}}' }],
        },
        {
          title: 'Records waiting',
          about: 'Accepted, and not yet on disk.',
          unit: 'short',
          kind: 'lines',
          width: 8,
          queries: [{ expr: select('ledgerQueue'), legend: '{{instance}}' }],
        },
        {
          title: 'Policy events',
          about:
            'Policies activated, rolled back, reverted by a guard or refused, and new digests of models, in the selected time range.',
          unit: 'short',
          kind: 'stat',
          width: 8,
          queries: [{ expr: orZero(total('policyEvents')), legend: 'events' }],
        },
        {
          title: 'Active policy',
          about: 'Gateways by policy and mode, and by version of the gateway.',
          unit: 'short',
          kind: 'bars',
          width: 8,
          queries: [
            {
              expr: sum(select('policyInfo'), 'name', 'version', 'mode'),
              legend: '{{name}}@{{version}} {{mode}}',
            },
            { expr: sum(select('buildInfo'), 'version'), legend: 'smallfirst {{version}}' },
          ],
        },
      ],
    },
  ],
};
