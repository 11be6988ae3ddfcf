/** Loops over many float32 numbers at the speed of the processor's vectors. `assembly/kernels.ts` is their source. */
import { readFileSync } from 'node:fs';

/** Numbers in the memory of one set of kernels. */
export interface Numbers {
  /** Where they begin, in bytes. */
  readonly at: number;
  readonly values: Float32Array;
}

/** From `from` up to `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Kernels {
  /** Room for `count` numbers, zeros. Throws a RangeError where less is left than was asked for at the start. */
  take(count: number): Numbers;
  /** The same with the numbers of another array in it. */
  copy(values: Float32Array): Numbers;
  /**
   * `into = factors × rows`: rows are as wide as `into`, divisible by 16. `part` says which of the rows and
   * of their factors.
   */
  weightedSum(factors: Numbers, rows: Numbers, part: Range, into: Numbers): void;
  /** The sum of the products, of as many numbers as `a` has: divisible by 4. */
  dot(a: Numbers, b: Numbers): number;
  /** For each row of `rows`, as wide as `place`: exp(-scale * squared distance). `into` has one number a row. */
  similarities(place: Numbers, rows: Numbers, scale: number, into: Similarities): void;
  /** The product of each row of `rows` with each of the `MOVES` rows of `moves`, as wide: `into` has one number a move and row. */
  products(moves: Numbers, rows: Numbers, into: Numbers): void;
  /**
   * The same for the one move that is left of the last place after others, whose products stand one after the other: `into` has one number a
   * row. A rounding less exact.
   */
  remaining(last: Compared, moved: Moved, into: Numbers): void;
  /**
   * Similarities of the place that lies `move` beside the last one, where it is taken off it; `into` has the products of move and rows,
   * and gets one similarity a row. A rounding less exact than `similarities`.
   */
  similaritiesBeside(last: Compared, move: Numbers, into: Numbers): void;
}

/** How many moves are multiplied at once. */
export const MOVES = 3;

interface Similarities {
  readonly similar: Numbers;
  readonly squared: Numbers;
}

/** Of what `similarities` was given, and its squared distances. */
interface Compared {
  readonly place: Numbers;
  readonly scale: number;
  readonly squared: Numbers;
}

interface Moved {
  /** Squared lengths of the rows. */
  readonly lengths: Numbers;
  readonly products: Numbers;
  /** How many moves. */
  readonly count: number;
}

interface Exports {
  readonly weightedSum: (
    ...numbers: [factors: number, rows: number, count: number, width: number, into: number]
  ) => void;
  readonly dot: (a: number, b: number, count: number) => number;
  readonly similarities: (
    ...numbers: [
      place: number,
      rows: number,
      width: number,
      count: number,
      scale: number,
      squared: number,
      into: number,
    ]
  ) => void;
  readonly products: (
    ...numbers: [moves: number, rows: number, width: number, count: number, into: number]
  ) => void;
  readonly remaining: (
    ...numbers: [
      place: number,
      width: number,
      lengths: number,
      squared: number,
      moved: number,
      others: number,
      count: number,
      into: number,
    ]
  ) => void;
  readonly similaritiesBeside: (
    ...numbers: [
      place: number,
      move: number,
      width: number,
      count: number,
      scale: number,
      squared: number,
      into: number,
    ]
  ) => void;
}

const SHIPPED = new URL('./kernels.wasm', import.meta.url);
const PAGE_BYTES = 65_536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Numbers are taken so many at a time, and room is given in multiples of it. */
export const LANES = 4;

let shipped: WebAssembly.Module | undefined;

/** The code, read once a process. Throws where the file is damaged. */
export function kernelModule(): WebAssembly.Module {
  shipped ??= new WebAssembly.Module(readFileSync(SHIPPED));
  return shipped;
}

/** Kernels with memory of their own for `count` numbers: one caller at a time. Throws where the file is damaged. */
export function openKernels(size: number): Kernels {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((size * BYTES) / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance<Exports>(kernelModule(), { env: { memory } });
  return {
    ...roomIn(memory),
    weightedSum: (factors, rows, { from, to }, into) => {
      const width = into.values.length;
      exports.weightedSum(
        factors.at + from * BYTES,
        rows.at + from * width * BYTES,
        to - from,
        width,
        into.at,
      );
    },
    dot: (a, b) => exports.dot(a.at, b.at, a.values.length),
    similarities: (place, rows, scale, { similar, squared }) =>
      exports.similarities(
        place.at,
        rows.at,
        place.values.length,
        similar.values.length,
        scale,
        squared.at,
        similar.at,
      ),
    products: (moves, rows, into) => {
      const width = moves.values.length / MOVES;
      exports.products(moves.at, rows.at, width, into.values.length / MOVES, into.at);
    },
    remaining: ({ place, squared }, { lengths, products, count }, into) =>
      exports.remaining(
        place.at,
        place.values.length,
        lengths.at,
        squared.at,
        products.at,
        count,
        into.values.length,
        into.at,
      ),
    similaritiesBeside: ({ place, scale, squared }, move, into) =>
      exports.similaritiesBeside(
        place.at,
        move.at,
        place.values.length,
        into.values.length,
        scale,
        squared.at,
        into.at,
      ),
  };
}

/** Memory that is given out and never taken back. */
function roomIn(memory: WebAssembly.Memory): Pick<Kernels, 'take' | 'copy'> {
  let next = 0;
  const take = (size: number): Numbers => {
    const at = next;
    next += Math.ceil(size / LANES) * LANES * BYTES;
    return { at, values: new Float32Array(memory.buffer, at, size) };
  };
  const copy = (values: Float32Array): Numbers => {
    const numbers = take(values.length);
    numbers.values.set(values);
    return numbers;
  };
  return { take, copy };
}
