/**
 * How long `simulate` takes for many records, from a file and from the ledger:
 * `node test/bench/simulate.ts [records, default 1000000] [policy, default customer-support]`.
 * Needs about 6 GB for a million, in the system's temporary folder.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Policy } from '../../src/core/policy.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { findPolicy } from '../../src/policy/shipped.ts';
import { thresholdFor } from '../../src/assembly/threshold.ts';
import { signalNames } from '../../src/signals/index.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { inventedRecords } from '../support/invented-records.ts';
import { cpuSeconds, watchMemory } from './memory.ts';

const COUNT = Number(process.argv[2] ?? 1_000_000);
const POLICY = process.argv[3] ?? 'customer-support';
/** Handed over at once; the ledger's queue is bounded. */
const BATCH = 2_000;

const decidedBy: Policy = loadPolicy(findPolicy('default', '.'), {
  upstreams: undefined,
  signals: signalNames,
  thresholdFor,
});

async function writeLines(file: string): Promise<void> {
  const out = createWriteStream(file);
  let lines: string[] = [];
  for (const record of inventedRecords(COUNT, decidedBy)) {
    lines.push(JSON.stringify(record));
    if (lines.length < BATCH) continue;
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
    lines = [];
  }
  out.end(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  await once(out, 'close');
}

async function fillLedger(path: string): Promise<void> {
  const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
  let waiting = 0;
  for (const record of inventedRecords(COUNT, decidedBy)) {
    ledger.append(record);
    waiting += 1;
    if (waiting % BATCH === 0) await ledger.flush();
  }
  await ledger.close();
}

interface Run {
  readonly seconds: number;
  /** Of processor time: what is left when the machine is busy with other things. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly said: string;
}

const LOOK_EVERY_MS = 100;

async function simulate(args: readonly string[]): Promise<Run> {
  const begun = performance.now();
  const command = ['src/main.ts', 'simulate', '--policy', POLICY, '--json', ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  const memory = watchMemory(pid);
  let cpu = 0;
  const looking = setInterval(() => {
    cpu = Math.max(cpu, cpuSeconds(pid) || 0);
  }, LOOK_EVERY_MS);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code]: unknown[] = await once(child, 'close');
  clearInterval(looking);
  const peakMb = Math.round(memory.stop());
  if (code !== 0) throw new Error(`simulate ended with ${String(code)}`);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, cpuSeconds: cpu, peakMb, said: String(Buffer.concat(chunks)) };
}

function report(what: string, { seconds, cpuSeconds: cpu, peakMb, said }: Run): void {
  // Our own command's JSON: these members are in its tests.
  const told = JSON.parse(said) as { records: { replayed: number }; flipped: { count: number } };
  const { replayed } = told.records;
  const each = ((cpu / replayed) * 1e6).toFixed(1);
  process.stdout.write(
    `${what}: ${replayed} records, ${told.flipped.count} flips, ${seconds.toFixed(1)} s (${cpu.toFixed(1)} s of processor, ${each} µs a record), ${peakMb} MB at most\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'smallfirst-simulate-'));
try {
  process.stdout.write(
    `${COUNT} records, ${POLICY}, ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  const lines = join(folder, 'records.jsonl');
  await writeLines(lines);
  const bytes = (await stat(lines)).size / COUNT;
  process.stdout.write(`${Math.round(bytes)} bytes a record\n`);
  report('file', await simulate(['--records', lines]));
  await rm(lines);
  const database = join(folder, 'state.db');
  await fillLedger(database);
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(config, 'store: { kind: sqlite, path: ./state.db }\n');
  report('ledger', await simulate(['--config', config, '--since', '52w']));
} finally {
  await rm(folder, { recursive: true });
}
