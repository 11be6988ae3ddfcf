/** Counts the records that an earlier version wrote, the newest first, a few at a time. */
import type { DatabaseSync } from 'node:sqlite';
import type { UsageRecord } from '../../core/record.ts';
import type { Rollups } from './rollups.ts';
import { RECORD_COLUMNS, type recordReader, type StoredRow } from '../sqlite/words.ts';
import { inTransaction } from '../sqlite/transaction.ts';

/** At most so many; whether there are more. */
export type CountOlder = (most: number) => boolean;

export function olderCounter(
  db: DatabaseSync,
  rollups: Rollups,
  recordOf: ReturnType<typeof recordReader>,
): CountOlder {
  const below = db.prepare('SELECT below_seq FROM rollup_progress');
  const select = db.prepare(
    `SELECT seq, at_ms, cell, ${RECORD_COLUMNS} FROM records WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const mark = db.prepare('UPDATE records SET cell = ?, latency_ms = ?, flags = ? WHERE seq = ?');
  const progress = db.prepare('UPDATE rollup_progress SET below_seq = ?, from_ms = ?');
  const belowSeq = (): number => Number(below.get()?.['below_seq']);
  return (most) => {
    if (belowSeq() === 0) return false;
    return inTransaction(db, () => {
      const rows = select.all(belowSeq(), most);
      for (const row of rows) {
        const record = row['cell'] === null ? readable(row, recordOf) : undefined;
        if (record === undefined) continue;
        const counted = rollups.read(record);
        mark.run(counted.cell, counted.latencyMs, counted.flags, Number(row['seq']));
        rollups.count(record, counted);
      }
      rollups.write();
      const last = rows.at(-1);
      if (last === undefined || rows.length < most) progress.run(0, null);
      else progress.run(Number(last['seq']), Number(last['at_ms']));
      return rows.length === most;
    });
  };
}

/** Undefined for a record that cannot be read: it must not keep the others from being counted. */
function readable(
  row: StoredRow,
  recordOf: ReturnType<typeof recordReader>,
): UsageRecord | undefined {
  try {
    return recordOf(row);
  } catch {
    return undefined;
  }
}
