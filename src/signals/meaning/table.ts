/**
 * The file of word pieces and what each means: a vocabulary, and a row of 4-bit numbers for each piece.
 * Layout, little-endian: eight bytes `SFMEAN01`; SHA-256 of everything after it; nodes, pieces and
 * dimensions (uint32); labels (uint16 a node), shapes (uint16 a node), scores
 * (float32 a piece), steps (float32 a dimension), rows (half a byte a dimension, low half first). Dimensions are divisible by 32.
 */
import { createHash } from 'node:crypto';
import { HALF_ROW_BYTES, type HalfRows, openHalfRows } from '../../kernels/half-rows.ts';
import { openVocabulary, type StoredVocabulary, type Vocabulary } from './vocabulary.ts';

export interface MeaningTable {
  readonly vocabulary: Vocabulary;
  readonly dimensions: number;
  /** A stored value v of dimension d stands for (v - 7.5) * steps[d]. */
  readonly steps: Float32Array;
  /** A row for each piece. */
  readonly rows: HalfRows;
}

export interface StoredTable {
  readonly vocabulary: StoredVocabulary;
  readonly steps: Float32Array;
  /** Two dimensions a byte. */
  readonly rows: Uint8Array;
}

/** Stored values are 0 to 15; this one, between two of them, stands for zero. */
export const ZERO_LEVEL = 7.5;

const MAGIC = 'SFMEAN01';
const HASH_AT = 8;
const BODY_AT = 40;
const SIZES = 12;

/** The bytes of a table file. */
export function packTable({ vocabulary, steps, rows }: StoredTable): Buffer {
  const { labels, shape, scores } = vocabulary;
  const sizes = Uint32Array.of(labels.length, scores.length, steps.length);
  const parts = [sizes, labels, Uint16Array.from(shape), scores, steps, rows];
  const body = Buffer.concat(
    parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
  return Buffer.concat([Buffer.from(MAGIC), createHash('sha256').update(body).digest(), body]);
}

/** Reads a table file. Throws an error that says what is wrong where it is damaged or another kind of file. */
export function readTable(file: Buffer): MeaningTable {
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new Error('not a table of word pieces of this version');
  const body = file.subarray(BODY_AT);
  const hash = createHash('sha256').update(body).digest();
  if (!hash.equals(file.subarray(HASH_AT, BODY_AT)))
    throw new Error('damaged: its checksum is not that of its contents');
  // copies, so that every section is aligned and the file need not be kept
  const bytes = (size: number): ArrayBuffer => {
    const section = new Uint8Array(body.subarray(at, at + size)).buffer;
    at += size;
    return section;
  };
  let at = 0;
  const [nodes = 0, pieces = 0, dimensions = 0] = new Uint32Array(bytes(SIZES));
  const labels = new Uint16Array(bytes(2 * nodes));
  const shape = new Uint16Array(bytes(2 * nodes));
  const scores = new Float32Array(bytes(4 * pieces));
  const steps = new Float32Array(bytes(4 * dimensions));
  const width = dimensions / 2;
  if (width % HALF_ROW_BYTES !== 0)
    throw new Error(`its ${dimensions} dimensions are not divisible by 32`);
  const rows = openHalfRows(body.subarray(at, at + pieces * width), width);
  return { vocabulary: openVocabulary({ labels, shape, scores }), dimensions, steps, rows };
}
