/**
 * Finds the rows of a list. Roll-ups say where they can be: spans of time are looked into in the order of the best that each can
 * hold, and nothing is read of those that hold none.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { RequestRows, RowsQuery } from '../../core/admin-requests.ts';
import { requestRow } from '../../figures/request-row.ts';
import { limitOf, writeRankedCursor } from '../cursor.ts';
import { byBest, placeFinder, standingOf, type Place } from './places.ts';
import type { RollupReader } from './reader.ts';
import { rowSelect, searchOf, type Found, type Search } from './search.ts';
import { LENGTHS_MS } from './spans.ts';
import { RECORD_COLUMNS, type recordReader } from '../sqlite/words.ts';

/** So many rows are read faster than the shorter roll-ups that would say where among them to look. */
const FEW = 200;

export function rowFinder(
  db: DatabaseSync,
  { cells }: Pick<RollupReader, 'cells'>,
  recordOf: ReturnType<typeof recordReader>,
): (query: RowsQuery) => RequestRows {
  const one = db.prepare(`SELECT ${RECORD_COLUMNS} FROM records WHERE seq = ?`);
  const places = placeFinder(db);
  return (query) => {
    const limit = limitOf(query.limit);
    const search = searchOf(query, cells());
    const select = rowSelect(db, search, limit + 1);
    const open = ({ level, startMs, records }: Place): Opened => {
      const fromMs = Math.max(startMs, search.fromMs);
      const toMs = Math.min(startMs + LENGTHS_MS[level]!, search.toMs);
      return level === 0 || records <= FEW
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
  let places = begin.places.toSorted(byPlace);
  for (;;) {
    const place = places.pop();
    const worst = found[most - 1];
    if (place === undefined) break;
    if (worst !== undefined && byBest(standingOf(worst, search), place.best) > 0) break;
    const opened = open(place);
    if (opened.places.length > 0) places = [...places, ...opened.places].toSorted(byPlace);
    if (opened.rows.length === 0) continue;
    const seen = new Set(found.map(({ seq }) => seq));
    found = [...found, ...opened.rows.filter(({ seq }) => !seen.has(seq))]
      .toSorted(search.compare)
      .slice(0, most);
  }
  return found.slice(0, most);
}

const byPlace = (a: Place, b: Place): number => byBest(a.best, b.best);
