import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../../test/support/record.ts';
import { sqliteLedger } from './ledger.ts';
import { unreadableRecords } from './unreadable-records.ts';

let folder: string;
let db: DatabaseSync;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unreadable-'));
  const path = join(folder, 'ledger.db');
  const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
  for (const id of ['a', 'b', 'c']) ledger.append(aRecord({ id, caller: `caller of ${id}` }));
  await ledger.close();
  db = new DatabaseSync(path);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

test('of a whole file nothing is said', () => {
  expect(unreadableRecords(db)).toEqual([]);
});

test.each([
  ['all words', '1', '3 records cannot be read, the first is a'],
  ['a word between others', "word = 'caller of b'", '3 records cannot be read, the first is a'],
  [
    'the words behind the second record',
    `place >= (SELECT place FROM words WHERE word = 'caller of c')`,
    '1 record cannot be read, the first is c',
  ],
])('%s are missing', (_, where, said) => {
  db.exec(`DELETE FROM words WHERE ${where}`);
  expect(unreadableRecords(db)).toEqual([expect.stringContaining(said)]);
});
