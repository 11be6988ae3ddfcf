/** Rows of owners: read and written, whichever thread does it. */
import type { DatabaseSync } from 'node:sqlite';
import type { KeptContents } from '../../core/object-contents.ts';
import type { Owned, Owner } from '../../core/owners.ts';
import { text, type Row } from '../sqlite/row.ts';
import { inTransaction } from '../sqlite/transaction.ts';

/** An object at the cloud, whose it is, and what it was found to hold; null where that is not known. */
export type OwnerRow = readonly [
  id: string,
  owner: string,
  upstream: string,
  found: number | null,
  reading: string | null,
];

export const OWNER_COLUMNS = 'id, owner, upstream, found, reading';

/** The first owner stays. */
export function insertOwners(db: DatabaseSync, rows: readonly OwnerRow[]): void {
  const insert = db.prepare(
    `INSERT INTO owners (${OWNER_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  inTransaction(db, () => {
    for (const row of rows) insert.run(...row);
  });
}

/** What was read in another way is not known any more. */
export function widenOwned(db: DatabaseSync, id: string, more: KeptContents | undefined): void {
  const { bits = 0, reading = null } = more ?? {};
  db.prepare(
    `UPDATE owners SET found = CASE WHEN reading = ?1 THEN found | ?2 END,
       reading = CASE WHEN reading = ?1 THEN reading END WHERE id = ?3`,
  ).run(reading, bits, id);
}

export const rowOf = ({ id, owner, upstream, contents }: Owned): OwnerRow => [
  id,
  owner,
  upstream,
  contents?.bits ?? null,
  contents?.reading ?? null,
];

export const ownedOfRow = ([id, owner, upstream, found, reading]: OwnerRow): Owned => ({
  id,
  // Only owners write here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  owner: owner as Owner,
  upstream,
  ...(found === null || reading === null ? {} : { contents: { bits: found, reading } }),
});

export function ownedIn(row: Row): Owned {
  const { found, reading } = row;
  const isKnown = typeof reading === 'string' && found !== null;
  const contents = isKnown ? ([Number(found), reading] as const) : ([null, null] as const);
  return ownedOfRow([text(row, 'id'), text(row, 'owner'), text(row, 'upstream'), ...contents]);
}
