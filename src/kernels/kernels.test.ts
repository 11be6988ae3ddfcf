import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { BESIDE, LANES, type Numbers, openKernels } from './kernels.ts';

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

/** exp(-squared distance) of a place and each row. */
const plainSimilarities = (place: Float32Array, rows: Float32Array): number[] =>
  Array.from({ length: rows.length / place.length }, (_, row) =>
    Math.exp(-place.reduce((sum, one, at) => sum + (one - rows[row * place.length + at]!) ** 2, 0)),
  );

const squares = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value ** 2, 0);

const weighted = (weights: Float32Array, values: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * values[at]!, 0);

test('a place is compared with rows as in the plain loop', () => {
  fc.assert(
    fc.property(matrices, ({ place, rows, weights }) => {
      const count = weights.length;
      const kernels = openKernels(place.length + rows.length + 2 * count + BESIDE);
      const found = { squared: kernels.take(count), nearest: kernels.take(BESIDE) };
      const sum = kernels.compare(
        kernels.copy(place),
        kernels.copyRows(rows, place.length),
        kernels.copy(weights),
        found,
      );
      const plain = plainSimilarities(place, rows);
      expect(sum).toBeCloseTo(weighted(weights, plain), 2);
      found.squared.values.forEach((distance, row) =>
        expect(Math.exp(-distance)).toBeCloseTo(plain[row]!, 5),
      );
      const [similarity, nearest] = found.nearest.values;
      expect(similarity).toBeCloseTo(Math.max(...plain), 5);
      expect(similarity).toBeCloseTo(plain[nearest!]!, 5);
    }),
  );
});

test.each([
  [0, 3, [3, 9, 1, 7]],
  [2, 1, [3, 9, 2, 7, 2, 9, 9, 9]],
  [5, 1, [3, 9, 5, 7, 8, 1, 1, 9]],
  [6, 1, [3, 9, 5, 2, 8, 2, 1, 1]],
])('row %i is the first of the nearest to %i in %j', (first, to, at) => {
  const kernels = openKernels(4 + 6 * at.length + BESIDE);
  const rows = Float32Array.from(at.flatMap((value) => [value, 0, 0, 0]));
  const place = kernels.copy(Float32Array.of(to, 0, 0, 0));
  const found = { squared: kernels.take(at.length), nearest: kernels.take(BESIDE) };
  kernels.compare(place, kernels.copyRows(rows, 4), kernels.take(at.length), found);
  expect(found.nearest.values[1]).toBe(first);
});

test('places beside one are compared as the places themselves', () => {
  const given = sizes.chain(({ width, rows }) =>
    fc.record({
      moves: fc.array(numbers(4 * width), { minLength: 1, maxLength: 5 }),
      rows: numbers(16 * width * rows),
      weights: numbers(4 * rows),
    }),
  );
  fc.assert(
    fc.property(given, ({ moves, rows, weights }) => {
      const [width, count, parts] = [moves[0]!.length, weights.length, moves.length];
      const kernels = openKernels(
        rows.length + (parts + 2) * count + (parts + 1) * (width + BESIDE) + parts * count,
      );
      const all = kernels.take(parts * width);
      moves.forEach((move, at) => part(all, at, width).values.set(move));
      const place = Float32Array.from(moves[0]!, (_, at) =>
        moves.reduce((sum, move) => sum + move[at]!, 0),
      );
      const products = kernels.take((parts - 1) * count);
      const fours = kernels.copyRows(rows, width);
      for (let at = 0; at < parts - 1; at += 1) {
        // the second of a pair may be the same
        const other = Math.min(at + 1, parts - 2);
        kernels.products([part(all, at, width), part(all, other, width)], fours, [
          part(products, at, count),
          part(products, other, count),
        ]);
      }
      const last = {
        place: kernels.copy(place),
        weights: kernels.copy(weights),
        squared: kernels.take(count),
      };
      const nearest = kernels.take(BESIDE);
      kernels.compare(last.place, fours, last.weights, { ...last, nearest });
      const lengths = kernels.copy(
        Float32Array.from({ length: count }, (_, row) =>
          squares(rows.subarray(row * width, (row + 1) * width)),
        ),
      );
      const into = kernels.take(parts * BESIDE);
      // of sums of squares of everything that a distance is made of
      const size =
        Math.sqrt(squares(place)) + Math.sqrt(squares(rows)) + Math.sqrt(squares(all.values));
      const rounding =
        1e-5 * (1 + size ** 2) * weights.reduce((sum, one) => sum + Math.abs(one), 1);
      kernels.compareBeside({ ...last, moves: all, products, lengths }, into);
      moves.forEach((move, at) => {
        const beside = place.map((one, dimension) => one - move[dimension]!);
        const plain = weighted(weights, plainSimilarities(beside, rows));
        expect(Math.abs(into.values[at]! - plain)).toBeLessThan(rounding);
      });
    }),
  );
});

