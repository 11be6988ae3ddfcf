import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeGguf } from '../../test/support/make-gguf.ts';
import { abilityOf } from './ability.ts';
import { ggufParametersB } from './gguf-size.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-gguf-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(bytes: Uint8Array): string {
  const file = join(folder, 'own-model.gguf');
  writeFileSync(file, bytes);
  return file;
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);

const entry = (name: string, type: number, ...value: readonly Buffer[]): Buffer =>
  Buffer.concat([text(name), u32(type), ...value]);

const tensor = (sizes: readonly number[], at: number): Buffer =>
  Buffer.concat([text(`blk.${at}`), u32(sizes.length), ...sizes.map(u64), u32(0), u64(0)]);

/** A header with values of several types, and tensors of these dimensions. */
function header(tensors: readonly (readonly number[])[], vocabulary = 3): Buffer {
  const words = Array.from({ length: vocabulary }, (_, word) => text(`word ${word}`));
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(4),
    entry('general.name', 8, text('own')),
    entry('own.rope', 6, u32(0)),
    entry('tokenizer.tokens', 9, u32(8), u64(words.length), ...words),
    entry('tokenizer.kinds', 9, u32(5), u64(2), u32(1), u32(1)),
    ...tensors.map(tensor),
  ]);
}

test('the parameters are the elements of all tensors', () => {
  expect(ggufParametersB(fileOf(header([[2048, 32_000], [2048]])))).toBe(0.065_538_048);
});

test('a vocabulary of megabytes stands before them', () => {
  expect(ggufParametersB(fileOf(header([[1000, 1000]], 60_000)))).toBe(0.001);
});

test('a whole file', () => {
  const bytes = makeGguf({ kind: 'scripted', text: 'Hello there.' });
  expect(ggufParametersB(fileOf(bytes))).toBeGreaterThan(0.000_01);
});

test.each([
  ['no GGUF', Buffer.from('Hello, I am a text.')],
  ['nothing', Buffer.alloc(0)],
  ['of another version', Buffer.concat([Buffer.from('GGUF'), u32(1), u64(0), u64(0)])],
  ['cut', header([[2048, 32_000]]).subarray(0, -20)],
  [
    'damaged in a length',
    Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(1), u64(2n ** 63n)]),
  ],
  ['without tensors', header([])],
])('a file that is %s has no size', (_what, bytes) => {
  expect(ggufParametersB(fileOf(bytes))).toBe(undefined);
});

test('what is no file has none', () => {
  expect(ggufParametersB(join(folder, 'missing.gguf'))).toBe(undefined);
  expect(ggufParametersB(folder)).toBe(undefined);
});

describe('a model that nobody knows', () => {
  test.each([
    [[1024, 1024, 512], 0.81, '537 million parameters by its file, weaker than'],
    [[1024, 1024, 3500], 0, '3.67 billion parameters by its file, like'],
    [[4096, 4096, 512], -0.39, '8.59 billion parameters by its file, stronger than'],
  ])('of %j is compared by its size', (sizes, shift, words) => {
    const file = fileOf(header([sizes]));
    const ability = abilityOf(file);
    expect(ability.shift).toBe(shift);
    expect(ability.said).toContain(words);
  });
});
