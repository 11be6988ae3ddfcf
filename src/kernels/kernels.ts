/** Loops over many float32 numbers at the speed of the processor's vectors. `assembly/kernels.ts` is their source. */
import { readFileSync } from 'node:fs';

/** Numbers in the memory of one set of kernels. */
export interface Numbers {
  /** Where they begin, in bytes. */
  readonly at: number;
  readonly values: Float32Array;
}

/** The same of 64 bits. */
export interface Doubles {
  readonly at: number;
  readonly values: Float64Array;
}

/** How numbers come to a common measure; each has one number a given one. */
export interface Measure {
  /** What is taken off, and the factor after it. */
  readonly middle: Numbers;
  readonly factor: Numbers;
  /** How far from zero the result may be. */
  readonly limit: Numbers;
  /** What the result counts for in the sum. */
  readonly share: Numbers;
}

export interface Kernels {
  /** Room for `count` numbers, zeros. Throws a RangeError where less is left than was asked for at the start. */
  take(count: number): Numbers;
  /** The same with the numbers of another array in it. */
  copy(values: Float32Array): Numbers;
  /** The same for rows of `width` numbers, divisible by 4 as their number is, as `compare` and `products` read them. */
  copyRows(values: Float32Array, width: number): Numbers;
  /** Room for `count` numbers of 64 bits, which is that of twice as many. */
  takeDoubles(count: number): Doubles;
  /** Writes the given numbers in the common measure into `into`, and gives the sum of their shares. */
  standardise(given: Doubles, measure: Measure, into: Numbers): number;
  /** `into = factors × rows`: rows are as wide as `into`, divisible by 16; as many as there are factors. */
  weightedSum(factors: Numbers, rows: Numbers, into: Numbers): void;
  /**
   * The sum of `weight * exp(-squared distance of place and row)`: rows (`copyRows`) are as wide as the place, and each has its weight.
   */
  compare(place: Numbers, rows: Numbers, weights: Numbers, found: Found): number;
  /** The products of each row (`copyRows`) with each of two moves, as wide: a number a row into the beginning of each of `into`. */
  products(moves: Pair, rows: Numbers, into: Pair): void;
  /**
   * What `compare` gives for each place beside the last one, at `place - move`, as the first numbers of `into`, which has room for `BESIDE` a
   * move. A rounding or two less exact than `compare`.
   */
  compareBeside(last: Moved, into: Numbers): void;
}

type Pair = readonly [Numbers, Numbers];

/** What `compare` finds beside its sum. */
interface Found {
  /** A squared distance for each row. */
  readonly squared: Numbers;
  /** The similarity of the nearest row, 0..1, and its index; the first of equals. Room for `BESIDE` numbers. */
  readonly nearest: Numbers;
}

/** Of what `compare` was given last, with its squared distances, and what the place is made of. */
interface Moved {
  readonly place: Numbers;
  readonly weights: Numbers;
  readonly squared: Numbers;
  /** One after the other; together they are the place. */
  readonly moves: Numbers;
  /** Of all moves but the last, one after the other: their products with the rows. */
  readonly products: Numbers;
  /** Squared lengths of the rows. */
  readonly lengths: Numbers;
}

/** Room for results of `compare` and `compareBeside`. */
export const BESIDE = 8;

interface Exports {
  readonly standardise: (
    ...numbers: [
      given: number,
      count: number,
      middles: number,
      factors: number,
      limits: number,
      shares: number,
      into: number,
    ]
  ) => number;
  readonly weightedSum: (
    ...numbers: [factors: number, rows: number, count: number, width: number, into: number]
  ) => void;
  readonly compare: (
    ...numbers: [
      place: number,
      rows: number,
      width: number,
      count: number,
      weights: number,
      squared: number,
      nearest: number,
    ]
  ) => number;
  readonly products: (
    ...numbers: [
      first: number,
      second: number,
      rows: number,
      width: number,
      count: number,
      ofFirst: number,
      ofSecond: number,
    ]
  ) => void;
  readonly compareBeside: (
    ...numbers: [
      place: number,
      width: number,
      moves: number,
      others: number,
      weights: number,
      lengths: number,
      squared: number,
      products: number,
      stride: number,
      count: number,
      into: number,
    ]
  ) => void;
}

