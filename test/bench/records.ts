/**
 * What a finished record costs the thread that serves requests: metrics, log line and ledger, apart and
 * together, in microseconds of CPU (the writing thread's own time is not in it).
 * Run: node test/bench/records.ts
 */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sink, UsageRecord } from '../../src/core/record.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { lineWriter } from '../../src/telemetry/line-writer.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { aRecord } from '../support/record.ts';

const ROUNDS = 25;
const RECORDS = 2000;
/** Requests that end before the event loop goes round. */
const BURST = 100;

const folder = mkdtempSync(join(tmpdir(), 'records-'));
const buildInfo = { version: '0', commit: '0' };
const metrics = createMetrics({ buildInfo, isKnownModel: () => true });
const ledger = await sqliteLedger({
  path: join(folder, 'state.db'),
  nowMs: () => performance.now(),
});
const file = openSync(join(folder, 'log'), 'w');
const log = createLog({ level: 'info', to: lineWriter({ fd: file, say: () => {} }) });

const SINKS: Readonly<Record<string, Sink>> = {
  nothing: () => {},
  metrics: metrics.sink,
  log: log.sink,
  ledger: (record) => ledger.append(record),
  all: (record) => {
    metrics.sink(record);
    log.sink(record);
    ledger.append(record);
  },
};

let made = 0;
const newRecords = (): readonly UsageRecord[] =>
  Array.from({ length: RECORDS }, () => aRecord({ id: `req_${made++}`, atMs: Date.now() }));

async function microsecondsEach(sink: Sink): Promise<number> {
  const records = newRecords();
  const before = process.threadCpuUsage();
  for (let at = 0; at < RECORDS; at += BURST) {
    for (const record of records.slice(at, at + BURST)) sink(record);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ledger.flush();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / RECORDS;
}

const measured = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, sink] of Object.entries(SINKS)) {
    measured.set(name, [...(measured.get(name) ?? []), await microsecondsEach(sink)]);
  }
}
for (const [name, all] of measured) {
  const sorted = all.toSorted((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[ROUNDS >> 1], sorted.at(-1)];
  const figures = [least, middle, most].map((us) => (us ?? 0).toFixed(1).padStart(6)).join(' ');
  console.log(`${name.padEnd(8)} µs a record, least, median, most: ${figures}`);
}
console.log(`load ${loadavg()[0]?.toFixed(1)}, ${JSON.stringify(aRecord()).length} bytes a record`);
await ledger.close();
rmSync(folder, { recursive: true });
