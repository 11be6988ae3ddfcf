/** Roll-ups and lists of the ledger's thread against the same figures straight from the records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { METRICS, type Metric } from '../../src/core/admin-figures.ts';
import {
  MOST_ROW_BYTES,
  requestRow as rowShape,
  type RowsQuery,
} from '../../src/core/admin-requests.ts';
import type { FiguresReader } from '../../src/core/store.ts';
import { gridOf } from '../../src/figures/steps.ts';
import { requestRow } from '../../src/figures/request-row.ts';
import { figuresOverRecords } from '../../src/stores/figures-over-records.ts';
import { sqliteLedger, type SqliteLedger } from '../../src/stores/sqlite.ts';
import { reporter } from '../../src/analysis/report.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { anAttempt, aRecord } from '../support/record.ts';
import { rounded } from '../support/rounded.ts';

const folder = mkdtempSync(join(tmpdir(), 'figures-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const open = async (path = join(folder, `${files++}.db`)): Promise<SqliteLedger> =>
  await sqliteLedger({ path, nowMs: () => performance.now() });

/** 2026-03-28: the clocks of Europe change in the night after it. */
const START_MS = Date.UTC(2026, 2, 28);
const DAY_MS = 86_400_000;

const attempt = fc
  .record({
    isSmall: fc.boolean(),
    nano: fc.option(fc.integer({ min: 0, max: 1e12 })),
    outcome: fc.constantFrom('ok' as const, 'failed' as const),
    hasUsage: fc.boolean(),
    role: fc.constantFrom('answer', 'answer', 'shadow', 'draft'),
    low: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ isSmall, nano, outcome, hasUsage, role, low }) => {
    const made = anAttempt({
      ...(isSmall
        ? { tier: 'small', upstream: 'local', locality: 'local', model: 'qwen3:4b' }
        : { tier: 'large', upstream: 'cloud', locality: 'cloud', model: 'gpt-4o' }),
      outcome,
      cost: nano === null ? null : { totalNanoUsd: nano, kinds: { input: nano }, source: 'list' },
      energy: { lowJ: low, highJ: 2 * low, method: 'modelled', source: 'given' },
      ...(role === 'shadow' ? { shadow: true as const } : {}),
      ...(role === 'draft' ? { kind: 'draft' as const } : {}),
    });
    if (hasUsage) return made;
    const { usage: _, ...bare } = made;
    return bare;
  });

const record = fc
  .record({
    atMs: fc.integer({ min: START_MS, max: START_MS + 4 * DAY_MS }),
    caller: fc.constantFrom('bot', 'ana'),
    outcome: fc.constantFrom('answered' as const, 'failed' as const, 'refused' as const),
    attempts: fc.array(attempt, { maxLength: 3 }),
    latencyMs: fc.integer({ min: 1, max: 1e5 }),
    isShadow: fc.boolean(),
    isDegraded: fc.boolean(),
    baselineNanoUsd: fc.option(fc.integer({ min: 0, max: 1e12 })),
  })
  .map(({ isShadow, isDegraded, ...rest }) =>
    aRecord({
      ...rest,
      ...(isShadow ? { shadowOf: 'req_0' } : {}),
      ...(isDegraded ? { degraded: 'because' } : {}),
    }),
  );

const numbered = (all: readonly UsageRecord[]): readonly UsageRecord[] =>
  all.map((each, at) => Object.assign(aRecord(), each, { id: `req_${at}` }));

const records = fc.array(record, { minLength: 1, maxLength: 60 }).map((all) => numbered(all));

async function expectSame(stored: FiguresReader, all: readonly UsageRecord[]): Promise<void> {
  const direct = figuresOverRecords(async () => all);
  const both = async <T>(ask: (figures: FiguresReader) => Promise<T>): Promise<void> =>
    expect(rounded(await ask(stored))).toEqual(rounded(await ask(direct)));
  const whole = { fromMs: START_MS, toMs: START_MS + 5 * DAY_MS };
  const parts = [
    { ...whole, filters: {} },
    { ...whole, filters: { tier: ['small'] } },
    // No end of this one is at a minute.
    { fromMs: START_MS + 12_345_678, toMs: START_MS + 2 * DAY_MS + 1_234_567, filters: {} },
    { fromMs: START_MS + 7, toMs: START_MS + 30_000, filters: { key: ['bot'] } },
  ];
  for (const window of parts) await both(async (figures) => await figures.totals(window));
  for (const [step, zone] of [
    ['1h', 'UTC'],
    ['1d', 'Europe/Madrid'],
    ['1d', 'Asia/Kolkata'],
  ] as const) {
    const grid = gridOf(whole.fromMs, whole.toMs, step, zone);
    for (const metric of Object.keys(METRICS) as Metric[])
      await both(async (figures) => {
        const { lines } = await figures.series({ ...grid, metric, by: 'tier', filters: {} });
        return lines.toSorted((a, b) => `${a.name} ${a.part}`.localeCompare(`${b.name} ${b.part}`));
      });
  }
  const lists: readonly Omit<RowsQuery, 'limit'>[] = [
    { sort: 'time', order: 'desc', filters: {} },
    { sort: 'time', order: 'asc', filters: { outcome: ['answered'], to: START_MS + 2 * DAY_MS } },
    { sort: 'cost', order: 'desc', filters: {} },
    { sort: 'latency', order: 'desc', filters: { minLatencyMs: 500, degraded: true } },
    { sort: 'latency', order: 'asc', filters: { text: 'GPT', escalated: false } },
    { sort: 'time', order: 'desc', filters: { text: 'req_1' } },
  ];
  for (const list of lists) await both(async (figures) => await everyPage(figures, list));
}