/** One of the pieces of so many numbers. */
const part = ({ at, values }: Numbers, piece: number, size: number): Numbers => ({
  at: at + piece * size * values.BYTES_PER_ELEMENT,
  values: values.subarray(piece * size, (piece + 1) * size),
});

test('numbers come to a common measure as in the plain loop, bit for bit', () => {
  const given = fc.integer({ min: 1, max: 9 }).chain((count) =>
    fc.tuple(
      fc.array(fc.double({ min: -9, max: 9, noNaN: true }), {
        minLength: count,
        maxLength: count,
      }),
      numbers(count),
      numbers(count),
      numbers(count).map((limits) => limits.map(Math.abs)),
      numbers(count),
    ),
  );
  fc.assert(
    fc.property(given, ([values, middles, factors, limits, shares]) => {
      const kernels = openKernels(7 * (values.length + LANES));
      const doubles = kernels.takeDoubles(values.length);
      doubles.values.set(values);
      const into = kernels.take(values.length);
      const behind = kernels.copy(Float32Array.of(7));
      const [middle, factor] = [kernels.copy(middles), kernels.copy(factors)];
      const [limit, share] = [kernels.copy(limits), kernels.copy(shares)];
      const sum = kernels.standardise(doubles, { middle, factor, limit, share }, into);
      let plain = 0;
      values.forEach((value, at) => {
        const free = (value - middles[at]!) * factors[at]!;
        const most = limits[at]!;
        const standard = free > most ? most : free < -most ? -most : free;
        expect(into.values[at]).toBe(Math.fround(standard));
        plain += standard * shares[at]!;
      });
      expect(sum).toBe(plain);
      expect(behind.values[0]).toBe(7);
    }),
  );
});

test('weighted sums of rows are those of the plain loop', () => {
  const given = fc
    .integer({ min: 1, max: 9 })
    .chain((count) => fc.record({ factors: numbers(count), rows: numbers(32 * count) }));
  fc.assert(
    fc.property(given, ({ factors, rows }) => {
      const kernels = openKernels(rows.length + factors.length + 100);
      const into = kernels.take(32);
      kernels.weightedSum(kernels.copy(factors), kernels.copy(rows), into);
      into.values.forEach((value, at) => {
        const plain = factors.map((one, row) => one * rows[row * 32 + at]!);
        expect(value).toBeCloseTo(
          plain.reduce((sum, one) => sum + one, 0),
          3,
        );
      });
    }),
  );
});

test('what is far away has no similarity, and what is the same has all of it', () => {
  const kernels = openKernels(100);
  const rows = new Float32Array(16).fill(100, 4);
  const found = { squared: kernels.take(4), nearest: kernels.take(BESIDE) };
  const weights = kernels.copy(Float32Array.of(1, 1000, 1000, 1000));
  const sum = kernels.compare(kernels.take(4), kernels.copyRows(rows, 4), weights, found);
  expect(sum).toBeCloseTo(1, 30);
  expect([...found.nearest.values.subarray(0, 2)]).toEqual([1, 0]);
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
