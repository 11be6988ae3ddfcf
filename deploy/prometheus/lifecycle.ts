/**
 * `node deploy/prometheus/lifecycle.ts` writes `rules-lifecycle.test.yml` and `rules-lifecycle-days.test.yml`: a healthy gateway through
 * what happens to every gateway (its first hour and day, a restart, a quiet night, …), in which no alert may fire. A test compares the
 * files with the output.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse, stringify } from 'yaml';

/** A time in which requests come at one rate. */
interface Phase {
  readonly minutes: number;
  /** Of the usual traffic. */
  readonly traffic: number;
  /** The process began anew: counters count from 0. */
  readonly restarts?: boolean;
}

interface Scenario {
  readonly name: string;
  readonly stepMinutes: number;
  readonly instances: readonly string[];
  readonly phases: readonly Phase[];
  /** When every alert is looked at, in minutes. */
  readonly lookAt: readonly number[];
}

const HOUR = 60;
const DAY = 24 * HOUR;
const ONE = ['a:4100'];

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'the first hour',
    stepMinutes: 1,
    instances: ONE,
    phases: [{ minutes: 75, traffic: 1 }],
    lookAt: [5, 20, 40, 75],
  },
  {
    name: 'the first day, and the second',
    stepMinutes: 2,
    instances: ONE,
    phases: [{ minutes: 2 * DAY, traffic: 1 }],
    lookAt: [7 * HOUR, 23 * HOUR, 25 * HOUR, 47 * HOUR],
  },
  {
    name: 'a restart, and a counter that begins anew',
    stepMinutes: 1,
    instances: ONE,
    phases: [
      { minutes: 3 * HOUR, traffic: 1 },
      { minutes: 2 * HOUR, traffic: 1, restarts: true },
    ],
    lookAt: [3 * HOUR + 2, 3 * HOUR + 20, 4 * HOUR + 30],
  },
  {
    name: 'a restart every ten minutes for an hour',
    stepMinutes: 1,
    instances: ONE,
    phases: [
      { minutes: 2 * HOUR, traffic: 1 },
      ...Array.from({ length: 6 }, () => ({ minutes: 10, traffic: 1, restarts: true })),
    ],
    lookAt: [2 * HOUR + 35, 3 * HOUR],
  },
  {
    name: 'a night without traffic',
    stepMinutes: 2,
    instances: ONE,
    phases: [
      { minutes: DAY, traffic: 1 },
      { minutes: 10 * HOUR, traffic: 0 },
      { minutes: 4 * HOUR, traffic: 1 },
    ],
    lookAt: [DAY + 2 * HOUR, DAY + 9 * HOUR, DAY + 11 * HOUR, DAY + 14 * HOUR],
  },
  {
    name: 'a weekend without traffic, and Monday',
    stepMinutes: 5,
    instances: ONE,
    phases: [
      { minutes: DAY, traffic: 1 },
      { minutes: 2 * DAY, traffic: 0 },
      { minutes: 4 * HOUR, traffic: 1 },
    ],
    lookAt: [2 * DAY, 3 * DAY + HOUR, 3 * DAY + 2 * HOUR, 3 * DAY + 4 * HOUR],
  },
  {
    name: 'two replicas, of which one is restarted',
    stepMinutes: 2,
    instances: ['a:4100', 'b:4100'],
    phases: [
      { minutes: 26 * HOUR, traffic: 1 },
      { minutes: 2 * HOUR, traffic: 1, restarts: true },
    ],
    lookAt: [HOUR, 25 * HOUR, 26 * HOUR + 10, 28 * HOUR],
  },
];

/** Counters of a healthy gateway, by what they gain in a minute of usual traffic. */
const COUNTERS: Readonly<Record<string, number>> = {
  'smallfirst_requests_total{operation="chat", tier="small", upstream="local", outcome="answered"}': 60,
  'smallfirst_requests_total{operation="chat", tier="large", upstream="cloud", outcome="answered"}': 40,
  'smallfirst_errors_total{code="caller_invalid"}': 2,
  'smallfirst_errors_total{code="upstream_timeout"}': 0.02,
  'smallfirst_fallbacks_total{from="local", to="cloud", cause="timeout"}': 1,
  'smallfirst_cost_usd_total{upstream="cloud", model="gpt-4o", kind="output"}': 0.05,
  smallfirst_baseline_cost_usd_total: 0.12,
  'smallfirst_verdicts_total{check="none", verdict="pass"}': 49,
  'smallfirst_verdicts_total{check="json", verdict="fail"}': 1,
  'smallfirst_escalations_total{cause="json"}': 1,
  'smallfirst_time_to_first_token_seconds_bucket{upstream="local", le="1"}': 99,
  'smallfirst_time_to_first_token_seconds_bucket{upstream="local", le="+Inf"}': 100,
  'smallfirst_overhead_seconds_bucket{phase="total", le="0.01"}': 100,
  'smallfirst_overhead_seconds_bucket{phase="total", le="+Inf"}': 100,
  'smallfirst_policy_events_total{event="policy_activated"}': 0,
  smallfirst_ledger_dropped_total: 0,
  smallfirst_series_dropped_total: 0,
  'smallfirst_worker_deaths_total{cause="killed"}': 0,
};

