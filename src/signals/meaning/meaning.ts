/** What a text means, as the mean over its distinct word pieces: languages that say the same lie near each other. */
import { readFileSync } from 'node:fs';
import { pieceReader } from './pieces.ts';
import { type MeaningTable, readTable, ZERO_LEVEL } from './table.ts';

const SHIPPED = new URL('./table.bin', import.meta.url);

export interface Meaning {
  readonly dimensions: number;
  /**
   * Writes the mean over the distinct pieces of a text into `into` and gives their number; zeros where
   * there are none. Linear in the text; the caller bounds it.
   */
  pool(text: string, into: Float64Array): number;
}

let shipped: MeaningTable | undefined;

/**
 * The table that ships, read once a process (some 20 ms). Throws an error that names the file where it
 * is damaged or missing.
 */
export function shippedTable(): MeaningTable {
  try {
    shipped ??= readTable(readFileSync(SHIPPED));
    return shipped;
  } catch (error) {
    throw new Error(
      `src/signals/meaning/table.bin cannot be used: ${error instanceof Error ? error.message : 'unreadable'}; install the package again`,
      { cause: error },
    );
  }
}

/** Buffers are its own: one meaning is used by one caller at a time. */
export function meaning(table: MeaningTable = shippedTable()): Meaning {
  const { vocabulary, dimensions, steps, rows } = table;
  const read = pieceReader(vocabulary);
  const width = dimensions / 2;
  const low = new Int32Array(width);
  const high = new Int32Array(width);
  const seenIn = new Int32Array(vocabulary.size);
  let round = 0;
  let distinct = 0;

  const add = (piece: number): void => {
    if (piece < 0 || seenIn[piece] === round) return;
    seenIn[piece] = round;
    distinct += 1;
    const from = piece * width;
    for (let at = 0; at < width; at += 1) {
      const pair = rows[from + at]!;
      low[at]! += pair & 15;
      high[at]! += pair >> 4;
    }
  };

  return {
    dimensions,
    pool: (text, into) => {
      round += 1;
      distinct = 0;
      low.fill(0);
      high.fill(0);
      read(text, add);
      const share = distinct === 0 ? 0 : 1 / distinct;
      const zero = distinct === 0 ? 0 : ZERO_LEVEL;
      for (let at = 0; at < width; at += 1) {
        into[2 * at] = (low[at]! * share - zero) * steps[2 * at]!;
        into[2 * at + 1] = (high[at]! * share - zero) * steps[2 * at + 1]!;
      }
      return distinct;
    },
  };
}
