/** The tables of the book of attempts. */

/**
 * `spending` is the sum of what `attempts` have committed, by account and process: it is what a limit is held against, in the
 * transaction that writes the intent.
 */
export const ATTEMPT_TABLES = `
   CREATE TABLE boots (
     id TEXT PRIMARY KEY,
     host TEXT NOT NULL,
     pid INTEGER NOT NULL,
     started_ms REAL NOT NULL,
     seen_ms REAL NOT NULL
   ) STRICT;
   CREATE TABLE attempts (
     id TEXT PRIMARY KEY,
     request_id TEXT NOT NULL,
     at_ms REAL NOT NULL,
     caller TEXT NOT NULL,
     team TEXT,
     upstream TEXT NOT NULL,
     model TEXT NOT NULL,
     prices TEXT NOT NULL,
     accounts TEXT NOT NULL,
     boot TEXT NOT NULL,
     reserved_nano_usd INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('open', 'settled', 'released', 'unknown')),
     used_nano_usd INTEGER,
     ended_ms REAL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX attempts_by_time ON attempts (at_ms);
   CREATE INDEX attempts_without_end ON attempts (boot) WHERE state = 'open';
   CREATE INDEX attempts_unknown ON attempts (at_ms) WHERE state = 'unknown';
   CREATE TABLE spending (
     account TEXT NOT NULL,
     boot TEXT NOT NULL,
     nano_usd INTEGER NOT NULL,
     PRIMARY KEY (account, boot)
   ) STRICT, WITHOUT ROWID;`;
