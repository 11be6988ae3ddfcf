/** Records as the ledger keeps them: packed, and then written as bytes. */
import type { UsageRecord } from '../../core/record.ts';
import { RECORD } from '../../core/record-fields.ts';
import { COUNTED, type CountedRecord } from '../../figures/counted.ts';
import { readerOf } from '../../lib/packing/packed-shapes.ts';
import { Packer, Unpacker } from '../../lib/packing/packer.ts';
import { straightPack } from '../../lib/packing/packing-code.ts';
import { straightRead, WHOLE } from '../../lib/packing/reading-code.ts';
import { fields, nullable, number, text, word, type Shape } from '../../lib/packing/packing.ts';
import type { Dictionary } from './dictionary.ts';

/** What is looked up in SQL. */
export interface Columns {
  readonly id: string;
  readonly atMs: number;
  readonly caller: string;
  /** Of the last attempt. */
  readonly upstream: string | null;
  readonly outcome: string;
  /** The sum of the known costs; null where none is. */
  readonly costNanoUsd: number | null;
}

const COLUMNS = fields<Columns>()({
  id: text,
  atMs: number,
  caller: word(),
  upstream: nullable(word()),
  outcome: word(),
  costNanoUsd: nullable(number),
});

/** A packed record: what `Packer` took of its columns and of itself. */
export interface PackedRow {
  readonly numbers: Float64Array;
  readonly texts: readonly string[];
}

/** How many numbers share one array: an array for each row would have to be freed outside the heap. */
const SHARED = 16_384;
/** Numbers that a row seldom has more of. */
const USUAL = 1_024;

/** Packs records with words of one dictionary. */
export function rowPacker(words: Dictionary): (record: UsageRecord) => PackedRow {
  const packColumns = straightPack(COLUMNS, words);
  const packRecord = straightPack(RECORD, words);
  const packer = new Packer(words, SHARED);
  return (record) => {
    if (packer.at + USUAL > packer.numbers.length) {
      packer.numbers = new Float64Array(SHARED);
      packer.at = 0;
    }
    const from = packer.at;
    packer.texts = [];
    try {
      packColumns(columnsOf(record), packer);
      packRecord(record, packer);
    } catch (error) {
      packer.at = from;
      throw error;
    }
    return { numbers: packer.numbers.subarray(from, packer.at), texts: packer.texts };
  };
}

function columnsOf({ id, atMs, caller, outcome, attempts }: UsageRecord): Columns {
  let costNanoUsd: number | null = null;
  for (const { cost } of attempts) {
    if (cost !== null) costNanoUsd = (costNanoUsd ?? 0) + cost.totalNanoUsd;
  }
  return { id, atMs, caller, upstream: attempts.at(-1)?.upstream ?? null, outcome, costNanoUsd };
}

type Packed = Pick<Unpacker, 'numbers' | 'texts'>;

/** What of a row is read to write it. */
export interface ReadRow {
  readonly columns: Columns;
  readonly record: CountedRecord;
}

/** Reads, fast, what this version packed. @throws RangeError where a number, a text or a word is missing */
export function rowReader(): (row: Packed, words: readonly string[]) => ReadRow {
  const columns = straightRead(COLUMNS, WHOLE);
  const record = straightRead(RECORD, COUNTED);
  return ({ numbers, texts }, words) => {
    const from = new Unpacker(numbers, texts, words);
    return { columns: columns(from), record: record(from) };
  };
}

/** @throws RangeError where a number, a text or a word is missing */
export type ReadRecord = (row: Packed, words: readonly string[]) => UsageRecord;

const reading =
  ([columns, record]: RowReaders): ReadRecord =>
  ({ numbers, texts }, words) => {
    const from = new Unpacker(numbers, texts, words);
    columns(from);
    return record(from);
  };

type RowReaders = readonly [
  columns: (from: Unpacker) => unknown,
  record: (from: Unpacker) => UsageRecord,
];

/** Reads what this version packed. */
export const recordIn: ReadRecord = reading([COLUMNS.unpack, RECORD.unpack]);

/** The shape of a row in this version, as text. It is stored with the rows, so that later versions can read them. */
export const ROW_SHAPE = JSON.stringify([COLUMNS.shape, RECORD.shape]);

/**
 * Reads rows of the shape that their writer left.
 * @throws RangeError for one of a newer version
 */
export function recordReaderOf(shape: string): ReadRecord {
  if (shape === ROW_SHAPE) return recordIn;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `ROW_SHAPE` of some version
  const [columns, record] = JSON.parse(shape) as readonly [Shape, Shape];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- members that are gone are in it, and new ones are not
  return reading([readerOf(columns), readerOf(record) as (from: Unpacker) => UsageRecord]);
}

