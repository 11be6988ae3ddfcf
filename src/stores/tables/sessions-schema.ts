/** The table of sessions. */
export const SESSION_TABLE = `CREATE TABLE sessions (
     digest TEXT PRIMARY KEY,
     key_digest TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     seen_ms INTEGER NOT NULL,
     expires_ms INTEGER NOT NULL,
     agent TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`;
