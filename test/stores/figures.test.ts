/** Roll-ups and lists of the ledger's thread against the same figures straight from the records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { requestRow as rowShape } from '../../src/core/admin-requests.ts';
import { gridOf } from '../../src/figures/steps.ts';
import { MOST_ROW_BYTES, requestRow } from '../../src/figures/request-row.ts';
import { sqliteLedger, type SqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { reporter } from '../../src/analysis/report.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import {
  DAY_MS,
  expectSameFigures,
  numbered,
  recordOfDays,
  recordsOfDays,
  START_MS,
} from '../support/figures-contract.ts';
import { aRecord } from '../support/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'figures-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const open = async (path = join(folder, `${files++}.db`)): Promise<SqliteLedger> =>
  await sqliteLedger({ path, nowMs: () => performance.now() });

test('roll-ups, series and lists are those of the records', async () => {
  await fc.assert(
    fc.asyncProperty(recordsOfDays, async (all) => {
      const ledger = await open();
      for (const each of all) ledger.append(each);
      // Sent again, as after a failure: it is counted once.
      ledger.append(all[0]!);
      await expectSameFigures(ledger.figures, all);
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
  await expectSameFigures(writers[0].figures, all);
  await Promise.all(writers.map(async (writer) => await writer.close()));
});

test('records of an earlier version are counted in the background, once', async () => {
  const path = join(folder, 'earlier.db');
  const all = numbered(fc.sample(recordsOfDays, { numRuns: 4, seed: 5 }).flat());
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
  await expect.poll(countedFrom).toBeNull();
  await expectSameFigures(ledger.figures, [...all, late]);
  await ledger.close();
});

test('a row is short whatever names it has, and stays valid', () => {
  const name = fc.string({ unit: 'binary', maxLength: 3000 });
  fc.assert(
    fc.property(recordOfDays, name, (each, long) => {
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
  const all = numbered(fc.sample(recordsOfDays, { numRuns: 6, seed: 11 }).flat());
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
