/**
 * What the page costs with many records: the server (bytes of its answers, the time of a day's series and of filtered lists, what
 * a record costs the ledger's thread, roll-ups included) and, in Chromium, its reader: `npm run bench:page -- [records, default
 * 100000 and 1000000]`.
 * A million need 1.5 GB in the system's temporary folder.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { METRICS, type Metric } from '../../src/core/admin-figures.ts';
import type { RequestFilters } from '../../src/core/admin-requests.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { gridOf } from '../../src/figures/steps.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { findPolicy } from '../../src/policy/shipped.ts';
import { thresholdFor } from '../../src/assembly/threshold.ts';
import { signalNames } from '../../src/signals/index.ts';
import { sqliteLedger, type SqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { inventedRecords } from '../support/invented-records.ts';
import { measureBrowser } from './page-browser.ts';
import { processNs } from './threads.ts';

const COUNTS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100_000, 1_000_000];
/** Handed over at once; the ledger's queue is bounded. */
const BATCH = 2_000;
const ROUNDS = 9;
/** Lists in an order that their index has not. */
const ENDS = [
  ['dearest', 'cost', 'desc'],
  ['cheapest', 'cost', 'asc'],
  ['slowest', 'latency', 'desc'],
  ['fastest', 'latency', 'asc'],
] as const;
const DAY_MS = 86_400_000;

const policy = loadPolicy(findPolicy('default', '.'), {
  upstreams: undefined,
  signals: signalNames,
  thresholdFor,
});

const KEYS = ['bot', 'ana', 'support', 'search', 'nightly'];

/** Five keys, and a request in a thousand that failed. */
function* variedRecords(count: number): Generator<UsageRecord> {
  let at = 0;
  for (const record of inventedRecords(count, policy)) {
    at += 1;
    const caller = KEYS[at % KEYS.length]!;
    yield at % 1_000 === 0
      ? { ...record, caller, outcome: 'failed', status: 502 }
      : { ...record, caller };
  }
}

async function fill(ledger: SqliteLedger, count: number): Promise<{ lastMs: number; us: number }> {
  let [waiting, lastMs] = [0, 0];
  const before = processNs(process.pid);
  for (const record of variedRecords(count)) {
    ledger.append(record);
    lastMs = record.atMs;
    waiting += 1;
    if (waiting % BATCH === 0) await ledger.flush();
  }
  await ledger.flush();
  const after = processNs(process.pid);
  const ns = after.all - before.all - (after.main - before.main);
  return { lastMs, us: ns / 1000 / count };
}

async function timed(name: string, ask: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  let answer: unknown;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    answer = await ask();
    times.push(performance.now() - begun);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const json = JSON.stringify(answer);
  const ms = [sorted[0], sorted[ROUNDS >> 1], sorted.at(-1)].map((time) => time!.toFixed(1));
  console.log(
    `  ${name.padEnd(44)} ms least, median, most: ${ms.join(', ').padEnd(20)} ${json.length} bytes, ${gzipSync(json).length} gzipped`,
  );
}

async function measure(count: number, folder: string): Promise<void> {
  const path = join(folder, `${count}.db`);
  const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
  const { lastMs, us } = await fill(ledger, count);
  const bytes = (await stat(path)).size / count;
  console.log(
    `${count} records: ${us.toFixed(1)} µs of the ledger's thread a record, and ${Math.round(bytes)} bytes on disk`,
  );
  const { figures } = ledger;
  const day = { fromMs: lastMs - DAY_MS, toMs: lastMs };
  const series = (metric: Metric, by: 'tier' | 'model' | 'key') => async () =>
    await figures.series({
      ...gridOf(day.fromMs, day.toMs, '15m', 'UTC'),
      metric,
      by,
      filters: {},
    });
  const metrics: readonly Metric[] = ['requests', 'cost', 'latency', 'energy'];
  for (const metric of metrics.filter((each) => each in METRICS))
    await timed(`a day's series of ${metric} by tier, 15 min`, series(metric, 'tier'));
  await timed("a day's series of cost by key, 15 min", series('cost', 'key'));
  await timed("a day's summary", async () => await figures.totals({ ...day, filters: {} }));
  await timed('90 days of cost, a day a step', async () => {
    const grid = gridOf(lastMs - 90 * DAY_MS, lastMs, '1d', 'UTC');
    return await figures.series({ ...grid, metric: 'cost', by: 'tier', filters: {} });
  });
  const lists: Readonly<Record<string, RequestFilters>> = {
    'newest 100': {},
    '100 of one key': { key: ['ana'] },
    '100 that failed (1 in 1,000)': { outcome: ['failed'] },
    '100 by text': { text: 'gpt' },
    '100 of more than 7 s': { minLatencyMs: 7_000 },
  };
  for (const [name, filters] of Object.entries(lists))
    await timed(
      name,
      async () => await figures.rows({ sort: 'time', order: 'desc', limit: 100, filters }),
    );
  for (const [name, sort, order] of ENDS)
    await timed(
      `the 100 ${name}`,
      async () => await figures.rows({ sort, order, limit: 100, filters: {} }),
    );
  await ledger.close();
  await measureBrowser(path, folder);
}

const folder = await mkdtemp(join(tmpdir(), 'smallfirst-page-'));
console.log(`${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`);
try {
  for (const count of COUNTS) await measure(count, folder);
} finally {
  await rm(folder, { recursive: true });
}
