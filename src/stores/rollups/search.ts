/** What a list is searched for: in which cells, in what order, and the rows of a span in SQL. */
import type { DatabaseSync } from 'node:sqlite';
import type { RequestFilters, RowsQuery } from '../../core/admin-requests.ts';
import type { CellKey } from '../../figures/count.ts';
import { hasText, isListed } from '../../figures/row-filter.ts';
import { readRankedCursor, type RankedPosition } from '../cursor.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { DEGRADED, ESCALATED } from './rollups.ts';

/** A row; `rank` is what the list is sorted by. */
export type Found = RankedPosition & { readonly seq: number };

export interface Search {
  readonly query: RowsQuery;
  readonly fromMs: number;
  readonly toMs: number;
  /** The cells whose records may be in it. */
  readonly cells: ReadonlySet<number>;
  /** Those too where the text is no name, but may be an id. */
  readonly listed: ReadonlySet<number>;
  readonly after: RankedPosition | undefined;
  readonly compare: (a: RankedPosition, b: RankedPosition) => number;
  /** The cells as SQL takes them, and whether they are all that there are. */
  readonly cellList: string;
  readonly isOfAllCells: boolean;
  /** What the filters leave of what the list is sorted by. */
  readonly limits: { readonly least: number; readonly most: number };
}

export function searchOf(query: RowsQuery, keys: ReadonlyMap<number, CellKey>): Search {
  const { filters, order, cursor } = query;
  const listed = new Set<number>();
  const cells = new Set<number>();
  for (const [cell, key] of keys) {
    if (!isListed(key, filters)) continue;
    listed.add(cell);
    if (filters.text === undefined || hasText(key, filters.text)) cells.add(cell);
  }
  const after = cursor === undefined ? undefined : readRankedCursor(cursor);
  const sign = order === 'desc' ? 1 : -1;
  return {
    query,
    ...windowOf(query, after),
    cells,
    listed,
    after,
    compare: (a, b) => sign * byRank(b, a),
    cellList: JSON.stringify([...cells]),
    isOfAllCells: cells.size === keys.size,
    limits: limitsOf(query),
  };
}

function limitsOf({ sort, filters }: RowsQuery): Search['limits'] {
  const [least = 0, most = Infinity] =
    sort === 'cost'
      ? [filters.minNanoUsd, filters.maxNanoUsd]
      : [filters.minLatencyMs, filters.maxLatencyMs];
  return { least, most };
}

/** A list by time goes on where the page before ended. */
function windowOf(
  { filters, sort, order }: RowsQuery,
  after: RankedPosition | undefined,
): Pick<Search, 'fromMs' | 'toMs'> {
  const { from: fromMs = 0, to: toMs = Number.MAX_SAFE_INTEGER } = filters;
  if (after === undefined || sort !== 'time') return { fromMs, toMs };
  return order === 'desc'
    ? { fromMs, toMs: Math.min(toMs, after.atMs + 1) }
    : { fromMs: Math.max(fromMs, after.atMs), toMs };
}

/** By rank; within one, by time and then by id. */
export const byRank = (a: RankedPosition, b: RankedPosition): number =>
  a.rank - b.rank || a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

interface RowSelect {
  /** The first rows of the list between two times. */
  between(fromMs: number, toMs: number): readonly Found[];
  /** Those whose id is the text that is searched for, or begins with it. */
  named(): readonly Found[];
}

export const RANKS = {
  time: 'at_ms',
  cost: 'coalesce(cost_nano_usd, 0)',
  latency: 'latency_ms',
} as const;

export function rowSelect(db: DatabaseSync, search: Search, most: number): RowSelect {
  const { query, after, cellList, isOfAllCells, listed } = search;
  const { filters, sort, order } = query;
  const rank = RANKS[sort];
  const [direction, before] = order === 'desc' ? ['DESC', '<'] : ['ASC', '>'];
  const {
    minLatencyMs = 0,
    maxLatencyMs = Infinity,
    minNanoUsd = 0,
    maxNanoUsd = Infinity,
  } = filters;
  const [mask, flags] = flagsOf(filters);
  const start = order === 'desc' ? Infinity : -Infinity;
  const sql = (where: string): string =>
    `SELECT seq, at_ms, id, ${rank} AS rank FROM records
     WHERE ${where} AND cell IS NOT NULL AND (? OR cell IN (SELECT value FROM json_each(?)))
       AND latency_ms BETWEEN ? AND ? AND coalesce(cost_nano_usd, 0) BETWEEN ? AND ?
       AND (flags & ?) = ? AND (${rank}, at_ms, id) ${before} (?, ?, ?)
     ORDER BY rank ${direction}, at_ms ${direction}, id ${direction} LIMIT ?`;
  const rest = (among: { readonly isAll: boolean; readonly cells: string }) => [
    Number(among.isAll),
    among.cells,
    minLatencyMs,
    maxLatencyMs,
    minNanoUsd,
    maxNanoUsd,
    mask,
    flags,
    after?.rank ?? start,
    after?.atMs ?? start,
    after?.id ?? '',
    most,
  ];
  const inTime = db.prepare(sql('at_ms >= ? AND at_ms < ?'));
  return {
    between: (fromMs, toMs) =>
      inTime.all(fromMs, toMs, ...rest({ isAll: isOfAllCells, cells: cellList })).map(foundOf),
    named: () => {
      const { text: name } = filters;
      if (name === undefined) return [];
      // The plus keeps SQLite from using the index of times, which it would read from end to end.
      const inIds = db.prepare(sql('id >= ? AND id < ? AND +at_ms >= ? AND +at_ms < ?'));
      return [name, `req_${name}`].flatMap((id) =>
        inIds
          .all(
            id,
            `${id}\u{10ffff}`,
            search.fromMs,
            search.toMs,
            ...rest({ isAll: false, cells: JSON.stringify([...listed]) }),
          )
          .map(foundOf),
      );
    },
  };
}

const bit = (value: boolean | undefined, flag: number): number => (value === true ? flag : 0);

export function flagsOf({
  degraded,
  escalated,
}: RequestFilters): readonly [mask: number, flags: number] {
  const mask = bit(degraded !== undefined, DEGRADED) + bit(escalated !== undefined, ESCALATED);
  return [mask, bit(degraded, DEGRADED) + bit(escalated, ESCALATED)];
}

const foundOf = (row: Row): Found => ({
  seq: number(row, 'seq'),
  atMs: number(row, 'at_ms'),
  id: text(row, 'id'),
  rank: number(row, 'rank'),
});
