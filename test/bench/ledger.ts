/** `npm run bench:ledger`: what a record costs the ledger's thread, in batches as a busy and a less busy gateway hands them over, and on disk. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { idSource } from '../../src/lib/ids.ts';
import { aRecord } from '../support/record.ts';
import { processNs } from './threads.ts';

const ROWS = 12_800;
const ROUNDS = 5;
const SIZES = [64, 16, 4];

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-ledger-'));
const path = join(folder, 'state.db');
const newId = idSource(Date.now);
const ledger = await sqliteLedger({
  path,
  nowMs: () => performance.now(),
  onProblem: (problem) => {
    if (problem !== undefined) throw new Error(problem);
  },
});

/** Of the threads beside the one that packs: the ledger's, and V8's helpers. */
const besideNs = (): number => {
  const { all, main } = processNs(process.pid);
  return all - main;
};

async function round(size: number): Promise<number> {
  const before = besideNs();
  for (let row = 0; row < ROWS; row += size) {
    for (let at = 0; at < size; at += 1)
      ledger.append(aRecord({ id: newId('req'), atMs: Date.now() }));
    await ledger.flush();
  }
  return (besideNs() - before) / ROWS / 1000;
}

let rows = 0;
const least = new Map<number, number>();
for (let at = 0; at < ROUNDS; at += 1)
  for (const size of SIZES) {
    least.set(size, Math.min(least.get(size) ?? Infinity, await round(size)));
    rows += ROWS;
  }
await ledger.close();
for (const [size, us] of least)
  process.stdout.write(`${us.toFixed(1)} us a record in batches of ${size}\n`);
process.stdout.write(`${(statSync(path).size / rows).toFixed(0)} bytes a record on disk\n`);
rmSync(folder, { recursive: true, force: true });
