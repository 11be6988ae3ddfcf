/**
 * The outbox of a database file: what was written here and is not in Postgres yet, in order. Triggers fill it in the transaction of
 * the row itself, so that nothing is forwarded that was not kept, and nothing is kept that is not forwarded.
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { UsageRecord } from '../../core/record.ts';
import { bootsIn } from '../tables/boots.ts';
import { attemptLine, feedbackLine, lineOf, RECORD_LINE_COLUMNS, recordLine } from './lines.ts';
import { OWNER_COLUMNS } from '../tables/owner-rows.ts';
import { rollupsOfRecords } from './rollups.ts';
import { text } from '../sqlite/row.ts';
import { RECORD_COLUMNS, type recordReader } from '../sqlite/words.ts';
import { inTransaction } from '../sqlite/transaction.ts';

/** About the outbox; the answers are `OutboxBatch.parts`, and JSON otherwise. */
export type OutboxQuestion =
  /** Makes it where there is none. Answered with its id. */
  | { readonly kind: 'outbox-begin' }
  | { readonly kind: 'outbox-next'; readonly most: number }
  | { readonly kind: 'outbox-done'; readonly upTo: number }
  /** Answered with the processes that live. */
  | { readonly kind: 'outbox-boots' };

/** The kinds of rows, in the order in which a batch has them: each a JSON array as text. */
export const PARTS = ['records', 'attempts', 'owners', 'feedback', 'audits', 'rollups'] as const;
export type OutboxPart = (typeof PARTS)[number];

