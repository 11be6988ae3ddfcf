/** The tables of `state.db` and their migrations. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { ATTEMPT_TABLES } from '../attempts/schema.ts';
import { boundsIn } from '../rollups/bytes.ts';
import { FRESH_TABLE, ROLLUP_BOUNDS, ROLLUP_TABLES } from '../rollups/schema.ts';
import { SESSION_TABLE } from '../tables/sessions-schema.ts';
import { inTransaction } from './transaction.ts';

/** "SMF1": distinguishes this file from another program's database. */
const APPLICATION_ID = 0x534d4631;

/** Step n leads from version n to n + 1. Steps are never edited, only added. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE records (
     seq INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     at_ms REAL NOT NULL,
     caller TEXT NOT NULL,
     upstream TEXT,
     outcome TEXT NOT NULL,
     cost_nano_usd INTEGER,
     record TEXT NOT NULL
   ) STRICT;
   CREATE INDEX records_by_time ON records (at_ms DESC, id DESC);`,
  `CREATE TABLE policies (
     version TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     text TEXT NOT NULL,
     file TEXT NOT NULL,
     author TEXT NOT NULL,
     at_ms REAL NOT NULL,
     note TEXT NOT NULL
   ) STRICT;
   CREATE TABLE activations (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     version TEXT NOT NULL REFERENCES policies (version),
     kind TEXT NOT NULL,
     back INTEGER REFERENCES activations (seq)
   ) STRICT;
   CREATE TABLE audit (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     at_ms REAL NOT NULL,
     who TEXT NOT NULL,
     event TEXT NOT NULL,
     detail TEXT NOT NULL,
     previous TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;
   CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
   CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
     BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
   CREATE TABLE model_digests (
     upstream TEXT NOT NULL,
     model TEXT NOT NULL,
     digest TEXT NOT NULL,
     PRIMARY KEY (upstream, model, digest)
   ) STRICT;
   CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  `CREATE TABLE feedback (
     seq INTEGER PRIMARY KEY,
     request_id TEXT NOT NULL,
     feedback TEXT NOT NULL
   ) STRICT;
   CREATE INDEX feedback_by_request ON feedback (request_id);`,
  // `record` is empty from here on, and `packed` null before
  `ALTER TABLE records ADD COLUMN packed BLOB;
   ALTER TABLE records ADD COLUMN dictionary INTEGER;
   CREATE TABLE words (
     dictionary INTEGER NOT NULL,
     place INTEGER NOT NULL,
     word TEXT NOT NULL,
     PRIMARY KEY (dictionary, place)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE keys (
     name TEXT PRIMARY KEY,
     digest TEXT NOT NULL UNIQUE,
     previous TEXT,
     previous_until_ms INTEGER,
     settings TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     expires_ms INTEGER,
     revoked_ms INTEGER
   ) STRICT;
   CREATE TABLE owners (
     id TEXT PRIMARY KEY,
     owner TEXT NOT NULL,
     upstream TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  ATTEMPT_TABLES,
  `CREATE TABLE claims (
     id TEXT PRIMARY KEY,
     body TEXT NOT NULL,
     request_id TEXT NOT NULL,
     at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX claims_by_time ON claims (at_ms);`,
  `CREATE TABLE budgets (
     name TEXT PRIMARY KEY,
     settings TEXT NOT NULL,
     set_ms INTEGER NOT NULL,
     set_by TEXT NOT NULL
   ) STRICT;
   CREATE TABLE budget_warnings (
     account TEXT NOT NULL,
     share REAL NOT NULL,
     at_ms INTEGER NOT NULL,
     PRIMARY KEY (account, share)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE attempt_sums (
     day_ms INTEGER NOT NULL,
     caller TEXT NOT NULL,
     team TEXT NOT NULL,
     upstream TEXT NOT NULL,
     model TEXT NOT NULL,
     attempts INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     PRIMARY KEY (day_ms, caller, team, upstream, model)
   ) STRICT, WITHOUT ROWID;`,
  // of answers; "audit" is the log of what was administered
  `CREATE TABLE audits (
     seq INTEGER PRIMARY KEY,
     at_ms REAL NOT NULL,
     audit TEXT NOT NULL
   ) STRICT;
   CREATE INDEX audits_by_time ON audits (at_ms);`,
  ROLLUP_TABLES,
  SESSION_TABLE,
  FRESH_TABLE,
  ROLLUP_BOUNDS,
  // what an object holds, and how it was read; null where that is not known
  `ALTER TABLE owners ADD COLUMN found INTEGER;
   ALTER TABLE owners ADD COLUMN reading TEXT;`,
];

/** Parameter: milliseconds since the epoch. */
export const FEEDBACK_SINCE = `SELECT feedback FROM feedback
  WHERE json_extract(feedback, '$.atMs') >= ? ORDER BY json_extract(feedback, '$.atMs'), seq`;

export const AUDITS_SINCE = 'SELECT audit FROM audits WHERE at_ms >= ? ORDER BY at_ms, seq';

/**
 * The schema that a file has, 0 where it is new. Reads only: what is not ours is not to be changed either.
 * @throws Error when the file is another program's, or a newer version's
 */
export function versionOf(db: DatabaseSync): number {
  const version = pragma(db, 'user_version');
  const owner = pragma(db, 'application_id');
  if (owner !== APPLICATION_ID && (owner !== 0 || hasTables(db))) {
    throw new Error('it is the database of another program; choose another `store.path`');
  }
  if (version > MIGRATIONS.length) {
    throw new Error(
      `it was written by a newer Smallfirst (schema ${version}, this one knows ${MIGRATIONS.length}); ` +
        'run that version, or choose another `store.path`',
    );
  }
  return version;
}

/**
 * Migrates a just-opened file to the newest version, in one transaction.
 * @throws Error when the file is another program's, or a newer version's
 */
export function migrate(db: DatabaseSync): void {
  // Before the first look: two processes that start for the first time must not see each other's half-made tables.
  inTransaction(db, () => bringUpToDate(db));
}

function bringUpToDate(db: DatabaseSync): void {
  const version = versionOf(db);
  db.function('bound_of', { deterministic: true }, boundOf);
  for (const step of MIGRATIONS.slice(version)) db.exec(step);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

/** Of the figures of a roll-up. */
function boundOf(figures: SQLOutputValue, name: SQLOutputValue): number {
  if (!(figures instanceof Uint8Array)) return 0;
  const bounds: Readonly<Record<string, number>> = boundsIn(figures);
  return bounds[String(name)] ?? 0;
}

function pragma(db: DatabaseSync, name: string): number {
  const value = db.prepare(`PRAGMA ${name}`).get()?.[name];
  return typeof value === 'number' ? value : 0;
}

const hasTables = (db: DatabaseSync): boolean =>
  db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
