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
import { readFileSync } from 'node:fs';
import { half } from '../meaning/packed-numbers.ts';

/** Numbers a token, heads of attention, and numbers between the two feed-forward steps. */
export const WIDTH = 384;
export const HEADS = 12;
export const INNER = 1536;
/** Numbers that share a scale, and the bytes of them with it. */
const BLOCK = 32;
const BLOCK_BYTES = 18;

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
  /** One row a piece, then begin, end and unknown. */
  readonly words: Blocks;
  readonly pieces: number;
  readonly positions: Float32Array;
  readonly norm: Float32Array;
  readonly layers: readonly LayerWeights[];
}

/** Weights before they are a file. */
export type Unpacked = Omit<EncoderWeights, 'hash'>;

const MAGIC = 'SFENCD01';
const HASH_AT = 8;
const BODY_AT = 40;
const HEADER_BYTES = 12;
/** Begin, end and unknown. */
export const MARKS = 3;

const FLOATS_A_LAYER = 3 * WIDTH + WIDTH + INNER + WIDTH + 4 * WIDTH;

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

/** Reads a weights file. Throws an error that says what is wrong where it is damaged or another kind of file. */
export function readEncoder(file: Buffer): EncoderWeights {
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new Error('not the weights of an encoder of this version');
  const body = file.subarray(BODY_AT);
  if (!createHash('sha256').update(body).digest().equals(file.subarray(HASH_AT, BODY_AT)))
    throw new Error('damaged: its checksum is not that of its contents');
  const [layers, pieces, positions] = [0, 4, 8].map((at) => body.readUInt32LE(at));
  const floats = floatReader(body, HEADER_BYTES);
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
  const count = positions! * WIDTH + 2 * WIDTH + layers! * FLOATS_A_LAYER;
  const blocks = blockReader(body, HEADER_BYTES + 4 * count);
  const words = blocks(pieces! + MARKS, WIDTH);
  return {
    hash: file.toString('hex', HASH_AT, BODY_AT),
    words,
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

function floatReader(body: Buffer, from: number): (count: number) => Float32Array {
  let at = from;
  return (count) => {
    // a copy, so that it is aligned
    const numbers = new Float32Array(new Uint8Array(body.subarray(at, at + 4 * count)).buffer);
    at += 4 * count;
    return numbers;
  };
}

function blockReader(body: Buffer, from: number): (rows: number, width: number) => Blocks {
  let at = from;
  return (rows, width) => {
    const size = rows * (width / BLOCK) * BLOCK_BYTES;
    at += size;
    return { bytes: body.subarray(at - size, at), width, rows };
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

/** The weights that ship (some 60 ms). Throws an error that names the file where it is damaged or missing. */
export function shippedEncoder(): EncoderWeights {
  try {
    return readEncoder(readFileSync(SHIPPED));
  } catch (error) {
    throw new Error(
      `src/signals/encoder/encoder.bin cannot be used: ${error instanceof Error ? error.message : 'unreadable'}; install the package again`,
      { cause: error },
    );
  }
}
