/** Where in time the rows of a list can be, by what bounds the records of each roll-up. */
import type { DatabaseSync } from 'node:sqlite';
import type { RowsQuery } from '../../core/admin-requests.ts';
import { boundsIn } from './bytes.ts';
import type { RankedPosition } from '../cursor.ts';
import type { Search } from './search.ts';
import { LENGTHS_MS, startOf } from './spans.ts';

/** A span of time, and the first place in the list that a row in it can have. */
export interface Place {
  /** In `LENGTHS_MS`. */
  readonly level: number;
  readonly startMs: number;
  readonly best: Best;
  /** Records of all cells, or more. */
  readonly records: number;
}

/** The higher, the earlier in the list; among equal ranks `time` decides. */
export interface Best {
  readonly rank: number;
  readonly time: number;
}

export const byBest = (a: Best, b: Best): number => a.rank - b.rank || a.time - b.time;

interface Bounds {
  records: number;
  leastNanoUsd: number;
  mostNanoUsd: number;
  shortestMs: number;
  longestMs: number;
  /** Something in it may be in the list. */
  isHolding: boolean;
}

export type FindPlaces = (
  search: Search,
  level: number,
  fromMs: number,
  toMs: number,
) => readonly Place[];

export function placeFinder(db: DatabaseSync): FindPlaces {
  const rolled = rolledBounds(db);
  const fresh = freshBounds(db);
  return (search, level, fromMs, toMs) => {
    const lengthMs = LENGTHS_MS[level]!;
    const window = [startOf(fromMs, lengthMs), toMs] as const;
    const spans = rolled(search, lengthMs, window);
    fresh(search, lengthMs, window, spans);
    return [...spans].flatMap(([startMs, bounds]) =>
      bounds.isHolding
        ? {
            level,
            startMs,
            records: bounds.records,
            best: bestIn(search, startMs, bounds, lengthMs),
          }
        : [],
    );
  };
}

type Window = readonly [fromMs: number, toMs: number];
type Spans = Map<number, Bounds>;

/** Those of a length between two times. */
function rolledBounds(
  db: DatabaseSync,
): (search: Search, lengthMs: number, window: Window) => Spans {
  const holds = `requests > 0 AND degraded >= ?5 AND escalated >= ?6
    AND most_nano_usd >= ?7 AND least_nano_usd <= ?8 AND longest_ms >= ?9 AND shortest_ms <= ?10
    AND (?11 OR cell IN (SELECT value FROM json_each(?4)))`;
  const select = db.prepare(
    `SELECT start_ms, sum(requests), min(least_nano_usd) FILTER (WHERE ${holds}), max(most_nano_usd) FILTER (WHERE ${holds}),
       min(shortest_ms) FILTER (WHERE ${holds}), max(longest_ms) FILTER (WHERE ${holds})
     FROM rollups WHERE length_ms = ?1 AND start_ms >= ?2 AND start_ms < ?3 GROUP BY start_ms`,
  );
  select.setReturnArrays(true);
  return (search, lengthMs, window) => {
    const { degraded, escalated, ...least } = leastOf(search.query);
    const spans: Spans = new Map();
    const rows = select.iterate(
      lengthMs,
      ...window,
      search.cellList,
      degraded,
      escalated,
      least.minNanoUsd,
      least.maxNanoUsd,
      least.minLatencyMs,
      least.maxLatencyMs,
      Number(search.isOfAllCells),
    );
    for (const row of rows) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the columns that are selected
      const columns = row as unknown as readonly (number | null)[];
      const [startMs, records, leastNanoUsd, mostNanoUsd, shortestMs, longestMs] = columns;
      spans.set(startMs ?? 0, {
        records: records ?? 0,
        leastNanoUsd: leastNanoUsd ?? Infinity,
        mostNanoUsd: mostNanoUsd ?? -Infinity,
        shortestMs: shortestMs ?? Infinity,
        longestMs: longestMs ?? -Infinity,
        isHolding: leastNanoUsd !== null,
      });
    }
    return spans;
  };
}

/** Adds the newest minutes, which are in no roll-up yet. */
function freshBounds(
  db: DatabaseSync,
): (search: Search, lengthMs: number, window: Window, spans: Spans) => void {
  const select = db.prepare(
    'SELECT start_ms, cell, figures FROM rollup_fresh WHERE start_ms >= ? AND start_ms < ?',
  );
  return (search, lengthMs, window, spans) => {
    const least = leastOf(search.query);
    for (const { start_ms: minuteMs, cell, figures } of select.iterate(...window)) {
      if (!(figures instanceof Uint8Array)) continue;
      const startMs = startOf(Number(minuteMs), lengthMs);
      const into = spans.get(startMs) ?? { ...NOTHING };
      spans.set(startMs, into);
      const its = boundsIn(figures);
      into.records += its.requests;
      const holds =
        search.cells.has(Number(cell)) &&
        its.requests > 0 &&
        its.degraded >= least.degraded &&
        its.escalated >= least.escalated &&
        its.mostNanoUsd >= least.minNanoUsd &&
        its.leastNanoUsd <= least.maxNanoUsd &&
        its.longestMs >= least.minLatencyMs &&
        its.shortestMs <= least.maxLatencyMs;
      if (!holds) continue;
      into.isHolding = true;
      into.leastNanoUsd = Math.min(into.leastNanoUsd, its.leastNanoUsd);
      into.mostNanoUsd = Math.max(into.mostNanoUsd, its.mostNanoUsd);
      into.shortestMs = Math.min(into.shortestMs, its.shortestMs);
      into.longestMs = Math.max(into.longestMs, its.longestMs);
    }
  };
}

const NOTHING: Readonly<Bounds> = {
  records: 0,
  leastNanoUsd: Infinity,
  mostNanoUsd: -Infinity,
  shortestMs: Infinity,
  longestMs: -Infinity,
  isHolding: false,
};

function leastOf({ filters }: RowsQuery) {
  const { degraded, escalated } = filters;
  const { minNanoUsd = 0, maxNanoUsd = Infinity } = filters;
  const { minLatencyMs = 0, maxLatencyMs = Infinity } = filters;
  return {
    degraded: Number(degraded === true),
    escalated: Number(escalated === true),
    minNanoUsd,
    maxNanoUsd,
    minLatencyMs,
    maxLatencyMs,
  };
}

/** No row is before the cursor's, nor beyond the bounds that are asked for. */
function bestIn(
  { query: { sort, order }, after, limits }: Search,
  startMs: number,
  bounds: Bounds,
  lengthMs: number,
): Best {
  const time = order === 'desc' ? startMs + lengthMs : -startMs;
  if (sort === 'time') return { rank: time, time };
  const [least, most] =
    sort === 'cost'
      ? [bounds.leastNanoUsd, bounds.mostNanoUsd]
      : [bounds.shortestMs, bounds.longestMs];
  return order === 'desc'
    ? { rank: Math.min(most, limits.most, after?.rank ?? Infinity), time }
    : { rank: -Math.max(least, limits.least, after?.rank ?? -Infinity), time };
}

/** Where a row stands; to be compared with the best of a place. */
export const standingOf = ({ atMs, rank }: RankedPosition, { query: { order } }: Search): Best =>
  order === 'desc' ? { rank, time: atMs } : { rank: -rank, time: -atMs };
