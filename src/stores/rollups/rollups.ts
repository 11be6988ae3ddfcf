/** Roll-ups, written in the transaction of the rows that they count. */
import type { DatabaseSync } from 'node:sqlite';
import { cellId } from '../../figures/cells.ts';
import {
  countRecord,
  isEscalated,
  placedIn,
  type CellKey,
  type Placed,
} from '../../figures/count.ts';
import type { CountedRecord } from '../../figures/counted.ts';
import { freshFigures } from './fresh.ts';
import { LENGTHS_MS, startOf } from './spans.ts';

/** A record before it is written: what its row has for lists, and where it is counted. */
interface Counted {
  /** Its own. */
  readonly cell: number;
  readonly latencyMs: number;
  readonly flags: number;
  readonly placed: Placed;
}

export const DEGRADED = 1;
export const ESCALATED = 2;

export interface Rollups {
  /** Of a row that is about to be written. Within a transaction. */
  read(record: CountedRecord): Counted;
  /** Counts a row that was written. */
  count(record: CountedRecord, counted: Counted): void;
  /** Writes what was counted. Within the same transaction. */
  write(): void;
  /** Forgets what was counted, and cells of a transaction that failed. */
  forget(): void;
}

export function rollupsIn(db: DatabaseSync): Rollups {
  const cells = cellNumbers(db);
  const fresh = freshFigures(db);
  return {
    read: (record) => {
      const placed = placedIn(record);
      return {
        cell: cells.numberOf(placed.own),
        latencyMs: record.latencyMs,
        flags:
          (record.degraded === undefined ? 0 : DEGRADED) + (isEscalated(record) ? ESCALATED : 0),
        placed,
      };
    },
    count: (record, { cell, placed }) => {
      const minute = startOf(record.atMs, LENGTHS_MS[0]);
      countRecord(
        record,
        (key) => fresh.at(minute, key === placed.own ? cell : cells.numberOf(key)),
        placed,
      );
    },
    write: fresh.write,
    forget: () => {
      fresh.forget();
      cells.forget();
    },
  };
}

/** Callers choose which models they pin: beyond this many cells, model names are no longer told apart. */
const MOST_CELLS = 20_000;
export const OTHER_MODELS = 'others';

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