export interface OutboxHead {
  /** Of its last row; 0: there is none. */
  readonly upTo: number;
  /** Rows in the batch, and rows that wait in all. */
  readonly rows: number;
  readonly waiting: number;
  /** When the oldest was written, in milliseconds since the epoch; 0: there is none. */
  readonly sinceMs: number;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms REAL NOT NULL DEFAULT (unixepoch('subsec') * 1000),
    what TEXT NOT NULL,
    ref ANY NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS outbox_name (name TEXT NOT NULL) STRICT;`;

const trigger = (name: string, on: string, what: string, ref: string): string =>
  `CREATE TRIGGER IF NOT EXISTS outbox_${name} AFTER ${on}
     BEGIN INSERT INTO outbox (what, ref) VALUES ('${what}', new.${ref}); END;`;

const TRIGGERS = [
  trigger('record', 'INSERT ON records', 'records', 'seq'),
  trigger('attempt', 'INSERT ON attempts', 'attempts', 'id'),
  trigger('end', 'UPDATE OF state ON attempts', 'attempts', 'id'),
  trigger('owner', 'INSERT ON owners', 'owners', 'id'),
  trigger('feedback', 'INSERT ON feedback', 'feedback', 'seq'),
  trigger('audit', 'INSERT ON audits', 'audits', 'seq'),
].join('\n');

export type Outbox = (question: OutboxQuestion) => readonly string[];

export function outboxIn(db: DatabaseSync, recordOf: ReturnType<typeof recordReader>): Outbox {
  // Made when it is first asked for: its tables are there from `outbox-begin` on.
  let made: ReturnType<typeof batches> | undefined;
  const batcher = () => (made ??= batches(db, recordOf));
  return (question) => {
    switch (question.kind) {
      case 'outbox-begin':
        return inTransaction(db, () => [begin(db)]);
      case 'outbox-next':
        return asOfOneMoment(db, () => batcher().next(question.most));
      case 'outbox-done':
        inTransaction(db, () => batcher().done(question.upTo));
        return [];
      case 'outbox-boots':
        return [JSON.stringify(bootsIn(db).map(({ id }) => id))];
    }
  };
}

/** @throws Error for a file that was a store of its own: its rows would never be forwarded */
function begin(db: DatabaseSync): string {
  const isOutbox = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").get();
  const holds = db.prepare('SELECT 1 FROM records UNION ALL SELECT 1 FROM attempts LIMIT 1').get();
  if (isOutbox === undefined && holds !== undefined)
    throw new Error(
      'it holds the records of a store of its own; copy them with `smallfirst ledger migrate --to postgres`, or name another file in `store.outbox`',
    );
  db.exec(TABLES);
  db.exec(TRIGGERS);
  const known = db.prepare('SELECT name FROM outbox_name').get();
  if (known !== undefined) return text(known, 'name');
  const name = randomUUID();
  db.prepare('INSERT INTO outbox_name (name) VALUES (?)').run(name);
  return name;
}

type Ref = string | number;

/** What the last batch had that need not be kept once it is elsewhere. */
type Sent = Map<OutboxPart, Ref[]>;

/** Reads do not see what another process writes meanwhile. */
function asOfOneMoment<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN');
  try {
    return work();
  } finally {
    db.exec('COMMIT');
  }
}

function batches(db: DatabaseSync, recordOf: ReturnType<typeof recordReader>) {
  const select = db.prepare('SELECT seq, at_ms, what, ref FROM outbox ORDER BY seq LIMIT ?');
  const ends = db.prepare('SELECT min(seq) AS low, max(seq) AS high FROM outbox');
  const version = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
  const forget = db.prepare('DELETE FROM outbox WHERE seq <= ?');
  const deletes = new Map(
    Object.entries(KEY_OF).map(([part, key]) => [
      part,
      db.prepare(`DELETE FROM ${part} WHERE ${key} = ?`),
    ]),
  );
  const readers = partReaders(db, recordOf);
  const rollups = rollupsOfRecords(db);
  let sent: Sent = new Map();
  return {
    next: (most: number): readonly string[] => {
      const rows = select.all(most);
      const refs = new Map<string, Set<Ref>>();
      for (const { what, ref } of rows) {
        const known = refs.get(String(what)) ?? new Set();
        refs.set(String(what), known.add(typeof ref === 'number' ? ref : String(ref)));
      }
      sent = new Map();
      const counted = rollups();
      const parts = PARTS.map((part) => {
        const found = [...(refs.get(part) ?? [])].flatMap((ref) => readers(part, ref, counted.add));
        sent.set(
          part,
          found.flatMap(({ isOver, ref }) => (isOver ? [ref] : [])),
        );
        const lines =
          part === 'rollups'
            ? counted.rows(Number(version.get()?.['seq'] ?? 0))
            : found.map(({ line }) => line);
        return `[${lines.join(',')}]`;
      });
      const { low, high } = ends.get() ?? {};
      const head: OutboxHead = {
        upTo: Number(rows.at(-1)?.['seq'] ?? 0),
        rows: rows.length,
        waiting: rows.length === 0 ? 0 : Number(high) - Number(low) + 1,
        sinceMs: Number(rows[0]?.['at_ms'] ?? 0),
      };
      return [JSON.stringify(head), ...parts];
    },
    done: (upTo: number): void => {
      forget.run(upTo);
      for (const [part, refs] of sent) for (const ref of refs) deletes.get(part)?.run(ref);
      sent = new Map();
    },
  };
}

/** By what a row of each table is named in the outbox. */
const KEY_OF = {
  records: 'seq',
  attempts: 'id',
  owners: 'id',
  feedback: 'seq',
  audits: 'seq',
} as const;

interface Read {
  readonly ref: Ref;
  /** JSON. */
  readonly line: string;
  /** It will not change any more. */
  readonly isOver: boolean;
}

/** Reads one row as it is now; none where it is gone. */
function partReaders(db: DatabaseSync, recordOf: ReturnType<typeof recordReader>) {
  const one = {
    records: db.prepare(
      `SELECT ${RECORD_LINE_COLUMNS}, ${RECORD_COLUMNS} FROM records WHERE seq = ?`,
    ),
    attempts: db.prepare('SELECT * FROM attempts WHERE id = ?'),
    owners: db.prepare(`SELECT ${OWNER_COLUMNS} FROM owners WHERE id = ?`),
    feedback: db.prepare('SELECT request_id, feedback FROM feedback WHERE seq = ?'),
    audits: db.prepare('SELECT seq, at_ms, audit FROM audits WHERE seq = ?'),
  };
  return (part: OutboxPart, ref: Ref, count: (record: UsageRecord) => void): readonly Read[] => {
    const row = part === 'rollups' ? undefined : one[part].get(ref);
    if (row === undefined) return [];
    switch (part) {
      case 'records': {
        const record = recordOf(row);
        count(record);
        return [{ ref, line: recordLine(row, record), isOver: true }];
      }
      case 'attempts': {
        const isOver = row['state'] === 'settled' || row['state'] === 'released';
        return [{ ref, line: attemptLine(row), isOver }];
      }
      case 'feedback':
        return [{ ref, line: feedbackLine(row), isOver: true }];
      case 'audits':
      case 'owners':
        return [{ ref, line: lineOf(row), isOver: true }];
      case 'rollups':
        return [];
    }
  };
}
