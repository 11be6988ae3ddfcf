/**
 * Debian's Prometheus scrapes the whole gateway under the demonstration's traffic and a few mishaps, and
 * every expression of the dashboards and of the rules must find something in it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { dashboards } from '../../deploy/grafana/index.ts';
import { conversations } from '../../src/commands/demo/run.ts';
import { runTraffic } from '../../src/commands/demo/traffic.ts';
import { mark } from '../support/mock-upstream.ts';
import {
  prometheusIsMissing,
  promtool,
  startPrometheus,
  type Prometheus,
  type Sample,
} from '../support/prometheus.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const FOLDER = 'deploy/prometheus';
const RULES = resolve(FOLDER, 'rules.yml');
const skipped = prometheusIsMissing() !== undefined;

describe.skipIf(skipped)('promtool', () => {
  test('finds the rules and the configuration in order', async () => {
    expect(await promtool(['check', 'rules', RULES])).toMatchObject({ code: 0 });
    expect(await promtool(['check', 'config', `${FOLDER}/prometheus.yml`])).toMatchObject({
      code: 0,
    });
  });

  test.each([
    'rules.test.yml',
    'rules-days.test.yml',
    'rules-lifecycle.test.yml',
    'rules-lifecycle-days.test.yml',
  ])('sees every alert of %s fire and keep silent as it should', async (file) => {
    const { code, output } = await promtool(['test', 'rules', `${FOLDER}/${file}`]);
    expect(code, output).toBe(0);
  });
});

/** Rates of the panels want two of them within 20 seconds. */
const ENOUGH_SCRAPES = 45;
/** Of mishaps, until each is counted. */
const ENOUGH_ROUNDS = 3;

const CHECKED = `
name: test
objective: { quality: 0.95 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
verify: { onFail: escalate, checks: [empty, refusal] }
`;

/** Everything that a panel or an alert speaks of, at least once. */
async function mishaps({ chat, post }: WholeGateway): Promise<void> {
  const failing = (content: string) => `${content} ${mark({ kind: 'error', status: 500 })}`;
  const silent = mark({ kind: 'answer', text: '' });
  const refused = mark({ kind: 'error', status: 400, code: 'context_length_exceeded' });
  const asked = [
    // Both fail, so the caller gets an error; one fails, so the other answers.
    await chat(failing(EASY)),
    await chat(`${EASY} ${mark({ kind: 'error', status: 503, times: 1 })}`),
    // Fails a check, so the large model is asked.
    await chat(`${EASY} ${silent}`),
    // No price for such a model.
    await chat(EASY, { model: 'cloud/brand-new' }),
    // Said by the upstream, and known beforehand.
    await chat(`${EASY} ${refused}`),
    await chat('word '.repeat(5000)),
    await post('/v1/chat/completions', 'no json'),
  ];
  await Promise.all(asked.map((answer) => answer.text()));
}

/** A file with a mistake, then another policy. */
async function changePolicy({ folder, gateway }: WholeGateway, version: number): Promise<void> {
  const file = join(folder, 'policy.yaml');
  await writeFile(file, `mistake: ${version}`);
  await gateway.reload();
  await writeFile(file, `${CHECKED}# ${version}`);
  await gateway.reload();
}

