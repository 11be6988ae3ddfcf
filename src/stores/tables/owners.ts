/** Owners on SQLite: read on the calling thread, which takes microseconds; written behind, in a thread of their own. */
import type { Owned, Owners } from '../../core/owners.ts';
import { append } from './audit-log.ts';
import {
  insertOwners,
  OWNER_COLUMNS,
  ownedIn,
  ownedOfRow,
  rowOf,
  widenOwned,
  type OwnerRow,
} from './owner-rows.ts';
import type { DatabaseThread } from '../sqlite/thread.ts';
import type { StateFile } from '../sqlite/state-file.ts';
import { createWriteBehind } from '../write-behind/write-behind.ts';

interface OwnersOptions {
  readonly file: StateFile;
  /** Undefined for a file in memory: written through `file`, since no other connection sees it. */
  readonly thread: DatabaseThread | undefined;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

/** A row has about a hundred bytes. */
const WAITING_ROWS = 200_000;

export function sqliteOwners({ file, thread, nowMs }: OwnersOptions): Owners {
  const { db, read, change } = file;
  const queue = createWriteBehind<OwnerRow>({
    nowMs,
    capacity: WAITING_ROWS,
    write: async (rows) => {
      if (thread === undefined) insertOwners(db, rows);
      else await thread.ask({ kind: 'own', rows });
      return 0;
    },
  });
  const select = db.prepare(`SELECT ${OWNER_COLUMNS} FROM owners WHERE id = ?`);
  const of = (id: string): Owned | undefined => {
    const waiting = queue.find(id);
    if (waiting !== undefined) return ownedOfRow(waiting);
    const row = read(() => select.get(id));
    return row === undefined ? undefined : ownedIn(row);
  };
  return {
    of,
    own: (owned) => {
      // What cannot be read is written all the same: there, the first owner stays.
      if (attempt(() => of(owned.id)) === undefined) queue.add(owned.id, rowOf(owned));
    },
    widen: async ({ id }, more) => {
      await queue.flush();
      if (thread === undefined) widenOwned(db, id, more);
      else await thread.ask({ kind: 'widen', id, more });
    },
    adopt: async ({ id, owner, upstream }, act) => {
      await queue.flush();
      change(() => {
        db.prepare(
          `INSERT INTO owners (id, owner, upstream) VALUES (?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET owner = excluded.owner`,
        ).run(id, owner, upstream);
        append(db, 'owner_adopted', act, { id, owner });
      });
    },
    close: async () => {
      await queue.close();
      await thread?.end();
      file.close();
    },
  };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
