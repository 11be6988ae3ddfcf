import { expect, test } from 'vitest';
import { meaning } from './meaning.ts';
import { inMemory, packTable, readTable } from './table.ts';
import { buildVocabulary } from './vocabulary.ts';

const { stored } = buildVocabulary([
  { text: '\u2581cat', score: -1 },
  { text: '\u2581dog', score: -1 },
]);
const file = packTable({
  vocabulary: stored,
  steps: new Float32Array(32).fill(1).fill(2, 1, 2),
  // cat: 8, 0 and then 1 to 6, dog: 15
  rows: new Uint8Array(32)
    .fill(255)
    .fill(0, 0, 16)
    .fill(8, 0, 1)
    .fill(1 | (2 << 4), 1, 2)
    .fill(3 | (4 << 4), 2, 3)
    .fill(5 | (6 << 4), 3, 4),
});

test('a text is the mean over its distinct pieces', () => {
  const into = new Float64Array(32);
  const { pool } = meaning(readTable(inMemory(file)));
  expect(pool('cat cat dog', into)).toBe(2);
  expect([...into.subarray(0, 8)]).toEqual([4, 0, 0.5, 1, 1.5, 2, 2.5, 3]);
  expect([...into.subarray(8)]).toEqual(Array.from({ length: 24 }, () => 0));
});

test('several texts mean what they mean together, also when they come again', () => {
  const { pool, poolLines } = meaning();
  const lines = ['You answer for a shop that sells shoes.', 'Where is my ﬁrst order?', 'ok'];
  const [together, apart] = [new Float64Array(128), new Float64Array(128)];
  const count = pool(lines.join('\n'), together);
  for (let time = 0; time < 4; time += 1) {
    expect(poolLines(lines, apart)).toBe(count);
    expect(apart).toEqual(together);
  }
});

test('its pieces are kept in order, and what no piece covers is one unknown piece', () => {
  const { pool, inOrder } = meaning(readTable(inMemory(file)));
  pool('dog 123 cat dog', new Float64Array(32));
  const [dog, unknown, cat, again] = inOrder();
  expect([unknown, again]).toEqual([-1, dog]);
  expect(new Set([dog, cat]).size).toBe(2);
  expect(inOrder().length).toBe(4);
});

test('a text without a known piece is nothing', () => {
  const into = new Float64Array(32).fill(3);
  expect(meaning(readTable(inMemory(file))).pool('', into)).toBe(0);
  expect(into.every((value) => value === 0)).toBe(true);
});

test('a damaged file and a foreign one are refused', () => {
  const damaged = Buffer.from(file);
  damaged[damaged.length - 1]! ^= 1;
  expect(() => readTable(inMemory(damaged))).toThrow(/damaged/);
  for (const size of [20, 45, file.length - 1])
    expect(() => readTable(inMemory(file.subarray(0, size)))).toThrow(/damaged/);
  const sizes = Buffer.from(file);
  sizes[44] = 255;
  expect(() => readTable(inMemory(sizes))).toThrow(/damaged/);
  expect(() => readTable(inMemory(Buffer.from('{}')))).toThrow(/not a table/);
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
    inMemory(
      packTable({
        vocabulary: many,
        steps: new Float32Array(32).fill(1),
        rows: new Uint8Array(16 * 9000).fill(15 | (14 << 4)),
      }),
    ),
  );
  const into = new Float64Array(32);
  meaning(table).mean(
    Int32Array.from(pieces, (_, at) => at),
    into,
  );
  expect([...into]).toEqual(Array.from({ length: 32 }, (_, at) => (at % 2 === 0 ? 7.5 : 6.5)));
});
