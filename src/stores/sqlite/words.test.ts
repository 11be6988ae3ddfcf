import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { aRecord } from '../../../test/support/record.ts';
import { sqliteLedger } from './ledger.ts';
import { sqliteReader } from './reader.ts';
import { earlyThread } from './thread.ts';
import { writtenWords } from './words.ts';

const folder = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nowMs = (): number => performance.now();

test('two processes write to one file, each with words of its own, and everybody reads both', async () => {
  const path = join(folder, 'two.db');
  const [first, second] = [
    await sqliteLedger({ path, nowMs }),
    await sqliteLedger({ path, nowMs }),
  ];
  const reader = sqliteReader(path);
  const of = (id: string, caller: string) => aRecord({ id, caller });
  first.append(of('a', 'ana'));
  await first.flush();
  expect(await reader.get('a')).toEqual(of('a', 'ana'));
  second.append(of('b', 'ben'));
  await second.flush();
  first.append(of('c', 'cem'));
  await first.flush();
  const all = [of('c', 'cem'), of('b', 'ben'), of('a', 'ana')];
  expect((await reader.list({})).records).toEqual(all);
  expect((await second.list({})).records).toEqual(all);
  expect(await first.get('b')).toEqual(of('b', 'ben'));
  await Promise.all([first.close(), second.close(), reader.close()]);
});

test('words of records that were refused are written with the next ones, whatever was committed in between', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE words (dictionary, place, word)');
  const words = writtenWords(db);
  words.take({ from: 0, words: ['ana'] });
  words.write();
  words.ended(true);
  words.take({ from: 1, words: ['ben'] });
  db.exec('BEGIN');
  words.write();
  db.exec('ROLLBACK');
  words.ended(false);
  // Ends of paid calls, which name no words.
  words.ended(true);
  words.write();
  words.ended(true);
  const written = db.prepare('SELECT word FROM words WHERE place >= 0 ORDER BY place').all();
  expect(written.map(({ word }) => word)).toEqual(['ana', 'ben']);
  db.close();
});

/** What starts a ledger's threads, and those that it started. */
function spawning(path: string) {
  const threads: Worker[] = [];
  const spawn = (): Worker => {
    const thread = new Worker(new URL('./worker.ts', import.meta.url), { workerData: path });
    threads.push(thread);
    return thread;
  };
  return { spawn, threads };
}

test('figures of few records are read by the thread that writes them', async () => {
  const path = join(folder, 'few.db');
  const { spawn, threads } = spawning(path);
  const ledger = await sqliteLedger({ path, nowMs, spawn });
  const window = { filters: {}, fromMs: 0, toMs: Date.now() };
  await ledger.figures.totals(window);
  expect(threads).toHaveLength(1);
  for (let at = 0; at < 2001; at += 1) ledger.append(aRecord({ id: `r${at}` }));
  await ledger.figures.totals(window);
  expect(threads).toHaveLength(2);
  await ledger.close();
});

test('a thread that was started anew is sent every word again', async () => {
  const path = join(folder, 'anew.db');
  const { spawn, threads } = spawning(path);
  const ledger = await sqliteLedger({ path, nowMs, spawn });
  ledger.append(aRecord({ id: 'before' }));
  await ledger.flush();
  await threads[0]!.terminate();
  ledger.append(aRecord({ id: 'after', caller: 'new' }));
  // the first try is refused
  await ledger.flush();
  await ledger.flush();
  expect(await ledger.get('after')).toEqual(aRecord({ id: 'after', caller: 'new' }));
  expect(await ledger.get('before')).toEqual(aRecord({ id: 'before' }));
  expect(threads).toHaveLength(2);
  await ledger.close();
});

test('a thread that was begun early takes the first file that is asked for; any further one gets its own', async () => {
  const early = earlyThread();
  const [first, second] = await Promise.all(
    ['early.db', 'late.db'].map((name) =>
      sqliteLedger({ path: join(folder, name), nowMs, spawn: early.spawn }),
    ),
  );
  early.release();
  first!.append(aRecord({ id: 'a' }));
  second!.append(aRecord({ id: 'b' }));
  expect(await first!.get('a')).toBeDefined();
  await first!.flush();
  expect((await first!.list({})).records.map(({ id }) => id)).toEqual(['a']);
  expect((await second!.list({})).records.map(({ id }) => id)).toEqual(['b']);
  await Promise.all([first!.close(), second!.close()]);
});
