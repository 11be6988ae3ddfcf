/**
 * How many rows were ever acknowledged, in the database and in a file of 8 bytes beside it. The file is written after each commit and
 * not synced: it survives what tears the database's own log, and a database that was put back from a copy.
 */
import { closeSync, constants, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { append } from '../tables/audit-log.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import { number } from './row.ts';

export interface MissingRows {
  readonly rows: number;
  /** Milliseconds since the epoch: the last row that is there, and the last acknowledgement. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

export interface Watermark {
  /** Rows that the transaction under way writes. */
  count(rows: number): void;
  /** Adds them to those in the database. Within that transaction, as its last step. */
  write(): void;
  /** What became of the transaction. Never throws: without the file a later start knows of nothing that is missing. */
  ended(isCommitted: boolean): void;
  close(): void;
}

/** @param path of the database; `:memory:` has nothing beside it */
export function watermark(db: DatabaseSync, path: string): Watermark {
  // Not `RETURNING`: its rows go by way of a table of their own, in buffers that are mapped and unmapped each time.
  const read = db.prepare(`SELECT value FROM marks WHERE name = '${NAME}'`);
  const replace = db.prepare(
    `INSERT INTO marks (name, value) VALUES ('${NAME}', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  const bytes = Buffer.alloc(BYTES);
  let counted = 0;
  let rows = 0;
  let file: number | undefined;
  return {
    count: (more) => {
      counted += more;
    },
    write: () => {
      if (counted === 0) return;
      const before = read.get();
      rows = counted + (before === undefined ? 0 : number(before, 'value'));
      replace.run(String(rows));
    },
    ended: (isCommitted) => {
      const isSaid = isCommitted && counted > 0 && path !== ':memory:';
      counted = 0;
      if (!isSaid) return;
      bytes.writeBigUInt64LE(BigInt(rows));
      try {
        file ??= openSync(fileOf(path), WRITE_OR_MAKE, READABLE_BY_OWNER);
        writeSync(file, bytes, 0, BYTES, 0);
      } catch {
        file = undefined;
      }
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

const NAME = 'rows';
const BYTES = 8;
/** Without cutting it off: another process may write it too. */
const WRITE_OR_MAKE = constants.O_WRONLY | constants.O_CREAT;
const fileOf = (path: string): string => `${path}.mark`;

/**
 * What was acknowledged and is not there: written to the audit log, and from then on counted as if it were there, so that it is said
 * once. Within a transaction.
 */
export function missingRows(db: DatabaseSync, path: string, atMs: number): MissingRows | undefined {
  const mark = markIn(fileOf(path));
  if (mark === undefined) return undefined;
  const row = db.prepare('SELECT value FROM marks WHERE name = ?').get(NAME);
  const rows = mark.rows - (row === undefined ? 0 : number(row, 'value'));
  if (rows <= 0) return undefined;
  const last = db
    .prepare(
      'SELECT max(at_ms) AS at_ms FROM (SELECT max(at_ms) AS at_ms FROM records UNION ALL SELECT max(at_ms) FROM attempts)',
    )
    .get();
  const found = { rows, sinceMs: number(last ?? {}, 'at_ms'), untilMs: mark.writtenMs };
  db.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(NAME, String(mark.rows));
  append(db, 'ledger_rows_missing', { who: 'gateway', note: '', atMs }, { ...found });
  return found;
}

function markIn(file: string): { readonly rows: number; readonly writtenMs: number } | undefined {
  try {
    const rows = Number(readFileSync(file).readBigUInt64LE());
    return { rows, writtenMs: Math.round(statSync(file).mtimeMs) };
  } catch {
    return undefined;
  }
}