const GAUGES: Readonly<Record<string, number>> = {
  up: 1,
  'smallfirst_build_info{version="1", commit="c"}': 1,
  'smallfirst_upstream_state{upstream="local", state="closed"}': 1,
  'smallfirst_queue_depth{upstream="local"}': 1,
  smallfirst_ledger_lag_seconds: 0.2,
  smallfirst_unreconciled_age_seconds: 0,
  'smallfirst_small_answers_kept_ratio{bound="low"}': 0.97,
  'smallfirst_small_answers_kept_ratio{bound="objective"}': 0.95,
  'smallfirst_budget_usd{scope="month", state="limit"}': 3000,
  nodejs_eventloop_lag_p99_seconds: 0.02,
};

/** Grows like a counter, and is of the store: no restart begins it anew. */
const SPENT = 'smallfirst_budget_usd{scope="month", state="spent"}';

/** promtool's notation: `10+2x5` is 10, 12, … 20. */
function valuesOf(
  phases: readonly Phase[],
  perStep: number,
  step: number,
  resets: boolean,
): string {
  let value = 0;
  const parts = phases.map(({ minutes, traffic, restarts }, at) => {
    if (restarts === true && resets) value = 0;
    const steps = minutes / step - (at === phases.length - 1 ? 0 : 1);
    const gain = rounded(perStep * traffic);
    const part = `${rounded(value)}+${gain}x${steps}`;
    value += gain * (steps + 1);
    return part;
  });
  return parts.join(' ');
}

/** Figures as people write them: binary fractions would differ between machines. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

const labelled = (series: string, instance: string): string => {
  const own = `job="smallfirst", instance="${instance}"`;
  return series.includes('{') ? series.replace('{', `{${own}, `) : `${series}{${own}}`;
};

function inputOf({ phases, stepMinutes: step, instances }: Scenario) {
  return instances.flatMap((instance, index) => {
    // Of two replicas the second goes on while the first restarts.
    const resets = index === 0;
    const total = lengthOf(phases) / step;
    return [
      ...Object.entries(COUNTERS).map(([series, perMinute]) => ({
        series: labelled(series, instance),
        values: valuesOf(phases, perMinute * step, step, resets),
      })),
      ...Object.entries(GAUGES).map(([series, value]) => ({
        series: labelled(series, instance),
        values: `${value}x${total}`,
      })),
      { series: labelled(SPENT, instance), values: valuesOf(phases, 0.05 * step, step, false) },
    ];
  });
}

/** Of every alert in `rules.yml`, in its order. */
function alertNames(): readonly string[] {
  const { groups }: { groups: readonly { rules: readonly { alert?: string }[] }[] } = parse(
    readFileSync(join(import.meta.dirname, 'rules.yml'), 'utf8'),
  );
  return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
}

interface LifecycleFile {
  readonly path: string;
  readonly text: string;
}

/** Days are evaluated as seldom as those of `rules-days.test.yml`: each time takes promtool milliseconds, and there are thousands of minutes. */
export function lifecycleFiles(): readonly LifecycleFile[] {
  return [
    fileOf(
      'rules-lifecycle.test.yml',
      '2m',
      SCENARIOS.filter((one) => !isDays(one)),
    ),
    fileOf('rules-lifecycle-days.test.yml', '10m', SCENARIOS.filter(isDays)),
  ];
}

const isDays = ({ phases }: Scenario): boolean => lengthOf(phases) >= DAY;

/** Minutes. */
const lengthOf = (phases: readonly Phase[]): number =>
  phases.reduce((sum, { minutes }) => sum + minutes, 0);

function fileOf(name: string, every: string, scenarios: readonly Scenario[]): LifecycleFile {
  const names = alertNames();
  const tests = scenarios.map((scenario) => ({
    name: scenario.name,
    interval: `${scenario.stepMinutes}m`,
    input_series: inputOf(scenario),
    alert_rule_test: scenario.lookAt.flatMap((minute) =>
      names.map((alertname) => ({ eval_time: `${minute}m`, alertname, exp_alerts: [] })),
    ),
  }));
  const head =
    '# Written by `node deploy/prometheus/lifecycle.ts`: what each of these is for stands there.\n';
  const content = { rule_files: ['rules.yml'], evaluation_interval: every, tests };
  return {
    path: join(import.meta.dirname, name),
    text: head + stringify(content, { lineWidth: 0 }),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const { path, text } of lifecycleFiles()) writeFileSync(path, text);
