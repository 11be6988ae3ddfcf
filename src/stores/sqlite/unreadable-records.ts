/** Records whose words are lost: SQLite finds nothing wrong with such a file. */
import type { DatabaseSync } from 'node:sqlite';
import { RECORD_COLUMNS, recordReader } from './words.ts';

/** A line for people, or none. Reads every record: a million takes some 20 s. */
export function unreadableRecords(db: DatabaseSync): readonly string[] {
  const torn = tornDictionaries(db);
  const read = recordReader(db);
  const rows = db.prepare(`SELECT id, ${RECORD_COLUMNS} FROM records ORDER BY seq`);
  let count = 0;
  let first: unknown;
  for (const row of rows.iterate()) {
    if (!torn.has(Number(row['dictionary'])) && isRead(() => read(row))) continue;
    count += 1;
    first ??= row['id'];
  }
  if (count === 0) return [];
  const which = count === 1 ? '1 record' : `${count} records`;
  const lost = `${which} cannot be read, the first is ${String(first)}: its words are lost or changed.`;
  return [`${lost} Money is not concerned: budgets and bills count paid attempts.`];
}

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** Those that lack a word between others, so that records would be read with wrong ones. */
function tornDictionaries(db: DatabaseSync): ReadonlySet<number> {
  const torn = db.prepare(
    `SELECT dictionary FROM words GROUP BY dictionary
     HAVING max(place) - min(place) + 1 <> count(*) OR min(place) NOT IN (-1, 0)`,
  );
  return new Set(torn.all().map(({ dictionary }) => Number(dictionary)));
}
