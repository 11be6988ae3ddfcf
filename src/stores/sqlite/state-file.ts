/** The connection of this thread to `state.db`, for what changes a handful of times a day. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../core/errors.ts';
import { explain } from './errors.ts';
import { openDatabase } from './open.ts';
import { inTransaction } from './transaction.ts';

export interface StateFile {
  readonly db: DatabaseSync;
  /** @throws GatewayError that says what is wrong with the file and what to do; so does `change` */
  read<T>(work: () => T): T;
  /** Runs `work` in one transaction, with no other writer in between. */
  change<T>(work: () => T): T;
  /** Closing again does nothing: several stores share a file. */
  close(): void;
}

/** @throws GatewayError that says what is wrong with the file and what to do */
export function openStateFile(path: string): StateFile {
  const read = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError('gateway_internal', explain(error, path), { cause: error });
    }
  };
  const db = read(() => openDatabase(path));
  const change = <T>(work: () => T): T => read(() => inTransaction(db, work));
  const close = (): void => {
    if (db.isOpen) db.close();
  };
  return { db, read, change, close };
}

/** `at`: a path, or a file that is open already. */
export const stateFile = (at: string | StateFile): StateFile =>
  typeof at === 'string' ? openStateFile(at) : at;

/**
 * What a store of its own that lies there is called in Postgres, once it is copied there (`''`: it never was begun). Undefined where there
 * is none, or it holds no rows.
 */
export function ledgerInFile(path: string): { readonly migratedAs: string } | undefined {
  if (!existsSync(path)) return undefined;
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    const isOutbox = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").get();
    const holds = db
      .prepare('SELECT 1 FROM records UNION ALL SELECT 1 FROM attempts LIMIT 1')
      .get();
    if (isOutbox !== undefined || holds === undefined) return undefined;
    const mark = db.prepare("SELECT value FROM marks WHERE name = 'migrated-as'").get();
    return { migratedAs: mark === undefined ? '' : String(mark['value']) };
  } catch {
    // Another program's, or an older version's: `ledger migrate` says so.
    return undefined;
  }
}
