/** The book of attempts: what is written before and after a paid call, and what a limit is held against over all processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AttemptIntent } from '../../src/core/attempt-log.ts';
import { attemptQueue } from '../../src/stores/attempts/queue.ts';
import type { AttemptOp, Beat, Boot, Booked } from '../../src/stores/attempts/messages.ts';
import { thisBoot } from '../../src/stores/tables/boots.ts';
import { attemptBook } from '../../src/stores/attempts/book.ts';
import { openDatabase } from '../../src/stores/sqlite/open.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'attempts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ACCOUNT = {
  key: 'day',
  scope: { kind: 'gateway' },
  startMs: 0,
  endMs: 86_400_000,
  limitNanoUsd: 100,
  budget: 'b',
} as const;
const intent = (id: string, nano: number, over: Partial<AttemptIntent> = {}): AttemptIntent => ({
  id,
  requestId: `req_${id}`,
  atMs: 1_000,
  caller: 'open',
  team: null,
  upstream: 'cloud',
  model: 'm',
  prices: 'list',
  reservedNanoUsd: nano,
  limits: [ACCOUNT],
  ...over,
});
const ended = (id: string, usedNanoUsd: number, state: 'settled' | 'unknown' = 'settled') =>
  ({ end: { id, atMs: 2_000, state, usedNanoUsd } }) as const;

/** A database, and processes that share it. */
function world() {
  const db = openDatabase(':memory:');
  const ask = attemptBook(db).answer;
  const alive = thisBoot('alive');
  /** Numbers of processes end far below. */
  const dead: Boot = { ...alive, id: 'dead', pid: 2 ** 31 - 2 };
  const book = (boot: Boot, ...ops: readonly AttemptOp[]): Booked =>
    JSON.parse(ask({ kind: 'attempts', boot, ops })[0]!);
  const beat = (boot: Boot): Beat => JSON.parse(ask({ kind: 'beat', boot, atMs: 3_000 })[0]!);
  const rows = () =>
    db.prepare('SELECT id, state, used_nano_usd AS used FROM attempts ORDER BY id').all();
  return { alive, dead, book, beat, rows };
}

describe('a limit', () => {
  test('holds over all processes, and an end frees what was not used', () => {
    const { alive, dead, book } = world();
    expect(book(dead, { open: intent('a', 60) }).refused).toEqual([]);
    expect(book(alive, { open: intent('b', 50) }).refused).toEqual([{ id: 'b', budget: 'b' }]);
    book(dead, ended('a', 10));
    const { refused, elsewhere } = book(alive, { open: intent('b', 50) });
    expect([refused, elsewhere]).toEqual([[], [{ key: 'day', nanoUsd: 10 }]]);
  });

  test('fifty times five on a hundred are exactly twenty', () => {
    const { alive, dead, book } = world();
    const ops = Array.from({ length: 50 }, (_, at) => ({ open: intent(`i${at}`, 5) }));
    const refused = [alive, dead].flatMap((boot, at) =>
      book(boot, ...ops.slice(at * 25, at * 25 + 25)).refused.map(({ id }) => id),
    );
    expect(50 - refused.length).toBe(20);
  });

  test('counts what was spent in its period before it was there', () => {
    const { alive, book } = world();
    book(alive, { open: intent('a', 60, { limits: [] }) }, ended('a', 60));
    book(alive, { open: intent('old', 99, { limits: [], atMs: -5 }) }, ended('old', 99));
    expect(book(alive, { open: intent('b', 50) }).refused).toHaveLength(1);
    expect(book(alive, { open: intent('c', 40) }).refused).toEqual([]);
  });
});

describe('a batch that is sent again because its answer was lost', () => {
  test('counts once', () => {
    const { alive, book, rows } = world();
    for (let time = 0; time < 3; time += 1) {
      book(alive, { open: intent('a', 60) }, ended('a', 30), ended('a', 10));
    }
    expect(rows()).toEqual([{ id: 'a', state: 'settled', used: 30 }]);
    expect(book(alive, { open: intent('b', 70) }).refused).toEqual([]);
    expect(book(alive, { open: intent('c', 1) }).refused).toHaveLength(1);
  });
});

test('an end that no budget counts is written once, also where its process was taken for dead', () => {
  const { alive, dead, book, beat, rows } = world();
  beat(dead);
  book(dead, { open: intent('a', 60, { limits: [] }) }, { open: intent('b', 20, { limits: [] }) });
  book(dead, ended('b', 5), ended('b', 6));
  beat(alive);
  expect(rows()).toEqual([
    { id: 'a', state: 'unknown', used: 60 },
    { id: 'b', state: 'settled', used: 5 },
  ]);
  book(dead, ended('a', 30));
  book(dead, ended('a', 31));
  expect(rows()).toMatchObject([{ state: 'settled', used: 30 }, { used: 5 }]);
});

