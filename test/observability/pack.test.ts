/** What can be said of dashboards and rules without a Prometheus; the rest is in test/slow/prometheus.test.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles, dashboards } from '../../deploy/grafana/index.ts';
import { select } from '../../deploy/grafana/promql.ts';
import { lifecycleFiles } from '../../deploy/prometheus/lifecycle.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { METRICS } from '../../src/telemetry/metric-definitions.ts';

const GRAFANA = 'deploy/grafana';
const FOLDER = `${GRAFANA}/dashboards`;

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const { groups } = read('deploy/prometheus/rules.yml') as { groups: readonly { rules: Rule[] }[] };
const rules = groups.flatMap(({ rules: list }) => list);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const panels = dashboards.flatMap((dashboard) =>
  dashboard.rows.flatMap((row) => row.panels.map((panel) => ({ ...panel, on: dashboard.title }))),
);
const queries = panels.flatMap((panel) => panel.queries.map((query) => ({ ...query, panel })));

/** Exported for who looks closer; on no panel, with the reason. */
const ON_NO_PANEL: Readonly<Record<string, string>> = {
  auditsOmitted: 'for who looks closer at audits that were not made',
  modelState: 'there only with a model in this process',
  certificateExpiry: 'there only with TLS; its alert asks for it',
  routerAnomaly: '0 unless a key is routed as it usually is not; its alert asks for it',
  auditCost: 'the cost of all attempts has it, too',
  checksSkipped: 'for who looks closer at a check that says nothing',
  rateLimited: 'only with limits',
  budgetOverrun: 'there only where budgets are configured',
  redisFailing: 'there only with `shared.redis`; its alert asks for it',
  ledgerMissing: '0 unless a file was damaged or put back, which the start says',
  largeCapped: 'there only where a budget caps the large model; its alert asks for it',
  budgetWarnings:
    'the terminal and the log say it when it happens; the alert has the share of its own',
  openIntents: 'for who looks closer at a process that ended badly',
  unreconciledAge: 'the alert asks for it',
  idempotent: 'for who looks closer at a client that retries',
  cacheLookups: 'there only where a rule keeps answers',
  collected: 'there only where a policy collects answers',
  traceSpans: 'there only beside a collector',
  threadRestarts: '0 unless a thread ended, which `/readyz` and the log say',
  logLinesDropped: 'said on stderr when it begins and ends',
  stateTimeouts: 'never counted while state is in this process; the runbook asks for it',
};

describe('the dashboards', () => {
  test('are committed just as they are built (if not: node deploy/grafana/index.ts)', () => {
    const built = dashboardFiles();
    expect(readdirSync(FOLDER).toSorted()).toEqual(Object.keys(built).toSorted());
    for (const [name, text] of Object.entries(built))
      expect(readFileSync(`${FOLDER}/${name}`, 'utf8'), name).toBe(text);
  });

  test.each(panels)('$on / $title says what it shows, in a unit, of one job', (panel) => {
    expect(panel.about.length).toBeGreaterThan(20);
    expect(panel.about).toMatch(/[.:]$/);
    expect(panel.unit).not.toBe('');
    for (const { expr } of panel.queries) expect(expr).toContain('job=~"$job"');
  });

  test('have rows that are 24 columns wide, or whole multiples', () => {
    for (const { title, rows } of dashboards)
      for (const row of rows)
        expect(
          row.panels.reduce((sum, { width }) => sum + width, 0) % 24,
          `${title} / ${row.title}`,
        ).toBe(0);
  });

  test('name no label in a legend that the query did not keep', () => {
    for (const { expr, legend } of queries)
      for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g))
        if (label !== 'instance')
          expect(expr, legend).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
  });

  test('show every metric, or the reason why not is here', () => {
    const shown = queries.map(({ expr }) => expr).join('\n');
    for (const [key, { name }] of Object.entries(METRICS))
      expect(shown.includes(name), name).toBe(!(key in ON_NO_PANEL));
  });

  test('cannot be built with a label that the metric does not have', () => {
    expect(() => select('requests', { user: 'x' })).toThrow(
      'smallfirst_requests_total has no label user',
    );
  });
});

