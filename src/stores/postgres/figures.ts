/** Figures and lists from Postgres: the roll-ups of all outboxes, and rows. */
import type { FiguresReader, FiguresWindow, SeriesWindow } from '../../core/store.ts';
import type { RequestRows, RowsQuery } from '../../core/admin-requests.ts';
import { Cells, isWanted } from '../../figures/cells.ts';
import type { CellKey } from '../../figures/count.ts';
import { requestRow } from '../../figures/request-row.ts';
import { seriesOf, type StepCell } from '../../figures/series.ts';
import { stepAt } from '../../figures/steps.ts';
import { totalsOf } from '../../figures/totals.ts';
import { limitOf, writeRankedCursor } from '../cursor.ts';
import { addBytes } from '../rollups/bytes.ts';
import { searchOf } from '../rollups/search.ts';
import { lengthFor, spansOf, type Span } from '../rollups/spans.ts';
import { number, text } from '../sqlite/row.ts';
import type { Postgres } from './port.ts';
import { recordIn } from './records.ts';
import { rowsSql } from './rows-sql.ts';

type Asking = Pick<Postgres, 'query'>;

/** All records are counted as they arrive. */
const ALL_COUNTED = { countedFromMs: null } as const;

export function postgresFigures(postgres: Asking): FiguresReader {
  const keys = cellKeys(postgres);
  return {
    totals: async (window) => {
      const sums = await sumCells(postgres, keys, window);
      const wanted = [...sums].filter(({ key }) => isWanted(key, window.filters));
      return { totals: totalsOf(wanted), ...ALL_COUNTED };
    },
    series: async (window) => ({ lines: await seriesIn(postgres, keys, window), ...ALL_COUNTED }),
    rows: async (query) => await rowsOf(postgres, keys, query),
  };
}

type Keys = () => Promise<ReadonlyMap<number, CellKey>>;

/** Cells are never changed, only added. */
function cellKeys({ query }: Asking): Keys {
  const known = new Map<number, CellKey>();
  return async () => {
    const last = Math.max(0, ...known.keys());
    const rows = await query('SELECT cell, cell_key FROM rollup_cells WHERE cell > $1', [last]);
    for (const row of rows) known.set(number(row, 'cell'), JSON.parse(text(row, 'cell_key')));
    return known;
  };
}

interface Rolled {
  readonly startMs: number;
  readonly key: CellKey;
  readonly figures: Uint8Array;
}

async function rolledUp({ query }: Asking, keys: Keys, span: Span): Promise<readonly Rolled[]> {
  const rows = await query(
    'SELECT start_ms, cell, figures FROM rollups WHERE length_ms = $1 AND start_ms >= $2 AND start_ms < $3',
    [span.lengthMs, span.fromMs, span.toMs],
  );
  // Afterwards, so that every cell of these rows is among them.
  const known = await keys();
  return rows.flatMap((row) => {
    const key = known.get(number(row, 'cell'));
    const { figures } = row;
    return key !== undefined && figures instanceof Uint8Array
      ? [{ startMs: number(row, 'start_ms'), key, figures }]
      : [];
  });
}

const MINUTE_MS = 60_000;

/** Of records at the ends that are no minutes, of roll-ups in between. */
async function sumCells(
  postgres: Asking,
  keys: Keys,
  { fromMs, toMs }: Pick<FiguresWindow, 'fromMs' | 'toMs'>,
): Promise<Cells> {
  const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
  const last = Math.floor(toMs / MINUTE_MS) * MINUTE_MS;
  const sums = new Cells();
  const addRecords = async (from: number, to: number): Promise<void> => {
    if (from >= to) return;
    const rows = await postgres.query(
      'SELECT record FROM records WHERE at_ms >= $1 AND at_ms < $2',
      [from, to],
    );
    for (const row of rows) sums.add(recordIn(row));
  };
  await addRecords(fromMs, Math.min(first, toMs));
  for (const span of spansOf(first, last)) {
    for (const { key, figures } of await rolledUp(postgres, keys, span))
      addBytes(sums.at(key), figures);
  }
  await addRecords(Math.max(first, last), toMs);
  return sums;
}

async function seriesIn(postgres: Asking, keys: Keys, window: SeriesWindow) {
  const { times, endMs, filters, ...wanted } = window;
  const lengthMs = lengthFor([...times, endMs]);
  const span = { lengthMs, fromMs: times[0] ?? endMs, toMs: endMs };
  const rolled = await rolledUp(postgres, keys, span);
  const cells = rolled
    .filter(({ key }) => isWanted(key, filters))
    .map(({ startMs, key, figures }): StepCell => [
      stepAt(times, startMs),
      { key, addTo: (sum) => addBytes(sum, figures) },
    ]);
  return seriesOf(cells, { ...wanted, filters, steps: times.length });
}

async function rowsOf(postgres: Asking, keys: Keys, query: RowsQuery): Promise<RequestRows> {
  const limit = limitOf(query.limit);
  const search = searchOf(query, await keys());
  const { sql, values } = rowsSql(search, limit + 1);
  const found = await postgres.query(sql, values);
  const page = found.slice(0, limit);
  const rows = page.map((row) => requestRow(recordIn(row)));
  const last = page.at(-1);
  if (found.length <= limit || last === undefined) return { rows };
  const at = { rank: number(last, 'rank'), atMs: number(last, 'at_ms'), id: text(last, 'id') };
  return { rows, next: writeRankedCursor(at) };
}
