/**
 * What was collected for distillation: an SQLite file of its own, which its owner alone may read. Deleted text is overwritten
 * (`secure_delete`), and its journal cut.
 */
import { chmodSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { CollectedCount, CollectedFilter, Exchange } from '../../core/collect.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { makeFile, useWal } from '../sqlite/open.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { inTransaction } from '../sqlite/transaction.ts';

export interface CollectedFile {
  /** In one transaction. An exchange with a known id changes nothing. */
  add(exchanges: readonly Exchange[]): void;
  /** Deletes what is past its time. @returns how many */
  expire(nowMs: number): number;
  /** @returns how many were deleted */
  delete(filter: CollectedFilter): number;
  /** Of the conversation that the request belongs to. */
  conversationOf(requestId: string): string | undefined;
  counts(): readonly CollectedCount[];
  /** Oldest first. */
  all(): IterableIterator<Exchange>;
  close(): void;
}

const VERSION = 1;
const BUSY_MS = 5_000;

/** Makes the file where there is none. @throws Error where it is of a later version or another program's, or cannot be written */
export function openCollected(path: string): CollectedFile {
  makeFolder(dirname(path));
  makeFile(path);
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    if (isForeign(db))
      throw new Error(
        `${path} is the database of another program; name another file to collect in.`,
      );
    if (versionOf(db) > VERSION)
      throw new Error(`${path} was written by a later version of Smallfirst.`);
    // A path may be wrong: of what is no such file the mode is not touched.
    for (const one of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(one)) chmodSync(one, READABLE_BY_OWNER);
  } catch (error) {
    db.close();
    throw error;
  }
  useWal(db);
  db.exec('PRAGMA secure_delete = ON');
  db.exec(`${SCHEMA}; PRAGMA user_version = ${VERSION}`);
  return { ...writer(db), ...reader(db), close: () => db.close() };
}

const versionOf = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA user_version').get()?.['user_version']);

/** It has tables, and not this one. */
function isForeign(db: DatabaseSync): boolean {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  return tables.length > 0 && !tables.some(({ name }) => name === 'exchanges');
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS exchanges (
    request_id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    caller TEXT NOT NULL,
    conversation TEXT NOT NULL,
    upstream TEXT NOT NULL,
    model TEXT NOT NULL,
    messages TEXT NOT NULL,
    answer TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS exchanges_conversation ON exchanges (conversation);
  CREATE INDEX IF NOT EXISTS exchanges_expires ON exchanges (expires_ms)`;

function writer(db: DatabaseSync): Pick<CollectedFile, 'add' | 'expire' | 'delete'> {
  const insert = db.prepare(
    'INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const deleted = (where: string, values: readonly SQLInputValue[]): number => {
    const { changes } = db.prepare(`DELETE FROM exchanges WHERE ${where}`).run(...values);
    // What was deleted still stands in the journal.
    if (changes !== 0) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return Number(changes);
  };
  return {
    add: (exchanges) =>
      inTransaction(db, () => {
        for (const one of exchanges)
          insert.run(
            one.requestId,
            one.atMs,
            one.expiresMs,
            one.caller,
            one.conversation,
            one.upstream,
            one.model,
            JSON.stringify(one.messages),
            one.answer,
          );
      }),
    expire: (nowMs) => deleted('expires_ms <= ?', [nowMs]),
    delete: ({ caller, conversation, beforeMs }) => {
      const wanted: readonly (readonly [string, SQLInputValue | undefined])[] = [
        ['caller = ?', caller],
        ['conversation = ?', conversation],
        ['at_ms < ?', beforeMs],
      ];
      const given = wanted.flatMap(([where, value]) =>
        value === undefined ? [] : [{ where, value }],
      );
      if (given.length === 0) return 0;
      return deleted(
        given.map(({ where }) => where).join(' AND '),
        given.map(({ value }) => value),
      );
    },
  };
}

function reader(db: DatabaseSync): Pick<CollectedFile, 'conversationOf' | 'counts' | 'all'> {
  return {
    conversationOf: (requestId) => {
      const row = db
        .prepare('SELECT conversation FROM exchanges WHERE request_id = ?')
        .get(requestId);
      return row === undefined ? undefined : text(row, 'conversation');
    },
    counts: () =>
      db
        .prepare(
          `SELECT caller, upstream, model, COUNT(*) AS answers, COUNT(DISTINCT conversation) AS conversations,
             MIN(at_ms) AS oldest, MAX(at_ms) AS newest
           FROM exchanges GROUP BY caller, upstream, model ORDER BY caller, upstream, model`,
        )
        .all()
        .map((row) => ({
          caller: text(row, 'caller'),
          upstream: text(row, 'upstream'),
          model: text(row, 'model'),
          answers: number(row, 'answers'),
          conversations: number(row, 'conversations'),
          oldestMs: number(row, 'oldest'),
          newestMs: number(row, 'newest'),
        })),
    all: function* () {
      const rows = db.prepare('SELECT * FROM exchanges ORDER BY at_ms, request_id').iterate();
      for (const row of rows) yield exchangeOf(row);
    },
  };
}

const exchangeOf = (row: Row): Exchange => ({
  requestId: text(row, 'request_id'),
  atMs: number(row, 'at_ms'),
  expiresMs: number(row, 'expires_ms'),
  caller: text(row, 'caller'),
  conversation: text(row, 'conversation'),
  upstream: text(row, 'upstream'),
  model: text(row, 'model'),
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `add`
  messages: JSON.parse(text(row, 'messages')) as Exchange['messages'],
  answer: text(row, 'answer'),
});
