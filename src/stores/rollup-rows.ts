/**
 * Finds the rows of a list. Roll-ups say where they can be: spans of time are looked into in the order of the best that each can
 * hold, and nothing is read of those that hold none.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { RequestRows, RowsQuery } from '../core/admin-requests.ts';
import { requestRow } from '../figures/request-row.ts';
import { limitOf, writeRankedCursor } from './cursor.ts';
import { boundsIn } from './rollup-bytes.ts';
import type { RollupReader, Rows } from './rollup-reader.ts';
import { rowSelect, searchOf, type Found, type Search } from './rollup-search.ts';
import { LENGTHS_MS, startOf } from './rollup-spans.ts';
import { RECORD_COLUMNS, type recordReader } from './sqlite-words.ts';

/** A span of time, and the highest rank that a row in it can have. */
interface Place {
  /** In `LENGTHS_MS`. */
  readonly level: number;
  readonly startMs: number;
  readonly best: number;
}

/** So many rows are read faster than the shorter roll-ups that would say where among them to look. */
const FEW = 1_000;

export function rowFinder(
  db: DatabaseSync,
  { cells, rows }: Pick<RollupReader, 'cells' | 'rows'>,
  recordOf: ReturnType<typeof recordReader>,
): (query: RowsQuery) => RequestRows {
  const one = db.prepare(`SELECT ${RECORD_COLUMNS} FROM records WHERE seq = ?`);
  const crowd = db.prepare(
    `SELECT count(*) AS count FROM (SELECT 1 FROM records WHERE at_ms >= ? AND at_ms < ? LIMIT ${FEW + 1})`,
  );
  const places = placeFinder(rows);
  return (query) => {
    const limit = limitOf(query.limit);
    const search = searchOf(query, cells());
    const select = rowSelect(db, search, limit + 1);
    const open = ({ level, startMs }: Place): Opened => {
      const fromMs = Math.max(startMs, search.fromMs);
      const toMs = Math.min(startMs + LENGTHS_MS[level]!, search.toMs);
      return level === 0 || Number(crowd.get(fromMs, toMs)?.['count']) <= FEW
        ? { rows: select.between(fromMs, toMs), places: [] }
        : { rows: [], places: places(search, level - 1, fromMs, toMs) };
    };
    const longest = LENGTHS_MS.length - 1;
    const begin = places(search, longest, search.fromMs, search.toMs);
    const found = bestOf(
      { rows: select.named(), places: begin },
      { open, search, most: limit + 1 },
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const listed = page.map(({ seq }) => requestRow(recordOf(one.get(seq)!)));
    return found.length > limit && last !== undefined
      ? { rows: listed, next: writeRankedCursor(last) }
      : { rows: listed };
  };
}

interface Opened {
  readonly rows: readonly Found[];
  readonly places: readonly Place[];
}

interface Finding {
  readonly open: (place: Place) => Opened;
  readonly search: Search;
  readonly most: number;
}

/** The first rows of the list, in its order. */
function bestOf(begin: Opened, { open, search, most }: Finding): readonly Found[] {
  let found = begin.rows.toSorted(search.compare);
  // The best at the end.
  let places = begin.places.toSorted((a, b) => a.best - b.best);
  for (;;) {
    const place = places.pop();
    const worst = found[most - 1];
    if (place === undefined || (worst !== undefined && search.rank(worst) > place.best)) break;
    const opened = open(place);
    if (opened.places.length > 0)
      places = [...places, ...opened.places].toSorted((a, b) => a.best - b.best);
    const seen = new Set(found.map(({ seq }) => seq));
    found = [...found, ...opened.rows.filter(({ seq }) => !seen.has(seq))]
      .toSorted(search.compare)
      .slice(0, most);
  }
  return found.slice(0, most);
}

function placeFinder(
  rows: Rows,
): (search: Search, level: number, fromMs: number, toMs: number) => readonly Place[] {
  return (search, level, fromMs, toMs) => {
    const lengthMs = LENGTHS_MS[level]!;
    const best = new Map<number, number>();
    const span = { lengthMs, fromMs: startOf(fromMs, lengthMs), toMs };
    for (const [rowMs, cell, bytes] of rows(span)) {
      if (!search.cells.has(cell)) continue;
      const startMs = startOf(rowMs, lengthMs);
      const rank = search.bestIn(startMs, startMs + lengthMs, () => boundsIn(bytes));
      if (rank !== undefined) best.set(startMs, Math.max(rank, best.get(startMs) ?? -Infinity));
    }
    return [...best].map(([startMs, rank]) => ({ level, startMs, best: rank }));
  };
}
