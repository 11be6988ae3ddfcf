/** The tables of roll-ups: figures by length, start and cell. */
export const ROLLUP_TABLES = `
  CREATE TABLE rollup_cells (
     cell INTEGER PRIMARY KEY,
     cell_key TEXT NOT NULL UNIQUE
   ) STRICT;
   CREATE TABLE rollups (
     length_ms INTEGER NOT NULL,
     start_ms INTEGER NOT NULL,
     cell INTEGER NOT NULL,
     figures BLOB NOT NULL,
     PRIMARY KEY (length_ms, start_ms, cell)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE rollup_progress (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     below_seq INTEGER NOT NULL,
     from_ms REAL
   ) STRICT;
   INSERT INTO rollup_progress
     SELECT 1, CASE WHEN max(seq) IS NULL THEN 0 ELSE max(seq) + 1 END, max(at_ms) FROM records;
   ALTER TABLE records ADD COLUMN cell INTEGER;
   ALTER TABLE records ADD COLUMN latency_ms REAL;
   ALTER TABLE records ADD COLUMN flags INTEGER;`;

/** Figures that are not in the roll-ups yet, by minute; an index that a list can be made of without reading the rows. */
export const FRESH_TABLE = `
  CREATE TABLE rollup_fresh (
     start_ms INTEGER NOT NULL,
     cell INTEGER NOT NULL,
     figures BLOB NOT NULL,
     PRIMARY KEY (start_ms, cell)
   ) STRICT, WITHOUT ROWID;
   DROP INDEX records_by_time;
   CREATE INDEX records_by_time
     ON records (at_ms DESC, id DESC, cell, latency_ms, flags, cost_nano_usd);`;

/**
 * What bounds the records of a roll-up, so that a list is searched for without reading figures. `bound_of` is our own: it reads
 * what an earlier version wrote. Its minutes are too many to be read while the gateway starts; their bounds leave all possible.
 */
export const ROLLUP_BOUNDS = `
  ALTER TABLE rollups ADD COLUMN requests REAL NOT NULL DEFAULT 1;
  ALTER TABLE rollups ADD COLUMN degraded REAL NOT NULL DEFAULT 1;
  ALTER TABLE rollups ADD COLUMN escalated REAL NOT NULL DEFAULT 1;
  ALTER TABLE rollups ADD COLUMN least_nano_usd REAL NOT NULL DEFAULT 0;
  ALTER TABLE rollups ADD COLUMN most_nano_usd REAL NOT NULL DEFAULT 1e300;
  ALTER TABLE rollups ADD COLUMN shortest_ms REAL NOT NULL DEFAULT 0;
  ALTER TABLE rollups ADD COLUMN longest_ms REAL NOT NULL DEFAULT 1e300;
  UPDATE rollups SET
    requests = bound_of(figures, 'requests'),
    degraded = bound_of(figures, 'degraded'),
    escalated = bound_of(figures, 'escalated'),
    most_nano_usd = bound_of(figures, 'mostNanoUsd'),
    longest_ms = bound_of(figures, 'longestMs')
  WHERE length_ms > 60000;`;
