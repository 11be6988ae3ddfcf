/** Writes owners, whichever thread does it. */
import type { DatabaseSync } from 'node:sqlite';
import type { OwnerRow } from './sqlite-messages.ts';
import { inTransaction } from './transaction.ts';

/** The first owner stays. */
export function insertOwners(db: DatabaseSync, rows: readonly OwnerRow[]): void {
  const insert = db.prepare(
    'INSERT INTO owners (id, owner, upstream) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  inTransaction(db, () => {
    for (const row of rows) insert.run(...row);
  });
}
