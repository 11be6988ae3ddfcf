/** Opens `state.db`, whoever needs it: the ledger's thread, and the policies beside it. */
import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { migrate, versionOf } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Whoever writes at the same time is waited for so long. */
const BUSY_MS = 5_000;
const RETRY_MS = 20;
const SQLITE_BUSY = 5;
const FOR_EVERYBODY = 0o007;

/**
 * A new file leaves its first journal mode under a lock for which SQLite itself does not wait, so that
 * one of two processes that start for the first time would fail.
 * @throws Error where the file is busy for 5 s, or is no database
 */
export function useWal(db: DatabaseSync): void {
  const until = Date.now() + BUSY_MS;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;

/** Before SQLite does: the files beside it get the same mode. */
export function makeFile(path: string): void {
  try {
    if (!existsSync(path)) closeSync(openSync(path, 'a', READABLE_BY_OWNER));
  } catch {
    // SQLite meets the same, and its errors are told in words.
  }
}

/**
 * A state file that everybody may read, as early versions left it or a copy was put back, is closed to all but its owner; a group that
 * was let in on purpose keeps its access. The mode stays where another user owns the file.
 */
function closeToOthers(path: string): void {
  for (const end of ['', '-wal', '-shm']) {
    const mode = statSync(`${path}${end}`, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & FOR_EVERYBODY) === 0) continue;
    try {
      chmodSync(`${path}${end}`, READABLE_BY_OWNER);
    } catch {
      // Another user's.
    }
  }
}

/** Makes the file where there is none. Waits up to 5 s for one who writes at the same time. */
export function openDatabase(path: string): DatabaseSync {
  const isFile = path !== ':memory:';
  if (isFile) {
    makeFolder(dirname(path));
    makeFile(path);
  }
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  // Before anything is written, and in one transaction: another process may be making the tables.
  inTransaction(db, () => versionOf(db));
  // A path may be wrong: of what is no state file the mode is not touched either.
  if (isFile) closeToOthers(path);
  useWal(db);
  // FULL: a record that was acknowledged survives a power cut, not only a crash of this process.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA wal_autocheckpoint = 4000');
  migrate(db);
  return db;
}
