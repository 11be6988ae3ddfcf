/** What only a file can suffer: kills, damage, permissions, other programs, a thread that dies. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { lostAfterKills } from '../support/ledger-kill.ts';
import { aRecord } from '../support/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nowMs = (): number => performance.now();
const file = (name: string): string => join(folder, name);

test('a process that is killed in the middle of writing loses no acknowledged record', async () => {
  const { acknowledged, lost } = await lostAfterKills(file('killed.db'), 5);
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(100);
});

describe('a file that cannot be used stops the start, and says what to do', () => {
  const opening = async (path: string) => await sqliteLedger({ path, nowMs });

  test('no database at all', async () => {
    writeFileSync(file('text.db'), 'just some text, longer than a header. '.repeat(200));
    await expect(opening(file('text.db'))).rejects.toThrow(
      /text\.db.*not an SQLite database; move/,
    );
  });

  test('a damaged one', async () => {
    const path = file('damaged.db');
    const ledger = await opening(path);
    for (let n = 0; n < 500; n++) ledger.append(aRecord({ id: `r${n}` }));
    await ledger.close();
    const { size } = statSync(path);
    const bytes = Buffer.alloc(size - 100, 0xff);
    const db = await import('node:fs/promises').then(({ open }) => open(path, 'r+'));
    await db.write(bytes, 0, bytes.length, 100);
    await db.close();
    await expect(opening(path)).rejects.toThrow(/damaged; move it away/);
  });

  test("another program's", async () => {
    const db = new DatabaseSync(file('foreign.db'));
    db.exec('CREATE TABLE theirs (x)');
    db.close();
    await expect(opening(file('foreign.db'))).rejects.toThrow(/another program.*store\.path/);
  });

  test("a newer version's", async () => {
    await (await opening(file('newer.db'))).close();
    const db = new DatabaseSync(file('newer.db'));
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99');
    db.close();
    const before = readFileSync(file('newer.db'));
    await expect(opening(file('newer.db'))).rejects.toThrow(/newer Smallfirst \(schema 99/);
    expect(readFileSync(file('newer.db')).equals(before)).toBe(true);
  });

  test('a folder, or a path through a file', async () => {
    mkdirSync(file('folder.db'));
    await expect(opening(file('folder.db'))).rejects.toThrow(/cannot be opened/);
    await expect(opening(join(file('text.db'), 'x', 'y.db'))).rejects.toThrow(/store\.path/);
  });

  // A folder in which nobody makes a file, root included.
  test.skipIf(process.platform !== 'linux')('one that cannot be made', async () => {
    await expect(opening('/proc/state.db')).rejects.toThrow(/proc\/state\.db.*cannot be opened/);
  });
});

test('the file and what is beside it are for their owner alone', async () => {
  const inside = join(folder, 'modes');
  const ledger = await sqliteLedger({ path: join(inside, 'state.db'), nowMs });
  ledger.append(aRecord());
  await ledger.flush();
  const names = readdirSync(inside).toSorted();
  expect(names).toEqual(expect.arrayContaining(['state.db', 'state.db-wal', 'state.db.ballast']));
  for (const name of names)
    expect([name, statSync(join(inside, name)).mode & 0o777]).toEqual([name, 0o600]);
  await ledger.close();
});

test('a file that was closed is opened again with all that it had', async () => {
  const path = file('again.db');
  const before = await sqliteLedger({ path, nowMs });
  before.append(aRecord());
  await before.close();
  const after = await sqliteLedger({ path, nowMs });
  expect(await after.get('req_1')).toEqual(aRecord());
  await after.close();
});

describe('the thread', () => {
  /** Threads are of the real kind; the test keeps them to end them. */
  function withThreads() {
    const threads: Worker[] = [];
    const spawn = (path: string): Worker => {
      const entry = new URL('../../src/stores/sqlite/worker.ts', import.meta.url);
      const worker = new Worker(entry, { workerData: path, execArgv: [] });
      threads.push(worker);
      return worker;
    };
    return { threads, spawn };
  }

  test('that dies is started again, and what it had not acknowledged is sent again', async () => {
    const { threads, spawn } = withThreads();
    const ledger = await sqliteLedger({ path: file('dies.db'), nowMs, spawn });
    for (let n = 0; n < 250; n++) ledger.append(aRecord({ id: `r${n}` }));
    await threads[0]?.terminate();
    while (ledger.stats().queued > 0) await ledger.flush();
    expect((await ledger.list({ limit: 1_000 })).records).toHaveLength(250);
    expect(threads.length).toBeGreaterThan(1);
    await ledger.close();
  });

  test('that dies between two questions is not missed by the next', async () => {
    const { threads, spawn } = withThreads();
    const ledger = await sqliteLedger({ path: file('between.db'), nowMs, spawn });
    ledger.append(aRecord());
    await ledger.flush();
    await threads[0]?.terminate();
    expect(await ledger.get('req_1')).toEqual(aRecord());
    await ledger.close();
  });

  /** The real thread on a disk with room for so many pages, until the variable is gone. */
  const ROOM = 'LEDGER_TEST_PAGES';
  function cramped(path: string): Worker {
    const entry = new URL('../../src/stores/sqlite/worker.ts', import.meta.url).href;
    const code = `
      const { DatabaseSync } = require('node:sqlite');
      const { exec } = DatabaseSync.prototype;
      DatabaseSync.prototype.exec = function (sql) {
        const pages = process.env.${ROOM} ?? '1000000';
        if (sql === 'BEGIN IMMEDIATE') exec.call(this, 'PRAGMA max_page_count = ' + pages);
        return exec.call(this, sql);
      };
      import(${JSON.stringify(entry)});`;
    return new Worker(code, { eval: true, workerData: path, env: SHARE_ENV, execArgv: [] });
  }

  /** What the tables take. */
  function pagesOf(path: string): number {
    const db = new DatabaseSync(path, { readOnly: true });
    const row = db.prepare('PRAGMA page_count').get();
    db.close();
    return Number(row?.['page_count']);
  }

  test('tells of a full disk, keeps the records, and writes them when there is room', async () => {
    const path = file('full.db');
    const ledger = await sqliteLedger({ path, nowMs, spawn: cramped });
    process.env[ROOM] = String(pagesOf(path) + 5);
    for (let n = 0; n < 90; n++) ledger.append(aRecord({ id: `r${n}` }));
    await ledger.flush();
    expect(ledger.stats()).toMatchObject({
      queued: 90,
      dropped: 0,
      problem: expect.stringMatching(/full\.db.*disk is full; free some space/),
    });
    expect(await ledger.get('r7')).toBeDefined();
    Reflect.deleteProperty(process.env, ROOM);
    await ledger.flush();
    expect(ledger.stats()).toMatchObject({ queued: 0, lagMs: 0, dropped: 0 });
    expect((await ledger.list({})).records).toHaveLength(90);
    await ledger.close();
  });
});
