import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { NEAREST, openKernels } from './kernels.ts';
import { copyLandmarks, filledUp, sizeOfLandmarks } from './landmarks.ts';
import { LANES, type Numbers } from './memory.ts';

/** Values for which float32 loses little, so that the plain loops are a reference. */
const number = fc.float({ min: -4, max: 4, noNaN: true });
const numbers = (length: number): fc.Arbitrary<Float32Array> =>
  fc.array(number, { minLength: length, maxLength: length }).map((each) => Float32Array.from(each));
/** Some landmarks, a place and how far a point lies from it: all so near that similarities differ. */
const small = fc.float({ min: -0.5, max: 0.5, noNaN: true });
const some = (length: number): fc.Arbitrary<Float32Array> =>
  fc.array(small, { minLength: length, maxLength: length }).map((each) => Float32Array.from(each));
const compared = fc
  .record({ width: fc.constantFrom(8, 16), count: fc.integer({ min: 1, max: 70 }) })
  .chain(({ width, count }) =>
    fc.record({
      rows: some(width * count),
      weights: numbers(count),
      place: some(width),
      move: some(width),
    }),
  );

/** Kernels with landmarks, and room for two vectors and their products. */
function withLandmarks(rows: Float32Array, weights: Float32Array) {
  const width = rows.length / weights.length;
  const count = filledUp(weights.length);
  const size = sizeOfLandmarks(weights.length, width, 2);
  const kernels = openKernels(size + 3 * width + 3 * count + NEAREST);
  const landmarks = copyLandmarks(kernels, { rows, weights, vectors: 2 });
  const vectors = kernels.take(2 * width);
  const products = kernels.take(2 * count);
  return {
    kernels,
    landmarks,
    multiply: (first: Float32Array, second: Float32Array) => {
      vectors.values.set(first);
      vectors.values.set(second, width);
      kernels.products(vectors, landmarks, products);
      return [part(products, 0, count), part(products, 1, count)] as const;
    },
    ofNothing: kernels.take(count),
    room: kernels.take(NEAREST),
  };
}

const product = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * other[at]!, 0);

const rowsOf = (rows: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: rows.length / width }, (_, at) =>
    rows.subarray(at * width, (at + 1) * width),
  );

/** exp(-squared distance) of a point and each row. */
const similarities = (point: Float32Array, rows: Float32Array): number[] =>
  rowsOf(rows, point.length).map((row) =>
    Math.exp(-row.reduce((sum, value, at) => sum + (value - point[at]!) ** 2, 0)),
  );

test('vectors are multiplied with landmarks as in the plain loop, as far as whole numbers can tell', () => {
  fc.assert(
    fc.property(compared, ({ rows, weights, place, move }) => {
      const { multiply } = withLandmarks(rows, weights);
      const found = multiply(place, move);
      [place, move].forEach((vector, at) => {
        const width = vector.length;
        // half a level of each column, of the vector's and of the row's, is (width + 1) / 2 of this
        const level =
          vector.reduce((sum, value) => sum + Math.abs(value), 0) *
          (Math.max(...rows.map(Math.abs)) / 32_767);
        rowsOf(rows, width).forEach((row, which) => {
          const error = found[at]!.values[which]! / (2 * Math.LOG2E) - product(vector, row);
          expect(Math.abs(error)).toBeLessThanOrEqual(((width + 1) / 2) * level + 1e-6);
        });
      });
    }),
  );
});

test('a point is compared with landmarks as in the plain loop', () => {
  fc.assert(
    fc.property(compared, ({ rows, weights, place, move }) => {
      const { kernels, landmarks, multiply } = withLandmarks(rows, weights);
      const point = place.map((value, at) => value - move[at]!);
      const [ofPlace, ofMove] = multiply(place, move);
      const sum = kernels.compare(kernels.copy(point), landmarks, ofPlace, ofMove);
      const most = weights.reduce((all, weight) => all + Math.abs(weight), 1);
      const plain = product(weights, Float32Array.from(similarities(point, rows)));
      expect(Math.abs(sum - plain)).toBeLessThan(2e-3 * most);
    }),
  );
});

test('the nearest landmark is found, and how similar it is', () => {
  fc.assert(
    fc.property(compared, ({ rows, weights, place }) => {
      const { kernels, landmarks, multiply, room } = withLandmarks(rows, weights);
      const [ofPlace] = multiply(place, place);
      const found = kernels.nearest(kernels.copy(place), landmarks, ofPlace, room);
      const plain = similarities(place, rows);
      expect(Math.abs(found.similarity - Math.max(...plain))).toBeLessThan(2e-3);
      expect(Math.abs(found.similarity - plain[found.at]!)).toBeLessThan(2e-3);
    }),
  );
});

test.each([
  [0, 3, [3, 9, 1, 7]],
  [2, 1, [3, 9, 2, 7, 2, 9, 9, 9]],
  [5, 1, [3, 9, 5, 7, 8, 1, 1, 9]],
  [6, 1, [3, 9, 5, 2, 8, 2, 1, 1]],
])('landmark %i is the first of the nearest to %i in %j', (first, to, at) => {
  const rows = Float32Array.from(at.flatMap((value) => [value, 0, 0, 0, 0, 0, 0, 0]));
  const { kernels, landmarks, multiply, room } = withLandmarks(rows, new Float32Array(at.length));
  const place = Float32Array.of(to, 0, 0, 0, 0, 0, 0, 0);
  const [ofPlace] = multiply(place, place);
  expect(kernels.nearest(kernels.copy(place), landmarks, ofPlace, room).at).toBe(first);
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
  const rows = new Float32Array(32).fill(100, 8);
  const weights = Float32Array.of(1, 1000, 1000, 1000);
  const { kernels, landmarks, multiply, ofNothing, room } = withLandmarks(rows, weights);
  const place = new Float32Array(8);
  const [ofPlace] = multiply(place, place);
  const at = kernels.copy(place);
  expect(kernels.compare(at, landmarks, ofPlace, ofNothing)).toBeCloseTo(1, 5);
  expect(kernels.nearest(at, landmarks, ofPlace, room)).toEqual({ at: 0, similarity: 1 });
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
