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
