/** The rows of a list, in Postgres's SQL. */
import { flagsOf, RANKS, type Search } from '../rollups/search.ts';

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export function rowsSql(search: Search, most: number): Statement {
  const { query, after, cells, listed, fromMs, toMs } = search;
  const { filters, sort, order } = query;
  const rank = RANKS[sort];
  const [direction, before] = order === 'desc' ? ['DESC', '<'] : ['ASC', '>'];
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const {
    text,
    minLatencyMs = 0,
    maxLatencyMs = Infinity,
    minNanoUsd = 0,
    maxNanoUsd = Number.MAX_SAFE_INTEGER,
  } = filters;
  const [mask, flags] = flagsOf(filters);
  const where = [
    `at_ms >= ${value(fromMs)} AND at_ms < ${value(toMs)}`,
    `latency_ms BETWEEN ${value(minLatencyMs)} AND ${value(maxLatencyMs)}`,
    `coalesce(cost_nano_usd, 0) BETWEEN ${value(minNanoUsd)}::double precision AND ${value(maxNanoUsd)}::double precision`,
    `(flags & ${value(mask)}::integer) = ${value(flags)}::integer`,
  ];
  const named =
    text === undefined
      ? ''
      : ` OR (cell = ANY (${value([...listed])}) AND (starts_with(id, ${value(text)}) OR starts_with(id, ${value(`req_${text}`)})))`;
  where.push(`(cell = ANY (${value([...cells])})${named})`);
  if (after !== undefined)
    where.push(
      `(${rank}, at_ms, id) ${before} (${value(after.rank)}::double precision, ${value(after.atMs)}, ${value(after.id)})`,
    );
  const sql = `SELECT id, at_ms, ${rank} AS rank, record FROM records WHERE ${where.join(' AND ')}
    ORDER BY ${rank} ${direction}, at_ms ${direction}, id ${direction} LIMIT ${value(most)}`;
  return { sql, values };
}