async function everyPage(figures: FiguresReader, list: Omit<RowsQuery, 'limit'>) {
  const rows = [];
  let cursor: string | undefined;
  do {
    const page = await figures.rows({
      ...list,
      limit: 7,
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}

test('roll-ups, series and lists are those of the records', async () => {
  await fc.assert(
    fc.asyncProperty(records, async (all) => {
      const ledger = await open();
      for (const each of all) ledger.append(each);
      // Sent again, as after a failure: it is counted once.
      ledger.append(all[0]!);
      await expectSame(ledger.figures, all);
      await ledger.close();
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

test('two processes count into one file, however their records come', async () => {
  const path = join(folder, 'shared.db');
  const writers = [await open(path), await open(path)] as const;
  // So many minutes that the newest figures are added to the roll-ups of every length on the way; both come back to each.
  const all = numbered(
    Array.from({ length: 700 }, (_, at) => aRecord({ atMs: START_MS + (at % 301) * 60_000 })),
  );
  for (const [at, each] of all.entries()) {
    const writer = writers[at % 2]!;
    writer.append(each);
    if (at % 25 === 0) await writer.flush();
  }
  await Promise.all(writers.map(async (writer) => await writer.flush()));
  await expectSame(writers[0].figures, all);
  await Promise.all(writers.map(async (writer) => await writer.close()));
});

test('records of an earlier version are counted in the background, once', async () => {
  const path = join(folder, 'earlier.db');
  const all = numbered(fc.sample(records, { numRuns: 4, seed: 5 }).flat());
  const writer = await open(path);
  for (const each of all) writer.append(each);
  await writer.close();
  const db = new DatabaseSync(path);
  db.exec(`DELETE FROM rollups; DELETE FROM rollup_fresh; DELETE FROM rollup_cells; UPDATE records SET cell = NULL, latency_ms = NULL, flags = NULL;
    UPDATE rollup_progress SET below_seq = (SELECT max(seq) + 1 FROM records), from_ms = 1;`);
  db.close();
  const ledger = await open(path);
  const late = aRecord({ id: 'late', atMs: START_MS + DAY_MS });
  ledger.append(late);
  const countedFrom = async () =>
    (await ledger.figures.totals({ fromMs: 0, toMs: 1, filters: {} })).countedFromMs;
  await expect.poll(countedFrom, { timeout: 20_000 }).toBeNull();
  await expectSame(ledger.figures, [...all, late]);
  await ledger.close();
});

test('a row is short whatever names it has, and stays valid', () => {
  const name = fc.string({ unit: 'binary', maxLength: 3000 });
  fc.assert(
    fc.property(record, name, (each, long) => {
      const [first, ...rest] = each.attempts;
      const row = requestRow({
        ...each,
        id: `req_${'0'.repeat(32)}`,
        caller: long,
        attempts: first === undefined ? [] : [{ ...first, model: long, upstream: long }, ...rest],
      });
      expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThanOrEqual(MOST_ROW_BYTES);
      expect(rowShape.parse(row)).toEqual(row);
      expect(JSON.stringify(row).isWellFormed()).toBe(true);
    }),
  );
});

test('money is the same on the page, in the report and in the metrics, to the nano-dollar', async () => {
  const all = numbered(fc.sample(records, { numRuns: 6, seed: 11 }).flat());
  const ledger = await open();
  const metrics = createMetrics({
    buildInfo: { version: '0', commit: '0' },
    isKnownModel: () => true,
  });
  const window = { sinceMs: 0, untilMs: START_MS + 5 * DAY_MS };
  const reported = reporter({ ...window, machine: { priceUsdPerKwh: 0.2, hardwareYears: 3 } });
  for (const each of all) {
    ledger.append(each);
    metrics.sink(each);
    reported.add(each);
  }
  const whole = { fromMs: window.sinceMs, toMs: window.untilMs, filters: {} };
  const { totals } = await ledger.figures.totals(whole);
  const grid = gridOf(START_MS, window.untilMs, '6h', 'UTC');
  const { lines } = await ledger.figures.series({
    ...grid,
    metric: 'cost',
    by: 'kind',
    filters: {},
  });
  const { spending, requests } = reported.result();
  const exposed = await metrics.text();
  const counted = (name: string): number =>
    [...exposed.matchAll(new RegExp(`^smallfirst_${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  const { nanoUsd, unpriced } = totals.spending.total;
  expect(nanoUsd).toBe(spending.total.nanoUsd);
  expect(nanoUsd).toBe(Math.round(counted('cost_usd_total') * 1e9));
  const inSeries = lines.flatMap(({ values }) => values).reduce<number>((a, b) => a + (b ?? 0), 0);
  expect(inSeries).toBe(nanoUsd);
  expect(lines.map(({ name }) => name).toSorted()).toEqual(['draft', 'request', 'shadow']);
  expect(unpriced).toBeGreaterThan(0);
  expect(unpriced).toBe(counted('unpriced_requests_total'));
  expect(totals.requests).toEqual(requests);
  expect(totals.requests.total).toBe(counted('requests_total'));
  await ledger.close();
});
