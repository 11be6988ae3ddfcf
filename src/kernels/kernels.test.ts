import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { MOVES, type Numbers, openKernels } from './kernels.ts';

/** Values for which float32 loses little, so that the plain loops are a reference. */
const number = fc.float({ min: -4, max: 4, noNaN: true });
const numbers = (length: number): fc.Arbitrary<Float32Array> =>
  fc.array(number, { minLength: length, maxLength: length }).map((each) => Float32Array.from(each));
const sizes = fc.record({
  width: fc.integer({ min: 1, max: 12 }),
  rows: fc.integer({ min: 1, max: 9 }),
});
const matrices = sizes.chain(({ width, rows }) =>
  fc.record({
    place: numbers(4 * width),
    rows: numbers(16 * width * rows),
    weights: numbers(4 * rows),
  }),
);

test('similarities are those of the plain loop', () => {
  fc.assert(
    fc.property(
      matrices,
      fc.float({ min: 0, max: 2, noNaN: true }),
      ({ place, rows, weights }, scale) => {
        const width = place.length;
        const kernels = openKernels(place.length + rows.length + 2 * weights.length);
        const into = {
          similar: kernels.take(weights.length),
          squared: kernels.take(weights.length),
        };
        kernels.similarities(kernels.copy(place), kernels.copy(rows), scale, into);
        into.similar.values.forEach((value, row) => {
          const distance = place.reduce(
            (sum, one, at) => sum + (one - rows[row * width + at]!) ** 2,
            0,
          );
          expect(value).toBeCloseTo(Math.exp(-scale * distance), 5);
          expect(into.squared.values[row]).toBeCloseTo(distance, 2);
        });
      },
    ),
  );
});

test('similarities beside a place are those of the places themselves', () => {
  const given = sizes.chain(({ width, rows }) =>
    fc.record({
      place: numbers(4 * width),
      rows: numbers(16 * width * rows),
      moves: numbers(4 * width * MOVES),
    }),
  );
  fc.assert(
    fc.property(given, fc.float({ min: 0, max: 2, noNaN: true }), (all, scale) => {
      const width = all.place.length;
      const count = all.rows.length / width;
      const kernels = openKernels(all.rows.length + (2 + MOVES) * width + (4 + MOVES) * count);
      const lengths = Float32Array.from({ length: count }, (_, row) =>
        all.rows
          .subarray(row * width, (row + 1) * width)
          .reduce((sum, value) => sum + value ** 2, 0),
      );
      const [place, rows, moves] = [all.place, all.rows, all.moves].map(kernels.copy) as [
        Numbers,
        Numbers,
        Numbers,
      ];
      const [squared, similar] = [kernels.take(count), kernels.take(count)];
      const products = kernels.take(MOVES * count);
      const left = kernels.take(count);
      const last = { place, scale, squared };
      kernels.similarities(place, rows, scale, { squared, similar });
      kernels.products(moves, rows, products);
      kernels.remaining(last, { lengths: kernels.copy(lengths), products, count: MOVES }, left);
      // what is left of the place after all moves, as one more
      const rest = all.place.map((one, at) => {
        let sum = one;
        for (let move = 0; move < MOVES; move += 1) sum -= all.moves[move * width + at]!;
        return sum;
      });
      const each = Array.from({ length: MOVES }, (_, move) => ({
        move: part(moves, move, width),
        into: part(products, move, count),
      }));
      for (const { move, into } of [...each, { move: kernels.copy(rest), into: left }]) {
        kernels.similaritiesBeside(last, move, into);
        for (let row = 0; row < count; row += 1) {
          const distance = all.place.reduce(
            (sum, one, at) => sum + (one - move.values[at]! - all.rows[row * width + at]!) ** 2,
            0,
          );
          expect(into.values[row]).toBeCloseTo(Math.exp(-scale * distance), 2);
        }
      }
    }),
  );
});

/** One of the pieces of so many numbers. */
const part = ({ at, values }: Numbers, piece: number, size: number): Numbers => ({
  at: at + piece * size * values.BYTES_PER_ELEMENT,
  values: values.subarray(piece * size, (piece + 1) * size),
});

test('sums of products and weighted sums of rows are those of the plain loops', () => {
  const given = fc
    .integer({ min: 1, max: 9 })
    .chain((count) =>
      fc.record({ factors: numbers(count), rows: numbers(32 * count), from: fc.nat(count - 1) }),
    );
  fc.assert(
    fc.property(given, ({ factors, rows, from }) => {
      const kernels = openKernels(rows.length + factors.length + 100);
      const [weights, matrix, into] = [kernels.copy(factors), kernels.copy(rows), kernels.take(32)];
      kernels.weightedSum(weights, matrix, { from, to: factors.length }, into);
      into.values.forEach((value, at) => {
        const plain = factors.slice(from).map((one, row) => one * rows[(from + row) * 32 + at]!);
        expect(value).toBeCloseTo(
          plain.reduce((sum, one) => sum + one, 0),
          3,
        );
      });
      expect(kernels.dot(into, matrix)).toBeCloseTo(
        into.values.reduce((sum, one, at) => sum + one * rows[at]!, 0),
        2,
      );
    }),
  );
});

test('what is far away has no similarity, and what is the same has all of it', () => {
  const kernels = openKernels(28);
  const [place, rows] = [kernels.take(4), kernels.take(16)];
  const into = { similar: kernels.take(4), squared: kernels.take(4) };
  rows.values.fill(100, 4);
  kernels.similarities(place, rows, 1, into);
  expect([...into.similar.values]).toEqual([
    1,
    expect.closeTo(0, 30),
    expect.closeTo(0, 30),
    expect.closeTo(0, 30),
  ]);
});

test('more numbers than were asked for are refused', () => {
  expect(() => openKernels(4).take(100_000)).toThrow(RangeError);
});

test.each([
  ['kernels', []],
  ['encoder', ['--enable', 'relaxed-simd']],
])('%s.wasm is made of the source beside it', (name, options) => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-kernels-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const made = join(folder, 'made.wasm');
  // as a process of its own: the types of its library change those of JavaScript's
  execFileSync(process.execPath, [
    'node_modules/assemblyscript/bin/asc.js',
    `src/kernels/assembly/${name}.ts`,
    '--config',
    'src/kernels/assembly/asconfig.json',
    '--outFile',
    made,
    ...options,
  ]);
  expect(readFileSync(made).equals(readFileSync(`src/kernels/${name}.wasm`))).toBe(true);
});
