/** A ledger whose log was torn: what is left is right, and what is missing is said to the row. */
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { aRecord } from '../support/record.ts';

const nowMs = () => performance.now();
const open = async (path: string) => await sqliteLedger({ path, nowMs });
/** Written and in the database proper, and written and in its log only. */
const [OLD, NEW] = [20, 100];
const PLACES = 50;

let folder = '';
let whole = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torn-'));
  whole = join(folder, 'state.db');
  const before = await open(whole);
  for (let at = 0; at < OLD; at += 1) before.append(aRecord({ id: `old${at}` }));
  await before.close();
  const ledger = await open(whole);
  // A transaction each.
  for (let at = 0; at < NEW; at += 1) {
    ledger.append(aRecord({ id: `new${at}` }));
    await ledger.flush();
  }
  // As a power cut would leave them.
  for (const end of ['', '-wal', '.mark']) copyFileSync(whole + end, `${whole}.cut${end}`);
  await ledger.close();
});
afterAll(async () => await rm(folder, { recursive: true }));

const recordsIn = (path: string): readonly string[] => {
  const db = new DatabaseSync(path);
  const rows = db.prepare('SELECT id FROM records ORDER BY rowid').all();
  db.close();
  return rows.map(({ id }) => String(id));
};

function torn(name: string, tear: (log: string, size: number) => void): string {
  const path = join(folder, name);
  for (const end of ['', '-wal', '.mark']) copyFileSync(`${whole}.cut${end}`, path + end);
  const log = `${path}-wal`;
  tear(log, readFileSync(log).length);
  return path;
}

const cutAt = (place: number) => (log: string, size: number) =>
  truncateSync(log, Math.floor((place / PLACES) * size));

const flippedAt = (place: number) => (log: string, size: number) => {
  const bytes = readFileSync(log);
  const at = Math.floor((place / PLACES) * size);
  bytes[at] = bytes[at]! ^ 0xff;
  writeFileSync(log, bytes);
};

describe.each([
  ['cut off', cutAt],
  ['flipped', flippedAt],
] as const)('a log that is %s', (how, tear) => {
  test(`at ${PLACES} places: what is left and what is said to be missing are all that was written`, async () => {
    const missed: number[] = [];
    for (let place = 0; place < PLACES; place += 1) {
      const path = torn(`${how}-${place}.db`, tear(place));
      const ledger = await open(path);
      const missing = ledger.found.missing?.rows ?? 0;
      missed.push(missing);
      await ledger.close();
      const left = recordsIn(path);
      expect(left.length + missing).toBe(OLD + NEW);
      // In order, without a gap.
      expect(left.slice(OLD)).toEqual(left.slice(OLD).map((_, at) => `new${at}`));
    }
    expect(Math.max(...missed)).toBe(NEW);
    expect(new Set(missed).size).toBeGreaterThan(20);
  });
});
