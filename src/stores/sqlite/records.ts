/** The book of charges on SQLite: records, written a batch in one transaction with the roll-ups that count them. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { UsageRecord } from '../../core/record.ts';
import type { FileGuard } from './file-guard.ts';
import { byteWriter, rowReader, type Columns } from '../write-behind/packed-rows.ts';
import type { Rollups } from '../rollups/rollups.ts';
import { rowsOf } from '../write-behind/row-batches.ts';
import { diskFull, isAboutTheRow } from './errors.ts';
import type { Batch, PageQuery } from './messages.ts';
import { RECORD_COLUMNS, type StoredRow, type WrittenWords } from './words.ts';
import type { Watermark } from './watermark.ts';

/** Lists are records as JSON. */
export interface SqliteRecords {
  /**
   * Within a transaction, after which comes `ended`. Returns the ids of records that can never be stored: they must not block the
   * others.
   */
  write(batch: Batch): readonly string[];
  /** What became of the transaction. */
  ended(isCommitted: boolean): void;
  get(id: string): readonly string[];
  list(query: PageQuery): readonly string[];
}

export interface RecordTables {
  readonly db: DatabaseSync;
  readonly words: WrittenWords;
  readonly mark: Watermark;
  readonly guard: FileGuard;
  readonly rollups: Rollups;
  readonly recordOf: (row: StoredRow) => UsageRecord;
}

export function recordsIn(tables: RecordTables): SqliteRecords {
  const { db, recordOf } = tables;
  const insert = db.prepare(
    `INSERT INTO records (id, at_ms, caller, upstream, outcome, cost_nano_usd, record, packed, dictionary, cell, latency_ms, flags)
     VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  const one = db.prepare(`SELECT ${RECORD_COLUMNS} FROM records WHERE id = ?`);
  const page = db.prepare(
    // One upper bound: with two, SQLite seeks the index by the first and scans to the second.
    `SELECT ${RECORD_COLUMNS} FROM records WHERE at_ms >= ? AND (at_ms, id) < (?, ?)
     ORDER BY at_ms DESC, id DESC LIMIT ?`,
  );
  const shown = (rows: readonly StoredRow[]): readonly string[] =>
    rows.map((row) => JSON.stringify(recordOf(row)));
  const code = { read: rowReader(), toBytes: byteWriter() };
  return {
    write: (batch) => write(tables, insert, code, batch),
    ended: (isCommitted) => {
      if (!isCommitted) tables.rollups.forget();
      tables.words.ended(isCommitted);
    },
    get: (id) => shown(one.all(id)),
    list: ({ sinceMs, beforeMs, beforeId, limit }) =>
      shown(page.all(sinceMs, beforeMs, beforeId, limit)),
  };
}

interface RowCode {
  readonly read: ReturnType<typeof rowReader>;
  readonly toBytes: ReturnType<typeof byteWriter>;
}

function write(
  { words, mark, guard, rollups }: RecordTables,
  insert: StatementSync,
  { read, toBytes }: RowCode,
  batch: Batch,
): readonly string[] {
  if (guard.isFull()) throw diskFull();
  words.take(batch.words);
  const dictionary = words.write();
  const rows = rowsOf(batch);
  mark.count(rows.length);
  const refused = rows.flatMap((row) => {
    const { columns, record } = read(row, words.words);
    const counted = rollups.read(record);
    const { cell, latencyMs, flags } = counted;
    const packed = [toBytes(row), dictionary, cell, latencyMs, flags] as const;
    const isNew = inserted(insert, columns, packed);
    if (isNew === true) rollups.count(record, counted);
    return isNew === undefined ? [columns.id] : [];
  });
  rollups.write();
  return refused;
}

/** False where the id was known; undefined where the row can never be stored. */
function inserted(
  insert: StatementSync,
  { id, atMs, caller, upstream, outcome, costNanoUsd }: Columns,
  packed: readonly [
    bytes: Uint8Array,
    dictionary: number,
    cell: number,
    latencyMs: number,
    flags: number,
  ],
): boolean | undefined {
  try {
    return insert.run(id, atMs, caller, upstream, outcome, costNanoUsd, ...packed).changes === 1;
  } catch (error) {
    if (isAboutTheRow(error)) return undefined;
    throw error;
  }
}
