import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../../test/support/record.ts';
import type { Boot } from '../attempts/messages.ts';
import { thisBoot } from '../tables/boots.ts';
import { dictionary } from './dictionary.ts';
import { rowPacker, type PackedRow } from './packed-rows.ts';
import { journalsAt, journalsPrefix, leftInJournals, rowJournal } from './row-journal.ts';
import { sqliteLedger } from '../sqlite/ledger.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'row-journal-'));
});
afterEach(() => {
  for (const each of [folder, ...journalsAt(prefix())]) rmSync(each, { recursive: true });
});

const path = (): string => join(folder, 'state.db');
const prefix = (): string => journalsPrefix(path());
const own = thisBoot('own');
const nowMs = (): number => performance.now();

/** Of a process that was here and is gone. */
const dead: Boot = { ...own, id: 'dead', pid: spawnSync('true').pid, startedMs: 1 };

/** A journal as `dead` had it, never closed. */
function aJournal(boot = dead) {
  const words = dictionary();
  const journal = rowJournal(prefix(), boot, words);
  const pack = rowPacker(words);
  const rows = new Map<string, PackedRow>();
  return {
    keep: (...ids: readonly string[]) => {
      for (const id of ids) rows.set(id, journal.keep(pack(aRecord({ id }))));
    },
    release: (...ids: readonly string[]) => journal.release(ids.map((id) => rows.get(id)!)),
  };
}

const left = (): readonly string[] => leftInJournals(prefix(), own).records.map(({ id }) => id);
const ids = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `r${from + index}`);
const fileOf = (name: string): string => join(`${prefix()}dead`, name);

test('what a process kept and released nothing of is read whole', () => {
  const record = aRecord({ id: 'ünïcode-\u{1F600}-\ud800', requestedModel: 'm'.repeat(5000) });
  const words = dictionary();
  rowJournal(prefix(), dead, words).keep(rowPacker(words)(record));
  expect(leftInJournals(prefix(), own).records).toEqual([record]);
});

test('once all is released the next row is written over the first', () => {
  const { keep, release } = aJournal();
  keep('r0', 'r1', 'r2');
  release('r0', 'r1', 'r2');
  expect(left()).toEqual(['r0', 'r1', 'r2']);
  keep('r3');
  expect(left()).toEqual(['r3']);
});

test('rows that wait are never written over, and the files stay small while some always wait', () => {
  const { keep, release } = aJournal();
  keep('r0');
  for (let at = 1; at < 6000; at += 1) {
    keep(`r${at}`);
    release(`r${at - 1}`);
    if (at % 1000 === 0) expect(left()).toContain(`r${at}`);
  }
  const bytes = ['a', 'b'].map((name) => readFileSync(fileOf(name)).byteLength);
  expect(Math.max(...bytes)).toBeLessThan(1.1 * 1024 * 1024);
  expect(Math.min(...bytes)).toBeGreaterThan(1024 * 1024);
});

test('a row that was not written whole ends what is read, and so does a word', () => {
  aJournal().keep(...ids(0, 3));
  truncateSync(fileOf('a'), readFileSync(fileOf('a')).byteLength - 9);
  expect(left()).toEqual(['r0', 'r1']);
  writeFileSync(fileOf('words'), `${readFileSync(fileOf('words'), 'utf8')}"half a wo`);
  expect(left()).toEqual(['r0', 'r1']);
});

test('those of a process that lives are left alone', () => {
  aJournal({ ...own, id: 'sibling' }).keep('r0');
  expect(left()).toEqual([]);
});

test('the next ledger takes in what is not there yet, once, and the journal is gone', async () => {
  const before = await sqliteLedger({ path: path(), nowMs });
  before.append(aRecord({ id: 'r0' }));
  await before.close();
  aJournal().keep('r0', 'r1');
  const next = await sqliteLedger({ path: path(), nowMs });
  expect(next.found.taken).toEqual({ rows: 1, nanoUsd: 0 });
  expect((await next.list({})).records.map(({ id }) => id).toSorted()).toEqual(['r0', 'r1']);
  await next.close();
  expect(journalsAt(prefix())).toEqual([]);
});

test('a ledger that notes has every record in its journal until it is durable, and none at its end', async () => {
  const ledger = await sqliteLedger({ path: path(), nowMs, notes: true });
  // As a container would see it that starts again, with the same number.
  const next: Boot = { ...own, startedMs: own.startedMs + 1 };
  const seen = () => leftInJournals(prefix(), next).records.map(({ id }) => id);
  const records = ['r0', 'r1'].map((id) => aRecord({ id }));
  for (const record of records) ledger.note!(record);
  expect(seen()).toEqual(['r0', 'r1']);
  for (const record of records) ledger.append(record);
  await ledger.flush();
  ledger.note!(aRecord({ id: 'r2' }));
  expect(seen()).toEqual(['r2']);
  await ledger.close();
  expect(journalsAt(prefix())).toEqual([]);
});
