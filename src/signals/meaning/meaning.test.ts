import { expect, test } from 'vitest';
import { meaning } from './meaning.ts';
import { packTable, readTable } from './table.ts';
import { buildVocabulary } from './vocabulary.ts';

const { stored } = buildVocabulary([
  { text: '\u2581cat', score: -1 },
  { text: '\u2581dog', score: -1 },
]);
const file = packTable({
  vocabulary: stored,
  steps: Float32Array.of(1, 2, 1, 1, 1, 1, 1, 1),
  // cat: 8, 0 and then 1 to 6, dog: 15
  rows: Uint8Array.of(8, 1 | (2 << 4), 3 | (4 << 4), 5 | (6 << 4), 255, 255, 255, 255),
});

test('a text is the mean over its distinct pieces', () => {
  const into = new Float64Array(8);
  const { pool } = meaning(readTable(file));
  expect(pool('cat cat dog', into)).toBe(2);
  expect([...into]).toEqual([4, 0, 0.5, 1, 1.5, 2, 2.5, 3]);
});

test('a text without a known piece is nothing', () => {
  const into = new Float64Array(8).fill(3);
  expect(meaning(readTable(file)).pool('', into)).toBe(0);
  expect([...into]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('a damaged file and a foreign one are refused', () => {
  const damaged = Buffer.from(file);
  damaged[damaged.length - 1]! ^= 1;
  expect(() => readTable(damaged)).toThrow(/damaged/);
  expect(() => readTable(Buffer.from('{}'))).toThrow(/not a table/);
});

test('what says the same in two languages lies near, what says something else does not', () => {
  const { dimensions, pool } = meaning();
  const of = (text: string): Float64Array => {
    const into = new Float64Array(dimensions);
    pool(text, into);
    return into;
  };
  const [english, spanish, other] = [
    of('Where is my order? It has not arrived'),
    of('¿Dónde está mi pedido? No ha llegado'),
    of('Prove that the series converges uniformly'),
  ];
  expect(distance(english, spanish)).toBeLessThan(distance(english, other));
});

const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);

test('a mean over more pieces than fit one sum is right', () => {
  const pieces = Array.from({ length: 9000 }, (_, at) => ({
    text: `\u2581${String.fromCharCode(0x4e00 + at)}`,
    score: -1,
  }));
  const { stored: many } = buildVocabulary(pieces);
  const table = readTable(
    packTable({
      vocabulary: many,
      steps: new Float32Array(8).fill(1),
      rows: new Uint8Array(4 * 9000).fill(15 | (14 << 4)),
    }),
  );
  const into = new Float64Array(8);
  meaning(table).mean(
    Int32Array.from(pieces, (_, at) => at),
    into,
  );
  expect([...into]).toEqual([7.5, 6.5, 7.5, 6.5, 7.5, 6.5, 7.5, 6.5]);
});