const SHIPPED = new URL('./kernels.wasm', import.meta.url);
const PAGE_BYTES = 65_536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** In front of the room. */
const PAGES_OF_CONSTANTS = 1;
/** Numbers are taken so many at a time, and room is given in multiples of it. */
export const LANES = 4;

let shipped: WebAssembly.Module | undefined;

interface Opened<Code> {
  readonly exports: Code;
  readonly memory: WebAssembly.Memory;
  /** Where the room begins, in bytes: a multiple of 64. */
  readonly room: number;
}

/** The code with memory of its own that has so many bytes of room; it is read once a process. Throws where the file is damaged. */
export function openModule<Code>(bytes: number): Opened<Code> {
  shipped ??= new WebAssembly.Module(readFileSync(SHIPPED));
  const initial = PAGES_OF_CONSTANTS + Math.ceil(bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial });
  const { exports } = new WebAssembly.Instance<Code & Begin>(shipped, { env: { memory } });
  return { exports, memory, room: exports.ROOM.value };
}

/** What every module of ours exports: the first byte behind its constants. */
export interface Begin {
  readonly ROOM: { readonly value: number };
}

/** Kernels with memory of their own for `count` numbers: one caller at a time. Throws where the file is damaged. */
export function openKernels(size: number): Kernels {
  const { exports, memory, room } = openModule<Exports>(size * BYTES);
  return {
    ...roomIn(memory, room),
    standardise: (given, { middle, factor, limit, share }, into) =>
      exports.standardise(
        given.at,
        given.values.length,
        middle.at,
        factor.at,
        limit.at,
        share.at,
        into.at,
      ),
    weightedSum: (factors, rows, into) =>
      exports.weightedSum(factors.at, rows.at, factors.values.length, into.values.length, into.at),
    compare: (place, rows, weights, { squared, nearest }) =>
      exports.compare(
        place.at,
        rows.at,
        place.values.length,
        weights.values.length,
        weights.at,
        squared.at,
        nearest.at,
      ),
    products: ([first, second], rows, [ofFirst, ofSecond]) => {
      const width = first.values.length;
      const count = rows.values.length / width;
      exports.products(first.at, second.at, rows.at, width, count, ofFirst.at, ofSecond.at);
    },
    compareBeside: ({ place, weights, squared, moves, products, lengths }, into) => {
      const width = place.values.length;
      const others = moves.values.length / width - 1;
      exports.compareBeside(
        place.at,
        width,
        moves.at,
        others,
        weights.at,
        lengths.at,
        squared.at,
        products.at,
        others === 0 ? 0 : products.values.length / others,
        weights.values.length,
        into.at,
      );
    },
  };
}

/** Memory that is given out and never taken back, from the byte `begin` on. */
function roomIn(
  memory: WebAssembly.Memory,
  begin: number,
): Pick<Kernels, 'take' | 'takeDoubles' | 'copy' | 'copyRows'> {
  let next = begin;
  const placeOf = (size: number): number => {
    const at = next;
    next += Math.ceil(size / LANES) * LANES * BYTES;
    return at;
  };
  const take = (size: number): Numbers => {
    const at = placeOf(size);
    return { at, values: new Float32Array(memory.buffer, at, size) };
  };
  const copy = (values: Float32Array): Numbers => {
    const numbers = take(values.length);
    numbers.values.set(values);
    return numbers;
  };
  return {
    take,
    takeDoubles: (size) => {
      const at = placeOf(2 * size);
      return { at, values: new Float64Array(memory.buffer, at, size) };
    },
    copy,
    copyRows: (values, width) => copy(inFours(values, width)),
  };
}

/** Of four rows in turn four numbers each. */
function inFours(values: Float32Array, width: number): Float32Array {
  const into = new Float32Array(values.length);
  let next = 0;
  for (let rows = 0; rows < values.length; rows += LANES * width) {
    for (let column = 0; column < width; column += LANES) {
      for (let row = 0; row < LANES; row += 1, next += LANES) {
        const from = rows + row * width + column;
        into.set(values.subarray(from, from + LANES), next);
      }
    }
  }
  return into;
}
