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

/** A file from its beginning on. */
export interface TableSource {
  readonly size: number;
  /** Fills `into` with what follows. Throws where less is left. */
  next(into: Uint8Array): void;
}

/** Of bytes in memory. */
export function inMemory(file: Uint8Array): TableSource {
  let at = 0;
  return {
    size: file.length,
    next: (into) => {
      into.set(file.subarray(at, at + into.length));
      at += into.length;
    },
  };
}

/** Reads a table file, each part into its place. Throws an error that says what is wrong where it is damaged or another kind of file. */
export function readTable({ size, next }: TableSource): MeaningTable {
  const head = Buffer.alloc(Math.min(size, BODY_AT));
  next(head);
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new Error('not a table of word pieces of this version');
  const hash = createHash('sha256');
  const take = <Part extends ArrayBufferView>(part: Part): Part => {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    next(bytes);
    hash.update(bytes);
    return part;
  };
  if (size < BODY_AT + SIZES) throw damaged();
  const [nodes = 0, pieces = 0, dimensions = 0] = take(new Uint32Array(SIZES / 4));
  const width = dimensions / 2;
  // Before room is made for sizes that may be anything.
  if (size !== BODY_AT + SIZES + 4 * (nodes + pieces + dimensions) + pieces * width)
    throw damaged();
  if (width % HALF_ROW_BYTES !== 0)
    throw new Error(`its ${dimensions} dimensions are not divisible by 32`);
  const labels = take(new Uint16Array(nodes));
  const shape = take(new Uint16Array(nodes));
  const scores = take(new Float32Array(pieces));
  const steps = take(new Float32Array(dimensions));
  const rows = openHalfRows(pieces, width, take);
  if (!hash.digest().equals(head.subarray(HASH_AT))) throw damaged();
  return { vocabulary: openVocabulary({ labels, shape, scores }), dimensions, steps, rows };
}

const damaged = (): Error => new Error('damaged: its checksum is not that of its contents');