describe('the rules', () => {
  const exported = createMetrics({
    buildInfo: { version: '', commit: '' },
    isKnownModel: () => true,
  });

  test('ask for metrics that there are', async () => {
    const recorded = rules.map(({ record }) => record);
    const text = await exported.text();
    for (const { expr } of rules)
      for (const [name] of expr.matchAll(/\b(?:smallfirst|nodejs)[\w:]+/g))
        if (name.includes(':')) expect(recorded).toContain(name);
        else expect(text).toContain(`# HELP ${name.replace(/_bucket$/, '')} `);
  });

  test('have cases for what happens to every gateway (if not: node deploy/prometheus/lifecycle.ts)', () => {
    for (const { path, text } of lifecycleFiles()) {
      expect(readFileSync(path, 'utf8')).toBe(text);
      for (const { alert } of alerts) expect(text).toContain(`alertname: ${alert}\n`);
    }
  });

  test('that a panel shows are recorded', () => {
    const recorded = rules.map(({ record }) => record);
    for (const { expr } of queries)
      for (const [name] of expr.matchAll(/\bsmallfirst:[\w:]+/g)) expect(recorded).toContain(name);
  });

  test.each(alerts)('$alert says how urgent it is, what happens, and where to read on', (rule) => {
    expect(['page', 'ticket']).toContain(rule.labels?.['severity']);
    expect(rule.annotations?.['summary']).toBeTruthy();
    const runbook = rule.annotations?.['runbook'] ?? '';
    expect(runbook).toBe(`${GRAFANA}/RUNBOOK.md#${rule.alert!.toLowerCase()}`);
    expect(readFileSync(`${GRAFANA}/RUNBOOK.md`, 'utf8')).toContain(`\n## ${rule.alert}\n`);
  });

  test.each(alerts)(
    '$alert has a case in which it fires, and one in which it is silent',
    (rule) => {
      interface Case {
        readonly alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[];
      }
      const cases = ['rules.test.yml', 'rules-days.test.yml']
        .flatMap((file) => (read(`deploy/prometheus/${file}`) as { tests: Case[] }).tests)
        .flatMap(({ alert_rule_test: list }) => list)
        .filter(({ alertname }) => alertname === rule.alert);
      expect(cases.some(({ exp_alerts: fired }) => fired.length > 0)).toBe(true);
      expect(cases.some(({ exp_alerts: fired }) => fired.length === 0)).toBe(true);
    },
  );
});

describe('the pages', () => {
  test('on LiteLLM name metrics that there are', async () => {
    const page = readFileSync('src/docs/from-litellm.md', 'utf8');
    const names = [...page.matchAll(/`((?:smallfirst|gen_ai)_\w+)`/g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(20);
    const text = await createMetrics({
      buildInfo: { version: '', commit: '' },
      isKnownModel: () => true,
    }).text();
    for (const name of names) expect(text, name).toContain(`# HELP ${name} `);
  });

  test('of traces has every attribute that a span can have, and no other', () => {
    const source = readFileSync('src/telemetry/otel-names.ts', 'utf8');
    const named = (text: string): ReadonlySet<string> =>
      new Set(
        [...text.matchAll(/['`]((?:gen_ai|smallfirst|http|error)\.[\w.]+)['`]/g)].map(
          ([, name]) => name!,
        ),
      );
    const metrics = source.indexOf('export type Attributes');
    expect(named(readFileSync('deploy/TRACES.md', 'utf8'))).toEqual(named(source.slice(metrics)));
    expect(readFileSync('deploy/TRACES.md', 'utf8')).toContain(
      `version ${/semantic conventions (\d+\.\d+)/.exec(source)?.[1]} `,
    );
  });
});
