/** What the first question of a process finds: rows that are gone, and whether the process before was killed. */
import type { DatabaseSync } from 'node:sqlite';
import type { Boot } from '../attempts/messages.ts';
import { bootsIn, isAlive } from '../tables/boots.ts';
import type { Found } from './messages.ts';
import { checkRows, leaveRowsUnchecked } from '../attempts/book.ts';
import { number, text } from './row.ts';
import { inTransaction } from './transaction.ts';
import { missingRows } from './watermark.ts';

interface Starting {
  readonly boot: Boot;
  readonly atMs: number;
}

/**
 * After a kill or a power cut the whole file is read once (`quick_check`).
 * @throws Error where the file is damaged
 */
export function foundAtStart(db: DatabaseSync, path: string, { boot, atMs }: Starting): Found {
  const wasKilled = bootsIn(db).some(
    ({ seenMs, ...other }) => !isAlive(other, atMs - seenMs, boot),
  );
  if (wasKilled) requireWhole(db);
  const missing = inTransaction(db, () => missingRows(db, path, atMs));
  const last = db.prepare('SELECT max(seq) AS seq FROM records').get();
  const found = { wasKilled, records: last === undefined ? 0 : number(last, 'seq') };
  return missing === undefined ? found : { ...found, missing };
}

function requireWhole(db: DatabaseSync): void {
  checkRows(db);
  const [first] = db.prepare('PRAGMA quick_check(1)').all();
  leaveRowsUnchecked(db);
  const said = first === undefined ? 'ok' : text(first, 'quick_check').replaceAll('\n', ' ');
  if (said === 'ok') return;
  throw new Error(
    `it is damaged (${said}); move it away (a new one is made) and recover what it holds with \`sqlite3 FILE .recover\``,
  );
}