/** Whole numbers up to it are one byte; the marks above it say what follows. */
const MOST_SMALL = 247;
const UINT16 = 248;
const UINT32 = 249;
const FLOAT64 = 250;
const MINUS_ONE = 251;
const UINT16_END = 2 ** 16;
/** A mark and eight bytes. */
const LARGEST = 9;

/** How many numbers, the numbers, then each text with its length. Little-endian. */
export const toBytes = (packed: Packed): Uint8Array => byteWriter()(packed);

/** The same for one after the other: what it gives is written over by the next. */
export function byteWriter(): (packed: Packed) => Uint8Array {
  let bytes = Buffer.alloc(0);
  let view = new DataView(bytes.buffer);
  const putNumber = (value: number, at: number): number => {
    const whole = value >>> 0;
    // 0 to 2 ** 32 - 1; the sign of a zero would be lost
    if (whole === value && !Object.is(value, -0)) return writeWhole(bytes, whole, at);
    if (value === -1) {
      bytes[at] = MINUS_ONE;
      return at + 1;
    }
    bytes[at] = FLOAT64;
    view.setFloat64(at + 1, value, true);
    return at + LARGEST;
  };
  /** UTF-8; a text with half a surrogate pair, which that cannot write, after a mark in UTF-16. */
  const putText = (given: string, at: number): number => {
    const { length } = given;
    if (length <= MOST_SMALL && isWrittenAscii(bytes, given, at + 1)) {
      bytes[at] = length;
      return at + 1 + length;
    }
    if (given.isWellFormed()) {
      const from = putNumber(Buffer.byteLength(given), at);
      return from + bytes.write(given, from);
    }
    const from = putNumber(2 * length, putNumber(-1, at));
    return from + bytes.write(given, from, 'utf16le');
  };
  return ({ numbers, texts }) => {
    let most = (numbers.length + 1 + 2 * texts.length) * LARGEST;
    // three bytes are the most that one UTF-16 unit takes
    for (const each of texts) most += 3 * each.length;
    if (most > bytes.length) {
      bytes = Buffer.from(new ArrayBuffer(most));
      view = new DataView(bytes.buffer);
    }
    let at = putNumber(numbers.length, 0);
    for (let index = 0; index < numbers.length; index += 1) at = putNumber(numbers[index]!, at);
    for (const each of texts) at = putText(each, at);
    return new Uint8Array(bytes.buffer, 0, at);
  };
}

function writeWhole(bytes: Buffer, value: number, at: number): number {
  if (value <= MOST_SMALL) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < UINT16_END) {
    bytes[at] = UINT16;
    bytes[at + 1] = value & 0xff;
    bytes[at + 2] = value >>> 8;
    return at + 3;
  }
  bytes[at] = UINT32;
  return bytes.writeUInt32LE(value, at + 1);
}

/** Faster than two calls that leave JavaScript, for texts as short as ids and names are. */
function isWrittenAscii(bytes: Buffer, given: string, from: number): boolean {
  for (let index = 0; index < given.length; index += 1) {
    const unit = given.charCodeAt(index);
    if (unit >= 0x80) return false;
    bytes[from + index] = unit;
  }
  return true;
}

/** Reads the numbers of `toBytes`, one after the other. */
export class NumberReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(given: Uint8Array) {
    this.bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  }

  /** @throws RangeError where the bytes end too early */
  next(): number {
    const { bytes } = this;
    const mark = bytes.readUInt8(this.at);
    const from = this.at + 1;
    this.at = from;
    if (mark <= MOST_SMALL || mark === MINUS_ONE) return mark === MINUS_ONE ? -1 : mark;
    if (mark === UINT16) return [bytes.readUInt16LE(from), (this.at += 2)][0]!;
    if (mark === UINT32) return [bytes.readUInt32LE(from), (this.at += 4)][0]!;
    this.at += 8;
    return bytes.readDoubleLE(from);
  }
}

/** @throws RangeError where the bytes end too early */
export function fromBytes(given: Uint8Array): Packed {
  const reader = new NumberReader(given);
  const { bytes } = reader;
  const numbers: number[] = [];
  for (let left = reader.next(); left > 0; left -= 1) numbers.push(reader.next());
  const texts: string[] = [];
  while (reader.at < bytes.length) {
    const first = reader.next();
    const [encoding, size] =
      first === -1 ? (['utf16le', reader.next()] as const) : (['utf8', first] as const);
    if (reader.at + size > bytes.length) throw new RangeError('the packed texts end too early');
    texts.push(bytes.toString(encoding, reader.at, reader.at + size));
    reader.at += size;
  }
  return { numbers, texts };
}
