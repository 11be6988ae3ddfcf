/** One transaction of an SQLite database. */
import type { DatabaseSync } from 'node:sqlite';

/** Takes the lock for writing at once, so that what `work` reads is still so when it writes. Nothing is kept where it throws. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some errors (a full disk).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
