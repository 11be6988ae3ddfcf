import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../../test/support/record.ts';
import type { UsageRecord } from '../../core/record.ts';
import { sqliteReader } from './reader.ts';
import { sqliteLedger } from './ledger.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-reader-'));
  path = join(folder, 'state.db');
});
afterEach(() => rm(folder, { recursive: true }));

const nowMs = (): number => performance.now();
const numbered = (count: number): readonly UsageRecord[] =>
  Array.from({ length: count }, (_, at) => aRecord({ id: `req_${at}`, atMs: 1_000 + at }));

test('reads every record, newest first, in consecutive pages', async () => {
  const ledger = await sqliteLedger({ path, nowMs });
  for (const record of numbered(25)) ledger.append(record);
  await ledger.close();
  const reader = sqliteReader(path);
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.list({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.records.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(ids).toEqual(
    numbered(25)
      .map(({ id }) => id)
      .toReversed(),
  );
  expect((await reader.list({ sinceMs: 1_010, untilMs: 1_012 })).records).toHaveLength(2);
  await reader.close();
});

test('reads while a ledger writes, and sees new records', async () => {
  const ledger = await sqliteLedger({ path, nowMs });
  ledger.append(aRecord({ id: 'req_first' }));
  await ledger.flush();
  const reader = sqliteReader(path);
  expect((await reader.list({})).records).toHaveLength(1);
  ledger.append(aRecord({ id: 'req_second' }));
  await ledger.flush();
  expect((await reader.list({})).records).toHaveLength(2);
  await reader.close();
  await ledger.close();
});

test('leaves the file unchanged', async () => {
  const ledger = await sqliteLedger({ path, nowMs });
  ledger.append(aRecord());
  await ledger.close();
  const before = await stat(path);
  const reader = sqliteReader(path);
  await reader.list({});
  await reader.close();
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
});

test('creates no file, and explains one that is no ledger', async () => {
  expect(() => sqliteReader(path)).toThrow(/cannot be opened/);
  await writeFile(
    path,
    'not a database, and long enough to be looked at as if it were one'.repeat(20),
  );
  expect(() => sqliteReader(path)).toThrow(/not an SQLite database/);
});
