/**
 * The file of the encoder: the first layers of multilingual-e5-small in four bits. Layout, little-endian: eight
 * bytes `SFENCD01`; SHA-256 of everything after it; layers, pieces and positions (uint32); float32: a row a
 * position with the token type's row added, gain and bias of the embeddings' norm, then for each layer the
 * biases of query, key and value, of the attention's output and of the two feed-forward steps, gain and bias
 * of both norms; then blocks of a float16 scale and 32 numbers of four bits (the first 16 are the low halves):
 * a row for each piece of `../meaning/table.bin` in its order and for begin, end and unknown, and for each layer
 * query, key and value, the attention's output, and both feed-forward steps, a row of blocks each output.
 */
import { createHash } from 'node:crypto';
import { fstatSync, openSync, readSync } from 'node:fs';
import { shippedFile } from '../../lib/shipped-file.ts';
import { half } from '../meaning/packed-numbers.ts';

/** Numbers a token, heads of attention, and numbers between the two feed-forward steps. */
export const WIDTH = 384;
export const HEADS = 12;
export const INNER = 1536;
/** Numbers that share a scale, and the bytes of them with it. */
const BLOCK = 32;
const BLOCK_BYTES = 18;
/** Of a word. */
const ROW_BYTES = (WIDTH / BLOCK) * BLOCK_BYTES;

/** A matrix in four bits, `rows` of `width`. */
export interface Blocks {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly rows: number;
}

export interface LayerWeights {
  readonly attend: Blocks;
  readonly attendBias: Float32Array;
  readonly output: Blocks;
  readonly outputBias: Float32Array;
  readonly widen: Blocks;
  readonly widenBias: Float32Array;
  readonly narrow: Blocks;
  readonly narrowBias: Float32Array;
  /** Gain, then bias, of the norm after the attention and of that at the end. */
  readonly middleNorm: Float32Array;
  readonly endNorm: Float32Array;
}

export interface EncoderWeights {
  /** SHA-256 of all that follows, 64 hex digits: heads are trained for one encoder. */
  readonly hash: string;
  /** Reads a row into `into`: one a piece, then begin, end and unknown. */
  readonly word: (row: number, into: Float32Array) => void;
  readonly pieces: number;
  readonly positions: Float32Array;
  readonly norm: Float32Array;
  readonly layers: readonly LayerWeights[];
}

/** Weights before they are a file. */
export interface Unpacked extends Omit<EncoderWeights, 'hash' | 'word' | 'pieces'> {
  readonly words: Blocks;
}

/** Where weights are read from. */
interface Source {
  readonly size: number;
  /** Fills `into` with what is from byte `at` on. */
  read(into: Uint8Array, at: number): void;
}

const MAGIC = 'SFENCD01';
const HASH_AT = 8;
const BODY_AT = 40;
const HEADER_BYTES = 12;
/** Read at once. */
const PART_BYTES = 1 << 20;
/** Begin, end and unknown. */
export const MARKS = 3;

/** The bytes of a weights file. */
export function packEncoder({ words, positions, norm, layers }: Unpacked): Buffer {
  const header = Uint32Array.of(layers.length, words.rows - MARKS, positions.length / WIDTH);
  const floats = layers.flatMap((layer) => [
    layer.attendBias,
    layer.outputBias,
    layer.widenBias,
    layer.narrowBias,
    layer.middleNorm,
    layer.endNorm,
  ]);
  const blocks = layers.flatMap(({ attend, output, widen, narrow }) =>
    [attend, output, widen, narrow].map(({ bytes }) => bytes),
  );
  const parts = [header, positions, norm, ...floats, words.bytes, ...blocks];
  const body = Buffer.concat(
    parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );
  return Buffer.concat([Buffer.from(MAGIC), createHash('sha256').update(body).digest(), body]);
}

