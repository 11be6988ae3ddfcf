/** Landmarks in the memory of kernels: places that others are compared with, as whole numbers of 16 bits. */
import type { Numbers, Room } from './memory.ts';

export interface Landmarks {
  /** Where the kernels find how the rows stand, in bytes. */
  readonly rows: number;
  readonly width: number;
  /** Those that stand for nothing included. */
  readonly count: number;
  /** Squared, times log2 e. */
  readonly lengths: Numbers;
  readonly weights: Numbers;
  /** Where vectors are made whole numbers, in bytes. */
  readonly room: number;
}

/** So many rows are multiplied at once: their number is filled up to a multiple with ones that stand for nothing. */
const AT_ONCE = 32;
/** Products of two columns are added at once. */
const COLUMNS = 2;
const MOST_LEVEL = 32_767;
/** A landmark that stands for nothing is so far from everything. */
const FAR = 1e30;
/** Numbers of 32 bits that say how rows stand. */
const HEAD = 5;
const PAD = 4;

export const filledUp = (count: number): number => Math.ceil(count / AT_ONCE) * AT_ONCE;

/** How many numbers `count` landmarks of `width` take in the memory of kernels that multiply them with up to `vectors` at once. */
export const sizeOfLandmarks = (count: number, width: number, vectors: number): number =>
  filledUp(count) * (width / 2 + 2) + width + vectors * roomOfVector(width) + HEAD + PAD;

/** A vector's levels, and what a unit of its products stands for. */
const roomOfVector = (width: number): number => width / 2 + 4;

/**
 * Copies rows of as many numbers, divisible by 8, each with a weight. A number is off by half a level of its column at most, which has 32,767
 * up to the column's largest size. Up to `vectors` are multiplied with them at once.
 */
export function copyLandmarks(
  { take, copy }: Room,
  {
    rows,
    weights,
    vectors,
  }: { readonly rows: Float32Array; readonly weights: Float32Array; readonly vectors: number },
): Landmarks {
  const width = rows.length / weights.length;
  const count = filledUp(weights.length);
  const steps = stepsOf(rows, width);
  const levels = new Int16Array(count * width);
  const lengths = take(count);
  lengths.values.fill(FAR);
  for (let row = 0; row < weights.length; row += 1) {
    let squares = 0;
    for (let column = 0; column < width; column += 1) {
      const step = steps[column]!;
      const level = step === 0 ? 0 : Math.round(rows[row * width + column]! / step);
      levels[placeOf(row, column, width)] = level;
      squares += (level * step) ** 2;
    }
    lengths.values[row] = squares * Math.LOG2E;
  }
  const shares = take(count);
  shares.values.set(weights);
  const head = take(HEAD);
  const how = new DataView(head.values.buffer, head.at);
  [copy(new Float32Array(levels.buffer)).at, copy(steps).at, width, count].forEach((value, at) =>
    how.setInt32(at * Int32Array.BYTES_PER_ELEMENT, value, true),
  );
  head.values[HEAD - 1] = 2 * Math.LOG2E;
  return {
    rows: head.at,
    width,
    count,
    lengths,
    weights: shares,
    room: take(vectors * roomOfVector(width)).at,
  };
}

/** What a level of each column stands for. */
function stepsOf(rows: Float32Array, width: number): Float32Array {
  const steps = new Float32Array(width);
  for (let at = 0, column = 0; at < rows.length; at += 1) {
    const step = Math.abs(rows[at]!) / MOST_LEVEL;
    if (step > steps[column]!) steps[column] = step;
    column = column + 1 === width ? 0 : column + 1;
  }
  return steps;
}

/** By 32 rows and two columns: both numbers of one row, of the next, and so on. */
function placeOf(row: number, column: number, width: number): number {
  const within = row % AT_ONCE;
  const side = column % COLUMNS;
  return (row - within) * width + (column - side) * AT_ONCE + within * COLUMNS + side;
}
