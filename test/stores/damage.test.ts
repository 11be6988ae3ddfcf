/** What becomes of a ledger whose file is damaged, put back, deleted or replaced. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPolicyStore } from '../../src/stores/open.ts';
import { spillRows } from '../../src/stores/write-behind/pending.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { aRecord } from '../support/record.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'damage-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

let files = 0;
const newFile = (): string => join(folder, `${files++}.db`);
const nowMs = () => performance.now();
const open = async (path: string, spill?: string) => await sqliteLedger({ path, spill, nowMs });

async function writtenTo(path: string, ids: readonly string[]): Promise<void> {
  const ledger = await open(path);
  for (const id of ids) ledger.append(aRecord({ id }));
  await ledger.close();
}

test('a file that is put back says once how many rows are missing, and since when', async () => {
  const path = newFile();
  await writtenTo(path, ['r1', 'r2']);
  copyFileSync(path, `${path}.copy`);
  await writtenTo(path, ['r3', 'r4', 'r5']);
  rmSync(path);
  renameSync(`${path}.copy`, path);
  const back = await open(path);
  expect(back.found.missing).toEqual({
    rows: 3,
    sinceMs: aRecord().atMs,
    untilMs: expect.any(Number),
  });
  await back.close();
  const again = await open(path);
  expect(again.found.missing).toBeUndefined();
  await again.close();
  const policies = openPolicyStore({ kind: 'sqlite', path });
  expect(await policies.audit()).toMatchObject([
    { event: 'ledger_rows_missing', detail: expect.stringContaining('"rows":3') },
  ]);
  await policies.close();
});

test('a file that nobody touched misses nothing', async () => {
  const path = newFile();
  await writtenTo(path, ['r1', 'r2']);
  const ledger = await open(path);
  expect(ledger.found).toEqual({ wasKilled: false, taken: { rows: 0, nanoUsd: 0 } });
  await ledger.close();
});

test('after a kill the file is read through, and one that is damaged does not open', async () => {
  const path = newFile();
  await writtenTo(
    path,
    Array.from({ length: 200 }, (_, at) => `r${at}`),
  );
  const db = new DatabaseSync(path);
  db.exec("INSERT INTO boots VALUES ('dead', 'elsewhere', 1, 1, 1)");
  const page = Number(
    db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'records'").get()?.['rootpage'],
  );
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const whole = await open(path);
  expect(whole.found.wasKilled).toBe(true);
  await whole.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(file);
  await expect(open(path)).rejects.toThrow(/damaged.*sqlite3 FILE \.recover/);
});

test.each(['deleted', 'replaced by another'])(
  'a file that was %s is a failed store',
  async (how) => {
    const path = newFile();
    const ledger = await open(path);
    if (how === 'deleted') rmSync(path);
    else {
      await writtenTo(`${path}.other`, ['x']);
      renameSync(`${path}.other`, path);
    }
    ledger.append(aRecord());
    await ledger.flush();
    expect(ledger.stats()).toMatchObject({
      queued: 1,
      problem: expect.stringContaining(`the file was ${how} while it was in use`),
    });
    await ledger.close();
    // What it could not write is kept for the next start.
    expect(ledger.stats().spilled).toMatchObject({ rows: 1 });
    const next = await open(path);
    expect(next.found.taken.rows).toBe(1);
    expect(await next.get(aRecord().id)).toEqual(aRecord());
    await next.close();
  },
);

test('pending rows are found in the folder that is named for them', async () => {
  const path = newFile();
  const spill = join(folder, 'other', 'volume');
  const rows = { records: [aRecord({ id: 'p1' })], ends: [] };
  const { file } = spillRows({ path, spill }, rows);
  expect(file).toBe(join(spill, `${path.split('/').at(-1)}.pending`));
  const ledger = await open(path, spill);
  expect(ledger.found.taken.rows).toBe(1);
  expect(existsSync(file)).toBe(false);
  expect(await ledger.get('p1')).toEqual(aRecord({ id: 'p1' }));
  await ledger.close();
});
