/** Loops over many float32 numbers at the speed of the processor's vectors. `assembly/kernels.ts` is their source. */
import { compiled } from './compiled.ts';
import type { Landmarks } from './landmarks.ts';
import { type Doubles, type Numbers, type Room, roomIn } from './memory.ts';

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

export interface Kernels extends Room {
  /** Writes the given numbers in the common measure into `into`, and gives the sum of their shares. */
  standardise(given: Doubles, measure: Measure, into: Numbers): number;
  /** `into = factors × rows`: rows are as wide as `into`, divisible by 16; as many as there are factors. */
  weightedSum(factors: Numbers, rows: Numbers, into: Numbers): void;
  /** The products of vectors, one after the other, with each landmark, in the landmarks' measure: those of the first, of the second and so on. */
  products(vectors: Numbers, landmarks: Landmarks, into: Numbers): void;
  /**
   * The sum of `weight * exp(-squared distance)` of a point and each landmark, from the `products` of a place and of how far it lies from the point.
   */
  compare(point: Numbers, landmarks: Landmarks, products: Numbers, less: Numbers): number;
  /** The landmark that is nearest to a place, the first of equals; `into` has room for `NEAREST` numbers. */
  nearest(place: Numbers, landmarks: Landmarks, products: Numbers, into: Numbers): Nearest;
}

interface Nearest {
  readonly at: number;
  /** exp(-squared distance). */
  readonly similarity: number;
}

/** Room that `nearest` works in. */
export const NEAREST = 8;

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
  readonly products: (
    ...numbers: [vectors: number, count: number, rows: number, room: number, into: number]
  ) => void;
  readonly compare: (
    ...numbers: [
      point: number,
      width: number,
      products: number,
      less: number,
      count: number,
      lengths: number,
      weights: number,
    ]
  ) => number;
  readonly nearest: (
    ...numbers: [
      place: number,
      width: number,
      products: number,
      count: number,
      lengths: number,
      into: number,
    ]
  ) => void;
}

const PAGE_BYTES = 65_536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** In front of the room. */
const PAGES_OF_CONSTANTS = 1;

let shipped: WebAssembly.Module | undefined;

interface Opened<Code> {
  readonly exports: Code;
  readonly memory: WebAssembly.Memory;
  /** Where the room begins, in bytes: a multiple of 64. */
  readonly room: number;
}

/** The code with memory of its own that has so many bytes of room; it is read once a process. Throws where the file is damaged. */
export function openModule<Code>(bytes: number): Opened<Code> {
  shipped ??= compiled('kernels.wasm');
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
    products: (vectors, landmarks, into) =>
      exports.products(
        vectors.at,
        vectors.values.length / landmarks.width,
        landmarks.rows,
        landmarks.room,
        into.at,
      ),
    compare: (point, { width, count, lengths, weights }, products, less) =>
      exports.compare(point.at, width, products.at, less.at, count, lengths.at, weights.at),
    nearest: (place, { width, count, lengths }, products, into) => {
      exports.nearest(place.at, width, products.at, count, lengths.at, into.at);
      return { at: into.values[1]!, similarity: 2 ** Math.min(0, into.values[0]!) };
    },
  };
}
