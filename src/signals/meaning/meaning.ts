/** What a text means, as the mean over its distinct word pieces: languages that say the same lie near each other. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Recurring } from '../../lib/recurring.ts';
import { shippedFile } from '../../lib/shipped-file.ts';
import { pieceReader, type ReadPieces } from './pieces.ts';
import { type MeaningTable, readTable, ZERO_LEVEL } from './table.ts';

const SHIPPED = new URL('./table.bin', import.meta.url);

export interface Meaning {
  readonly dimensions: number;
  /** The number of pieces in the table. */
  readonly size: number;
  /**
   * Writes the mean over the distinct pieces of a text into `into` and gives their number; zeros where
   * there are none. Linear in the text; the caller bounds it.
   */
  pool(text: string, into: Float64Array): number;
  /** The same of several texts, as if each stood in a line of its own. What comes again and again is cut once. */
  poolLines(texts: readonly string[], into: Float64Array): number;
  /** All pieces of the text that was pooled last, in order: -1 for what no piece covers, once where several such follow. Overwritten by the next. */
  inOrder(): Int32Array;
  /** The distinct pieces of a text, in order of appearance. Linear in the text; the caller bounds it. */
  pieces(text: string): Int32Array;
  /** The same, overwritten by the next text: memory outside of the heap is dear. */
  passingPieces(text: string): Int32Array;
  /** Writes the mean over the given pieces into `into`; zeros where there are none. */
  mean(pieces: Int32Array, into: Float64Array): void;
  /** The same, where a piece counts for the less the more frequent it is. */
  rareMean(pieces: Int32Array, into: Float64Array): void;
}

/**
 * A piece of probability p has the weight a / (a + p): smooth inverse frequency (Arora, Liang and Ma, 2017).
 * Domains are recognised as well with half and with twice this a.
 */
const FREQUENT = 5e-4;

/** Units of a system prompt or an earlier message whose pieces are remembered. */
const MOST_RECURRING = 3000;

let shipped: MeaningTable | undefined;
let shippedReader: ReadPieces | undefined;
let shippedSeen: Seen | undefined;

/** In which text each piece was met last: read and written while one text is cut, so that all readers of a table share it. */
interface Seen {
  readonly in: Int32Array;
  /** Of the last text. */
  round: number;
}

/**
 * The table that ships, read once a process (some 20 ms). Throws an error that names the file where it
 * is damaged or missing.
 */
export function shippedTable(): MeaningTable {
  shipped ??= shippedFile('signals/meaning/table.bin', readShipped);
  return shipped;
}

function readShipped(): MeaningTable {
  const file = openSync(SHIPPED, 'r');
  try {
    return readTable({
      size: fstatSync(file).size,
      next: (into) => {
        if (readSync(file, into) < into.length) throw new Error('shorter than it was');
      },
    });
  } finally {
    closeSync(file);
  }
}

/** The meaning by the shipped table; undefined where it is damaged: the judge of complexity says so. */
export function openMeaning(): Meaning | undefined {
  try {
    return meaning();
  } catch {
    return undefined;
  }
}

/** All that read with the shipped table share a reader: what one has cut the next need not cut again. Throws as `shippedTable`. */
export function shippedPieces(): ReadPieces {
  shippedReader ??= pieceReader(shippedTable().vocabulary);
  return shippedReader;
}

/** Buffers are its own: one meaning is used by one caller at a time. */
export function meaning(table: MeaningTable = shippedTable()): Meaning {
  const { vocabulary, dimensions } = table;
  const read = table === shipped ? shippedPieces() : pieceReader(table.vocabulary);
  const mean = plainMean(table);
  const rareMean = meanOfRare(table);
  const seen =
    table === shipped ? (shippedSeen ??= noneSeen(vocabulary.size)) : noneSeen(vocabulary.size);
  const seenIn = seen.in;
  let round = 0;
  let found = new Int32Array(512);
  let count = 0;
  let ordered = new Int32Array(512);
  let length = 0;

  const add = (piece: number): void => {
    if (length === ordered.length) ordered = grown(ordered);
    if (piece >= 0 || length === 0 || ordered[length - 1]! >= 0) ordered[length++] = piece;
    if (piece < 0 || seenIn[piece] === round) return;
    seenIn[piece] = round;
    if (count === found.length) found = grown(found);
    found[count++] = piece;
  };
  const begin = (): void => {
    round = seen.round += 1;
    count = 0;
    length = 0;
  };
  const passingPieces = (text: string): Int32Array => {
    begin();
    read(text, add);
    return found.subarray(0, count);
  };
  const readLine = remembering(read);
  return {
    dimensions,
    size: vocabulary.size,
    pool: (text, into) => {
      const all = passingPieces(text);
      mean(all, into);
      return all.length;
    },
    poolLines: (texts, into) => {
      begin();
      for (const text of texts) readLine(text, add);
      const all = found.subarray(0, count);
      mean(all, into);
      return all.length;
    },
    inOrder: () => ordered.subarray(0, length),
    pieces: (text) => passingPieces(text).slice(),
    passingPieces,
    mean,
    rareMean,
  };
}

/** Reads as `read` does; of what comes again and again the pieces are remembered. */
function remembering(read: ReadPieces): ReadPieces {
  const known = new Recurring<readonly number[]>(MOST_RECURRING);
  return (text, found) => {
    const before = known.of(text);
    if (before !== undefined) {
      for (const piece of before) found(piece);
      return;
    }
    read(text, found);
    known.met(text, () => {
      const pieces: number[] = [];
      read(text, (piece) => void pieces.push(piece));
      return pieces;
    });
  };
}

const noneSeen = (size: number): Seen => ({ in: new Int32Array(size), round: 0 });

/** The same numbers with room for as many more. */
export function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * numbers.length);
  more.set(numbers);
  return more;
}

function plainMean({ dimensions, steps, rows }: MeaningTable): Meaning['mean'] {
  return (pieces, into) => {
    if (pieces.length === 0) {
      into.fill(0);
      return;
    }
    rows.sum(pieces, into);
    const share = 1 / pieces.length;
    for (let at = 0; at < dimensions; at += 1)
      into[at] = (into[at]! * share - ZERO_LEVEL) * steps[at]!;
  };
}

function meanOfRare({
  vocabulary: { scores },
  dimensions,
  steps,
  rows: { bytes },
}: MeaningTable): Meaning['rareMean'] {
  const width = dimensions / 2;
  return (pieces, into) => {
    into.fill(0);
    let total = 0;
    for (const piece of pieces) {
      const weight = FREQUENT / (FREQUENT + Math.exp(scores[piece]!));
      total += weight;
      const from = piece * width;
      for (let at = 0; at < width; at += 1) {
        const pair = bytes[from + at]!;
        into[2 * at]! += weight * (pair & 15);
        into[2 * at + 1]! += weight * (pair >> 4);
      }
    }
    if (total === 0) return;
    for (let at = 0; at < dimensions; at += 1)
      into[at] = (into[at]! / total - ZERO_LEVEL) * steps[at]!;
  };
}
