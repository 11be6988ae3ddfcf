import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shippedTable } from '../meaning/meaning.ts';
import { pieceReader } from '../meaning/pieces.ts';
import { type Encoder, MAX_PIECES, openEncoder } from './encoder.ts';
import { MARKS, packEncoder, readEncoder, shippedEncoder, WIDTH } from './weights.ts';

/** Means of the eighth layer that the same 4-bit weights give in float32 (NumPy, a program of its own). */
const cases = z
  .array(z.object({ text: z.string(), mean: z.array(z.number()).length(WIDTH) }))
  .parse(JSON.parse(readFileSync('test/fixtures/encoded-texts.json', 'utf8')));

const weights = shippedEncoder();
const encoder: Encoder = openEncoder(weights);
const read = pieceReader(shippedTable().vocabulary);

function piecesOf(text: string): number[] {
  const pieces: number[] = [];
  read(text, (piece) => pieces.push(piece));
  return pieces;
}

const middle = cases[0]!.mean.map(
  (_, at) => cases.reduce((sum, { mean }) => sum + mean[at]!, 0) / cases.length,
);
const length = (vector: readonly number[]): number => Math.hypot(...vector);

test.each(cases)('as float32 says: $text', ({ text, mean }) => {
  const found = encoder.encode(piecesOf(text));
  const apart = mean.map((value, at) => found[at]! - value);
  const size = length(mean.map((value, at) => value - middle[at]!));
  expect(length(apart) / size).toBeLessThan(0.15);
});

test('a text is encoded alike whatever was encoded before', () => {
  const [short, long] = [piecesOf('Hello there'), piecesOf('word '.repeat(100))];
  const before = encoder.encode(short);
  encoder.encode(long);
  expect(encoder.encode(short)).toEqual(before);
});

test('any pieces are encoded: none, unknown ones, too many', () => {
  for (const pieces of [[], [-1, -1], Array.from({ length: 2 * MAX_PIECES }, (_, at) => at)]) {
    const found = encoder.encode(pieces);
    expect(found.length).toBe(encoder.width);
    expect(found.every(Number.isFinite)).toBe(true);
  }
});

const inMemory = (bytes: Uint8Array): Parameters<typeof readEncoder>[0] => ({
  size: bytes.length,
  read: (into, at) => into.set(bytes.subarray(at, at + into.length)),
});

test('a damaged file and a foreign one are refused', () => {
  const words = { width: WIDTH, rows: MARKS, bytes: new Uint8Array(MARKS * 216) };
  const file = packEncoder({ ...weights, words, layers: weights.layers.slice(0, 1) });
  expect(readEncoder(inMemory(file)).layers.length).toBe(1);
  file[file.length - 1]! ^= 1;
  expect(() => readEncoder(inMemory(file))).toThrow(/damaged/);
  expect(() => readEncoder(inMemory(Buffer.from('{}')))).toThrow(/not the weights/);
});