describe('what a dead process left', () => {
  test('is unknown, and charged as it was reserved', () => {
    const { alive, dead, book, beat, rows } = world();
    beat(dead);
    book(dead, { open: intent('a', 60) }, { open: intent('b', 20) }, ended('b', 5));
    expect(beat(alive)).toMatchObject({
      recovered: 1,
      recoveredNanoUsd: 60,
      unreconciled: 1,
      unreconciledNanoUsd: 60,
      oldestUnreconciledMs: 1_000,
    });
    expect(rows()).toEqual([
      { id: 'a', state: 'unknown', used: 60 },
      { id: 'b', state: 'settled', used: 5 },
    ]);
    expect(book(alive, { open: intent('c', 36) }).refused).toHaveLength(1);
    expect(book(alive, { open: intent('d', 35) }).refused).toEqual([]);
    expect(beat(alive).recovered).toBe(0);
  });

  test('may still be settled by who was taken for dead', () => {
    const { alive, dead, book, beat, rows } = world();
    book(dead, { open: intent('a', 60) });
    beat(alive);
    book(dead, ended('a', 10), ended('a', 50));
    expect(rows()).toEqual([{ id: 'a', state: 'settled', used: 10 }]);
    expect(book(alive, { open: intent('c', 90) }).refused).toEqual([]);
  });

  test('is left alone while its process lives', () => {
    const { alive, book, beat, rows } = world();
    const other: Boot = { ...alive, id: 'other', pid: process.ppid, startedMs: 1 };
    beat(other);
    book(other, { open: intent('a', 60) });
    expect(beat(alive).recovered).toBe(0);
    expect(rows()).toMatchObject([{ state: 'open' }]);
  });
});

describe('the queue to the thread', () => {
  test('an intent is on disk when its promise resolves', async () => {
    const path = join(folder, 'state.db');
    const ledger = await sqliteLedger({ path, nowMs: () => 0 });
    await ledger.attempts.beat();
    await Promise.all(
      Array.from({ length: 250 }, (_, at) => ledger.attempts.open(intent(`i${at}`, 0))),
    );
    const read = new DatabaseSync(path, { readOnly: true });
    const count = () =>
      read.prepare('SELECT state, count(*) AS n FROM attempts GROUP BY state').all();
    expect(count()).toEqual([{ state: 'open', n: 250 }]);
    ledger.attempts.end({ id: 'i0', atMs: 5, state: 'settled', usedNanoUsd: 0 });
    expect(ledger.attempts.stats()).toMatchObject({ open: 249, queued: 1 });
    await ledger.close();
    expect(count()).toEqual([
      { state: 'open', n: 249 },
      { state: 'settled', n: 1 },
    ]);
    read.close();
  });

  test('an end waits for the next intent, but not for long, nor where somebody flushes', async () => {
    const seen: string[][] = [];
    const log = attemptQueue((question) => {
      if (question.kind !== 'attempts') return Promise.resolve(['{}']);
      seen.push(question.ops.map((op) => ('open' in op ? op.open.id : `end ${op.end.id}`)));
      return Promise.resolve([JSON.stringify({ refused: [], elsewhere: [] })]);
    });
    const end = (id: string) => log.end({ id, atMs: 5, state: 'settled' as const, usedNanoUsd: 1 });
    end('a');
    end('b');
    await log.open(intent('c', 1));
    expect(seen).toEqual([['end a', 'end b', 'c']]);
    end('c');
    expect(seen).toHaveLength(1);
    await expect.poll(() => seen).toHaveLength(2);
    end('d');
    await log.flush();
    expect(seen.slice(1)).toEqual([['end c'], ['end d']]);
    await log.close();
  });

  test('an intent that is written in time is not refused, however late a busy thread reads that', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { promise, resolve } = Promise.withResolvers<readonly string[]>();
    const log = attemptQueue(({ kind }) =>
      kind === 'attempts' ? promise : Promise.resolve(['{}']),
    );
    const opened = log.open(intent('a', 1));
    vi.advanceTimersByTime(2000);
    resolve([JSON.stringify({ refused: [], elsewhere: [] })]);
    expect(await opened).toEqual({ elsewhere: [] });
    await log.close();
  });

  test('a failed batch is sent again, and in order', async () => {
    const seen: string[] = [];
    let failures = 2;
    const log = attemptQueue((question) => {
      if (question.kind !== 'attempts') return Promise.resolve(['{}']);
      if (failures-- > 0) return Promise.reject(new Error('disk full'));
      seen.push(
        ...question.ops.map((op) => ('open' in op ? `open ${op.open.id}` : `end ${op.end.id}`)),
      );
      return Promise.resolve([JSON.stringify({ refused: [], elsewhere: [] })]);
    });
    await log.open(intent('a', 1));
    log.end({ id: 'a', atMs: 5, state: 'settled', usedNanoUsd: 1 });
    expect(await log.close()).toEqual([]);
    expect(seen).toEqual(['open a', 'end a']);
  });

  test('what cannot be written is refused in time, and what ended is handed back', async () => {
    const log = attemptQueue(() => Promise.reject(new Error('disk full')));
    log.end({ id: 'z', atMs: 5, state: 'settled', usedNanoUsd: 1 });
    await expect(log.open(intent('a', 1))).rejects.toMatchObject({
      code: 'gateway_ledger_unavailable',
      status: 503,
    });
    expect(await log.close()).toEqual([{ id: 'z', atMs: 5, state: 'settled', usedNanoUsd: 1 }]);
  });
});
