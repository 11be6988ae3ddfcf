/** Summaries and series from roll-ups, in a thread that serves no requests. */
import type { DatabaseSync } from 'node:sqlite';
import type { FiguresReader, FiguresWindow, SeriesWindow } from '../../core/store.ts';
import { Cells, isWanted } from '../../figures/cells.ts';
import type { CellKey } from '../../figures/count.ts';
import { seriesOf, type StepCell } from '../../figures/series.ts';
import { stepAt } from '../../figures/steps.ts';
import { totalsOf } from '../../figures/totals.ts';
import { addBytes } from './bytes.ts';
import { RECORD_COLUMNS, type recordReader } from '../sqlite/words.ts';
import { lengthFor, spansOf, type Span } from './spans.ts';

type Answer<Name extends 'totals' | 'series'> = Awaited<ReturnType<FiguresReader[Name]>>;

export interface RollupReader {
  totals(window: FiguresWindow): Answer<'totals'>;
  series(window: SeriesWindow): Answer<'series'>;
  /** What the number of each cell so far stands for. */
  readonly cells: () => ReadonlyMap<number, CellKey>;
}

export function rollupReader(
  db: DatabaseSync,
  recordOf: ReturnType<typeof recordReader>,
): RollupReader {
  const rows = rollupRows(db);
  const { keyOf, cells } = cellKeys(db);
  const sumCells = cellSums(db, { rows, keyOf, recordOf });
  const progress = db.prepare('SELECT from_ms FROM rollup_progress WHERE below_seq > 0');
  const countedFromMs = (): number | null => {
    const row = progress.get();
    return row === undefined ? null : Number(row['from_ms'] ?? Infinity);
  };
  return {
    cells,
    totals: ({ fromMs, toMs, filters }) => {
      const wanted = [...sumCells(fromMs, toMs)].filter(({ key }) => isWanted(key, filters));
      return { totals: totalsOf(wanted), countedFromMs: countedFromMs() };
    },
    series: ({ times, endMs, filters, ...wanted }) => {
      const lengthMs = lengthFor([...times, endMs]);
      const span = { lengthMs, fromMs: times[0] ?? endMs, toMs: endMs };
      function* stepCells(): Generator<StepCell> {
        for (const [startMs, cell, figures] of rows(span)) {
          const key = keyOf(cell);
          if (isWanted(key, filters))
            yield [stepAt(times, startMs), { key, addTo: (sum) => addBytes(sum, figures) }];
        }
      }
      const lines = seriesOf(stepCells(), { ...wanted, filters, steps: times.length });
      return { lines, countedFromMs: countedFromMs() };
    },
  };
}

/** Of all cells between two times; those of the newest minutes begin at their minute, whatever the length. */
type Rows = (span: Span) => Generator<RollupRow>;

function rollupRows(db: DatabaseSync): Rows {
  // One statement, so that what is being added to the roll-ups is seen in one of both places.
  const select = db.prepare(
    `SELECT start_ms, cell, figures FROM rollups WHERE length_ms = ?1 AND start_ms >= ?2 AND start_ms < ?3
     UNION ALL SELECT start_ms, cell, figures FROM rollup_fresh WHERE start_ms >= ?2 AND start_ms < ?3`,
  );
  select.setReturnArrays(true);
  return function* rowsIn({ lengthMs, fromMs, toMs }) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the columns that are selected
    for (const row of select.iterate(lengthMs, fromMs, toMs)) yield row as unknown as RollupRow;
  };
}

interface SumTools {
  readonly rows: Rows;
  readonly keyOf: (cell: number) => CellKey;
  readonly recordOf: ReturnType<typeof recordReader>;
}

/** Sums by cell between two times: of records at the ends that are no minutes, of roll-ups in between. */
function cellSums(
  db: DatabaseSync,
  { rows, keyOf, recordOf }: SumTools,
): (fromMs: number, toMs: number) => Cells {
  const between = db.prepare(
    `SELECT ${RECORD_COLUMNS} FROM records WHERE at_ms >= ? AND at_ms < ?`,
  );
  const addRecords = (sums: Cells, fromMs: number, toMs: number): void => {
    if (fromMs >= toMs) return;
    for (const row of between.iterate(fromMs, toMs)) sums.add(recordOf(row));
  };
  return (fromMs, toMs) => {
    const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
    const last = Math.floor(toMs / MINUTE_MS) * MINUTE_MS;
    const sums = new Cells();
    addRecords(sums, fromMs, Math.min(first, toMs));
    for (const span of spansOf(first, last)) {
      for (const [, cell, figures] of rows(span)) addBytes(sums.at(keyOf(cell)), figures);
    }
    addRecords(sums, Math.max(first, last), toMs);
    return sums;
  };
}

const MINUTE_MS = 60_000;

type RollupRow = readonly [startMs: number, cell: number, figures: Uint8Array];

/** Cells are never changed, only added. */
function cellKeys(
  db: DatabaseSync,
): Pick<RollupReader, 'cells'> & { readonly keyOf: (cell: number) => CellKey } {
  const known = new Map<number, CellKey>();
  const select = db.prepare('SELECT cell, cell_key FROM rollup_cells WHERE cell > ? ORDER BY cell');
  let last = 0;
  const cells = (): ReadonlyMap<number, CellKey> => {
    for (const { cell, cell_key: key } of select.all(last)) {
      last = Number(cell);
      known.set(last, JSON.parse(String(key)));
    }
    return known;
  };
  const keyOf = (cell: number): CellKey => {
    const key = known.get(cell) ?? cells().get(cell);
    if (key === undefined) throw new RangeError(`the roll-ups have no cell ${cell}`);
    return key;
  };
  return { keyOf, cells };
}