describe.skipIf(skipped)('Prometheus beside the running gateway', () => {
  const stopping = new AbortController();
  let whole: WholeGateway;
  let prometheus: Prometheus;
  let traffic: Promise<void>;
  /** What the cloud answers everything with; undefined: as usual. */
  let cloudStatus: number | undefined;
  let versions = 0;

  beforeAll(async () => {
    whole = await startTestGateway({
      // An objective of quality, and checks: the panels and an alert ask for both.
      policy: CHECKED,
      cloud: {
        models: ['gpt-4o', 'gpt-4o-mini'],
        behaviour: () =>
          cloudStatus === undefined ? undefined : { kind: 'error', status: cloudStatus },
      },
      upstream: ', contextTokens: 4000',
      config:
        'energy: { embodiedKg: 200 }\njudge: { deep: always }\nbudgets: [{ name: month, scope: gateway, usd: 1000, per: month, unpriced: allow, large: { usdPerHour: 1000 } }]',
    });
    prometheus = await startPrometheus(new URL(whole.gateway.url).host, RULES);
    traffic = runTraffic({
      url: whole.gateway.url,
      conversations: conversations(),
      perSecond: 10,
      concurrency: 2,
      random: Math.random,
      signal: stopping.signal,
      graceMs: 5000,
      onSent: () => {},
    });
    await prometheus.until('a first scrape', async () => {
      const [up] = await prometheus.query('smallfirst_build_info');
      return up;
    });
  });

  afterAll(async () => {
    stopping.abort();
    await traffic;
    await prometheus.close();
    await whole.close();
  });

  const hasFigures = (samples: readonly Sample[]): boolean =>
    samples.some(({ value }) => Number.isFinite(value));

  /** Good ones so far. */
  const scrapes = async (): Promise<number> =>
    (await prometheus.query('sum_over_time(up[1h])'))[0]?.value ?? 0;

  /** Without doing anything for it but `again`, between two looks. @throws Error where enough scrapes brought nothing */
  const seen = async (expression: string, again = async (): Promise<void> => {}) => {
    const before = await scrapes();
    return await prometheus.until(expression, async () => {
      const samples = await prometheus.query(expression);
      if (hasFigures(samples)) return samples;
      if ((await scrapes()) > before + ENOUGH_SCRAPES)
        throw new Error(`${ENOUGH_SCRAPES} scrapes brought no figure of ${expression}`);
      await again();
      return undefined;
    });
  };

  /** Nothing is rare here: what a panel shows happens again until it was scraped often enough for a rate. */
  const found = async (expression: string) => {
    let rounds = 0;
    return await seen(expression, async () => {
      if (rounds >= ENOUGH_ROUNDS) await expectExported(expression);
      rounds += 1;
      await mishaps(whole);
      await changePolicy(whole, ++versions);
    });
  };

  /** What the gateway does not export cannot be scraped, however long one waits. */
  async function expectExported(expression: string): Promise<void> {
    const text = await (await fetch(`${whole.gateway.url}/metrics`)).text();
    const names = expression.match(/\bsmallfirst_\w+/g) ?? [];
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  }

  test('every scrape is taken, in the format with exemplars', async () => {
    await found('rate(smallfirst_requests_total[10s])');
    // On a busy machine one takes longer than the second that it may.
    await expect.poll(prometheus.targetErrors).toEqual(['']);
    const exemplars = await prometheus.until('an exemplar', async () => {
      const list = await prometheus.exemplars('smallfirst_request_duration_seconds_bucket');
      return list.length > 0 ? list : undefined;
    });
    const id = exemplars.at(-1)!.labels['request_id'];
    const record = await fetch(`${whole.gateway.url}/admin/requests/${id}`);
    expect(record.status).toBe(200);
  });

  const panels = dashboards.flatMap(({ title, rows }) =>
    rows.flatMap((row) =>
      row.panels
        .filter(({ onlyWith }) => onlyWith === undefined)
        .flatMap((panel) =>
          panel.queries.map(({ expr, legend }) => ({
            on: `${title} / ${panel.title}`,
            expr,
            legend,
          })),
        ),
    ),
  );

  test.each(panels)('$on ($legend) shows something', async ({ expr, legend }) => {
    const asked = expr
      .replaceAll('$__rate_interval', '20s')
      .replaceAll('$__range', '5m')
      .replaceAll('$job', '.+');
    await prometheus.query(asked);
    // What stands in for figures that are not there would always be found.
    const samples = await shown(asked.replaceAll(' or vector(0)', ''));
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g))
      for (const { metric } of samples) expect(metric[label!], label).toBeTruthy();
  });

  interface Rule {
    readonly record?: string;
    readonly alert?: string;
    readonly expr: string;
  }
  const rules = (
    parse(readFileSync(RULES, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }
  ).groups.flatMap(({ rules: list }) => list);

  test.each(rules.filter(({ record }) => record !== undefined))(
    '$record is recorded',
    async ({ record }) => {
      await found(record!);
    },
  );

  // Audits want a judge that was measured, and weeks: `rules.test.yml` has the alert, `src/quality` the figure.
  const wantsAudits = ({ expr }: Rule): boolean => expr.includes('small_answers_kept_ratio');
  // `test/security/tls.test.ts` has the figure.
  const wantsTls = ({ expr }: Rule): boolean => expr.includes('certificate_expiry');
  const isFed = (rule: Rule): boolean => !wantsAudits(rule) && !wantsTls(rule);

  test.each(rules.filter((rule) => rule.alert !== undefined && isFed(rule)))(
    'everything that $alert looks at is there',
    async ({ expr }) => {
      for (const [selector] of expr.matchAll(
        /\b(?:smallfirst[_:]|nodejs_|up\b)[\w:]*(?:\{[^}]*\})?/g,
      )) {
        const everSeen = `max_over_time(${selector}[5m])`;
        if (selector.includes('half-open')) await whileCloudAnswers(500, () => seen(everSeen));
        await shown(everSeen);
      }
    },
  );

  /** What is found; a series of wiring faults only while our key is refused. */
  const shown = (expression: string) =>
    expression.includes('wiring_fault')
      ? whileCloudAnswers(401, () => seen(expression))
      : found(expression);

  /** From several failures in a row on, until it works again. */
  async function whileCloudAnswers<T>(status: number, look: () => Promise<T>): Promise<T> {
    cloudStatus = status;
    for (let time = 0; time < 3; time++)
      await (await whole.chat(EASY, { model: 'cloud/gpt-4o' })).text();
    try {
      return await look();
    } finally {
      cloudStatus = undefined;
    }
  }

  test('no rule fails', async () => {
    const states = await prometheus.rules();
    expect(states).toHaveLength(rules.length);
    for (const { name, health, lastError } of states)
      expect(health, `${name}: ${lastError}`).toBe('ok');
  });

  test('promtool finds nothing wrong with what is exported', async () => {
    const text = await (await fetch(`${whole.gateway.url}/metrics`)).text();
    const own = text.split('\n').filter((line) => /^(# \w+ )?smallfirst_/.test(line));
    const { code, output } = await promtool(['check', 'metrics'], `${own.join('\n')}\n`);
    expect(code, output).toBe(0);
  });
});
