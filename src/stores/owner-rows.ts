/** Writes owners, whichever thread does it. */
import type { DatabaseSync } from 'node:sqlite';
import type { OwnerRow } from './sqlite-messages.ts';

/** The first owner stays. */
export function insertOwners(db: DatabaseSync, rows: readonly OwnerRow[]): void {
  const insert = db.prepare(
    'INSERT INTO owners (id, owner, upstream) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const row of rows) insert.run(...row);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
