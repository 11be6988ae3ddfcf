/** The roll-ups that contain given records, whole and as they are now: sending them again changes nothing. */
import type { DatabaseSync } from 'node:sqlite';
import type { UsageRecord } from '../../core/record.ts';
import { Cells } from '../../figures/cells.ts';
import { Figures } from '../../figures/figures.ts';
import { addBytes, figuresToBytes } from '../rollups/bytes.ts';
import { LENGTHS_MS, startOf } from '../rollups/spans.ts';
import { OTHER_MODELS } from '../rollups/rollups.ts';

interface RollupsOfRecords {
  add(record: UsageRecord): void;
  rows(version: number): readonly string[];
}

/** A roll-up of one length as JSON, its figures in base64; undefined where there is none. `version`: grows with what is counted. */
export function wholeRollups(
  db: DatabaseSync,
): (
  lengthMs: number,
  startMs: number,
  cell: { readonly key: string; readonly version: number },
) => string | undefined {
  const find = db.prepare('SELECT cell FROM rollup_cells WHERE cell_key = ?');
  // The newest figures are not in the roll-ups yet.
  const select = db.prepare(
    `SELECT figures FROM rollups WHERE length_ms = ?1 AND start_ms = ?2 AND cell = ?3
     UNION ALL SELECT figures FROM rollup_fresh WHERE start_ms >= ?2 AND start_ms < ?2 + ?1 AND cell = ?3`,
  );
  return (lengthMs, startMs, { key, version }) => {
    const cell = find.get(key)?.['cell'];
    const rows = cell === undefined ? [] : select.all(lengthMs, startMs, cell);
    if (rows.length === 0) return undefined;
    const sum = new Figures();
    for (const { figures } of rows) if (figures instanceof Uint8Array) addBytes(sum, figures);
    const figures = Buffer.from(figuresToBytes(sum)).toString('base64');
    return JSON.stringify({
      length_ms: lengthMs,
      start_ms: startMs,
      cell_key: key,
      version,
      figures,
    });
  };
}

export function rollupsOfRecords(db: DatabaseSync): () => RollupsOfRecords {
  const rowOf = wholeRollups(db);
  return () => {
    const byMinute = new Map<number, Cells>();
    return {
      add: (record) => {
        const minute = startOf(record.atMs, LENGTHS_MS[0]);
        const cells = byMinute.get(minute) ?? new Cells();
        byMinute.set(minute, cells);
        cells.add(record);
      },
      rows: (version) => {
        const rows = new Map<string, string>();
        for (const [lengthMs, startMs, key] of placesOf(byMinute)) {
          const place = `${lengthMs} ${startMs} ${key}`;
          const row = rows.has(place) ? undefined : rowOf(lengthMs, startMs, { key, version });
          if (row !== undefined) rows.set(place, row);
        }
        return [...rows.values()];
      },
    };
  };
}

/** Of every length; a cell may be counted among those whose models are not told apart. */
function* placesOf(
  byMinute: ReadonlyMap<number, Cells>,
): Generator<readonly [lengthMs: number, startMs: number, key: string]> {
  for (const [minute, cells] of byMinute) {
    const keys = [...cells].flatMap(({ key }) => [key, { ...key, model: OTHER_MODELS }]);
    for (const lengthMs of LENGTHS_MS) {
      for (const key of keys) yield [lengthMs, startOf(minute, lengthMs), JSON.stringify(key)];
    }
  }
}
