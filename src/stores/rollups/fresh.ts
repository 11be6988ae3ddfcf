/**
 * The newest figures, by minute and cell. They are written with every batch, whole, out of memory; when many have come together they
 * are added to the roll-ups of every length. So a record that comes alone writes one short row, not one for each length.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Figures } from '../../figures/figures.ts';
import { addBytes, addedBytes, figuresToBytes } from './bytes.ts';
import { LENGTHS_MS, startOf } from './spans.ts';

export interface FreshFigures {
  /** Of a minute and a cell, to be added to. Within a transaction that ends with `write`, or with `forget` where it failed. */
  at(startMs: number, cell: number): Figures;
  /** Writes what was added to. */
  write(): void;
  forget(): void;
}

interface Row {
  readonly startMs: number;
  readonly cell: number;
  readonly figures: Figures;
}

/** Readers look at all of them. */
const MOST_ROWS = 256;

export function freshFigures(db: DatabaseSync): FreshFigures {
  const find = db.prepare('SELECT figures FROM rollup_fresh WHERE start_ms = ? AND cell = ?');
  const count = db.prepare('SELECT count(*) AS count FROM rollup_fresh');
  const replace = db.prepare(
    'INSERT OR REPLACE INTO rollup_fresh (start_ms, cell, figures) VALUES (?, ?, ?)',
  );
  const version = db.prepare('PRAGMA data_version');
  const fold = folder(db);
  let known = new Map<number, Map<number, Row>>();
  const changed = new Set<Row>();
  let isChecked = false;
  let seen: unknown;
  let rows = 0;

  /** Another process may have written since: what is in memory is then no longer what the file has. */
  const check = (): void => {
    isChecked = true;
    const now = version.get()?.['data_version'];
    if (now === seen) return;
    seen = now;
    known = new Map();
    rows = Number(count.get()?.['count']);
  };
  const load = (startMs: number, cell: number): Row => {
    const stored = find.get(startMs, cell)?.['figures'];
    if (stored === undefined) rows += 1;
    return { startMs, cell, figures: figuresIn(stored) };
  };
  const forget = (): void => {
    changed.clear();
    isChecked = false;
    seen = undefined;
  };
  return {
    at: (startMs, cell) => {
      if (!isChecked) check();
      let cells = known.get(startMs);
      if (cells === undefined) known.set(startMs, (cells = new Map()));
      let row = cells.get(cell);
      if (row === undefined) cells.set(cell, (row = load(startMs, cell)));
      changed.add(row);
      return row.figures;
    },
    write: () => {
      for (const { startMs, cell, figures } of changed)
        replace.run(startMs, cell, figuresToBytes(figures));
      changed.clear();
      isChecked = false;
      if (rows < MOST_ROWS) return;
      fold((startMs, cell) => known.get(startMs)?.get(cell)?.figures);
      known = new Map();
      rows = 0;
    },
    forget,
  };
}

const figuresIn = (stored: unknown): Figures =>
  stored instanceof Uint8Array ? addBytes(new Figures(), stored) : new Figures();

type Known = (startMs: number, cell: number) => Figures | undefined;

/** Adds all fresh figures to the roll-ups of every length, and deletes them. Within a transaction; what is known is used up. */
function folder(db: DatabaseSync): (known: Known) => void {
  db.function('added_figures', { deterministic: true }, (one, other) =>
    one instanceof Uint8Array && other instanceof Uint8Array ? addedBytes(one, other) : null,
  );
  const select = db.prepare('SELECT start_ms, cell, figures FROM rollup_fresh');
  const upsert = upserter(db);
  const empty = db.prepare('DELETE FROM rollup_fresh');
  return (known) => {
    let shorter: Row[] = [];
    for (const { start_ms: start, cell: number, figures: bytes } of select.iterate()) {
      if (!(bytes instanceof Uint8Array)) continue;
      const [startMs, cell] = [Number(start), Number(number)];
      const figures = known(startMs, cell) ?? addBytes(new Figures(), bytes);
      const row = { startMs, cell, figures };
      upsert(LENGTHS_MS[0], row, bytes);
      shorter.push(row);
    }
    for (const lengthMs of LENGTHS_MS.slice(1)) {
      shorter = summedTo(lengthMs, shorter);
      for (const row of shorter) upsert(lengthMs, row, figuresToBytes(row.figures));
    }
    empty.run();
  };
}

/** Adds figures to the roll-up of their place. */
function upserter(db: DatabaseSync): (lengthMs: number, row: Row, bytes: Uint8Array) => void {
  const statement = db.prepare(
    `INSERT INTO rollups (length_ms, start_ms, cell, figures,
       requests, degraded, escalated, least_nano_usd, most_nano_usd, shortest_ms, longest_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (length_ms, start_ms, cell) DO UPDATE SET
       figures = added_figures(figures, excluded.figures),
       requests = requests + excluded.requests,
       degraded = degraded + excluded.degraded,
       escalated = escalated + excluded.escalated,
       least_nano_usd = min(least_nano_usd, excluded.least_nano_usd),
       most_nano_usd = max(most_nano_usd, excluded.most_nano_usd),
       shortest_ms = min(shortest_ms, excluded.shortest_ms),
       longest_ms = max(longest_ms, excluded.longest_ms)`,
  );
  return (lengthMs, { startMs, cell, figures }, bytes) => {
    const { leastNanoUsd, mostNanoUsd, shortestMs, longestMs } = figures;
    statement.run(
      lengthMs,
      startMs,
      cell,
      bytes,
      figures.get('requests'),
      figures.get('degraded'),
      figures.get('escalated'),
      leastNanoUsd,
      mostNanoUsd,
      shortestMs,
      longestMs,
    );
  };
}

function summedTo(lengthMs: number, shorter: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  for (const { startMs, cell, figures } of shorter) {
    const start = startOf(startMs, lengthMs);
    const id = `${start} ${cell}`;
    const sum = sums.get(id);
    // The first one becomes the sum: nobody else holds it.
    if (sum === undefined) sums.set(id, { startMs: start, cell, figures });
    else sum.figures.merge(figures);
  }
  return [...sums.values()];
}
