/**
 * Roll-ups, written in the transaction of the rows that they count: a batch is added up in memory, and each of its cells is written
 * once for each length.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { UsageRecord } from '../core/record.ts';
import { Cells, cellId } from '../figures/cells.ts';
import { isEscalated, ownKeyOf, type CellKey } from '../figures/count.ts';
import { addedBytes, figuresToBytes } from './rollup-bytes.ts';
import { LENGTHS_MS, startOf } from './rollup-spans.ts';

/** What a row of `records` has for lists: its own cell, and what is searched for beside. */
interface RowMarks {
  readonly cell: number;
  readonly latencyMs: number;
  readonly flags: number;
}

export const DEGRADED = 1;
export const ESCALATED = 2;

export interface Rollups {
  /** Of a row that is about to be written. Within a transaction. */
  marksOf(record: UsageRecord): RowMarks;
  /** Counts a row that was written. */
  count(record: UsageRecord): void;
  /** Writes what was counted. Within the same transaction. */
  write(): void;
  /** Forgets what was counted, and cells of a transaction that failed. */
  forget(): void;
}

export function rollupsIn(db: DatabaseSync): Rollups {
  const cells = cellNumbers(db);
  db.function('added_figures', { deterministic: true }, (one, other) =>
    one instanceof Uint8Array && other instanceof Uint8Array ? addedBytes(one, other) : null,
  );
  const upsert = db.prepare(
    `INSERT INTO rollups (length_ms, start_ms, cell, figures) VALUES (?, ?, ?, ?)
     ON CONFLICT (length_ms, start_ms, cell) DO UPDATE SET figures = added_figures(figures, excluded.figures)`,
  );
  let byMinute = new Map<number, Cells>();
  return {
    marksOf: (record) => ({
      cell: cells.numberOf(ownKeyOf(record)),
      latencyMs: record.latencyMs,
      flags: (record.degraded === undefined ? 0 : DEGRADED) + (isEscalated(record) ? ESCALATED : 0),
    }),
    count: (record) => {
      const minute = startOf(record.atMs, LENGTHS_MS[0]);
      let counted = byMinute.get(minute);
      if (counted === undefined) byMinute.set(minute, (counted = new Cells()));
      counted.add(record);
    },
    write: () => {
      for (const lengthMs of LENGTHS_MS) {
        for (const [startMs, counted] of startingAt(byMinute, lengthMs)) {
          for (const { key, figures } of counted)
            upsert.run(lengthMs, startMs, cells.numberOf(key), figuresToBytes(figures));
        }
      }
      byMinute = new Map();
    },
    forget: () => {
      byMinute = new Map();
      cells.forget();
    },
  };
}

function startingAt(
  byMinute: ReadonlyMap<number, Cells>,
  lengthMs: number,
): ReadonlyMap<number, Cells> {
  const starts = new Map<number, Cells>();
  for (const [minute, counted] of byMinute) {
    const start = startOf(minute, lengthMs);
    const known = starts.get(start);
    // Most batches are of one minute: its cells are then those of every length.
    if (known === undefined) starts.set(start, counted);
    else starts.set(start, bothOf(known, counted));
  }
  return starts;
}

function bothOf(one: Cells, other: Cells): Cells {
  const sum = new Cells();
  for (const each of [one, other]) for (const cell of each) cell.addTo(sum.at(cell.key));
  return sum;
}

/** Callers choose the models that they pin: beyond so many cells, their names are no longer told apart. */
const MOST_CELLS = 20_000;
const OTHER_MODELS = 'others';

function cellNumbers(db: DatabaseSync) {
  const find = db.prepare('SELECT cell FROM rollup_cells WHERE cell_key = ?');
  const count = db.prepare('SELECT count(*) AS count FROM rollup_cells');
  const insert = db.prepare('INSERT INTO rollup_cells (cell_key) VALUES (?) RETURNING cell');
  let known = new Map<string, number>();
  const numberOf = (key: CellKey): number => {
    const id = cellId(key);
    const fast = known.get(id);
    if (fast !== undefined) return fast;
    const text = JSON.stringify(key);
    const seen = find.get(text)?.['cell'];
    if (
      seen === undefined &&
      key.model !== OTHER_MODELS &&
      Number(count.get()?.['count']) >= MOST_CELLS
    )
      return numberOf({ ...key, model: OTHER_MODELS });
    const cell = Number(seen ?? insert.get(text)?.['cell']);
    known.set(id, cell);
    return cell;
  };
  return { numberOf, forget: () => (known = new Map()) };
}