/** Reads weights. Throws an error that says what is wrong where they are damaged or another kind of file. */
export function readEncoder(source: Source): EncoderWeights {
  const head = bytesOf(source, 0, Math.min(source.size, BODY_AT + HEADER_BYTES));
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new Error('not the weights of an encoder of this version');
  const hash = head.toString('hex', HASH_AT, BODY_AT);
  if (digestOf(source) !== hash)
    throw new Error('damaged: its checksum is not that of its contents');
  const [layers, pieces, positions] = [0, 4, 8].map((at) => head.readUInt32LE(BODY_AT + at));
  const { floats, blocks, skip } = readerOf(source, BODY_AT + HEADER_BYTES);
  const places = floats(positions! * WIDTH);
  const norm = floats(2 * WIDTH);
  const small = Array.from({ length: layers! }, () => ({
    attendBias: floats(3 * WIDTH),
    outputBias: floats(WIDTH),
    widenBias: floats(INNER),
    narrowBias: floats(WIDTH),
    middleNorm: floats(2 * WIDTH),
    endNorm: floats(2 * WIDTH),
  }));
  const words = skip((pieces! + MARKS) * ROW_BYTES);
  return {
    hash,
    word: wordsOf(source, words),
    pieces: pieces!,
    positions: places,
    norm,
    layers: small.map((layer) =>
      Object.assign(layer, {
        attend: blocks(3 * WIDTH, WIDTH),
        output: blocks(WIDTH, WIDTH),
        widen: blocks(INNER, WIDTH),
        narrow: blocks(WIDTH, INNER),
      }),
    ),
  };
}

function bytesOf(source: Source, at: number, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  source.read(bytes, at);
  return bytes;
}

/** Of all that follows the digest in the file, a part at a time: as hex digits. */
function digestOf(source: Source): string {
  const hash = createHash('sha256');
  const part = new Uint8Array(PART_BYTES);
  for (let at = BODY_AT; at < source.size; at += PART_BYTES) {
    const here = part.subarray(0, Math.min(PART_BYTES, source.size - at));
    source.read(here, at);
    hash.update(here);
  }
  return hash.digest('hex');
}

/** Reads one thing after another, from `at` on. */
function readerOf(source: Source, from: number) {
  let at = from;
  /** Where what is passed over begins. */
  const skip = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const floats = (count: number): Float32Array => {
    const numbers = new Float32Array(count);
    const bytes = new Uint8Array(numbers.buffer);
    source.read(bytes, skip(bytes.length));
    return numbers;
  };
  const blocks = (rows: number, width: number): Blocks => {
    const size = rows * (width / BLOCK) * BLOCK_BYTES;
    return { bytes: bytesOf(source, skip(size), size), width, rows };
  };
  return { skip, floats, blocks };
}

/** Each word is read when it is met: two thirds of the file, of which a text needs some hundred rows. */
function wordsOf(source: Source, at: number): EncoderWeights['word'] {
  const bytes = new Uint8Array(ROW_BYTES);
  const row = { bytes, width: WIDTH, rows: 1 };
  return (word, into) => {
    source.read(bytes, at + word * ROW_BYTES);
    unpackRow(row, 0, into);
  };
}

/** Writes row `row` of a matrix into `into`. */
export function unpackRow({ bytes, width }: Blocks, row: number, into: Float32Array): void {
  let at = row * (width / BLOCK) * BLOCK_BYTES;
  for (let block = 0; block < width; block += BLOCK, at += BLOCK_BYTES) {
    const scale = half(bytes[at]! | (bytes[at + 1]! << 8));
    for (let pair = 0; pair < BLOCK / 2; pair += 1) {
      const levels = bytes[at + 2 + pair]!;
      into[block + pair] = ((levels & 15) - 8) * scale;
      into[block + BLOCK / 2 + pair] = ((levels >> 4) - 8) * scale;
    }
  }
}

const SHIPPED = new URL('./encoder.bin', import.meta.url);

/** The weights that ship (some 60 ms), with the file left open. Throws an error that names it where it is damaged or missing. */
export function shippedEncoder(): EncoderWeights {
  return shippedFile('signals/encoder/encoder.bin', () =>
    readEncoder(fileSource(openSync(SHIPPED, 'r'))),
  );
}

function fileSource(file: number): Source {
  return {
    size: fstatSync(file).size,
    read: (into, at) => {
      if (readSync(file, into, 0, into.length, at) < into.length)
        throw new Error('shorter than it was');
    },
  };
}
