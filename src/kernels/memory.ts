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

/** What is left of the memory of one set of kernels. */
export interface Room {
  /** Room for `count` numbers, zeros. Throws a RangeError where less is left than was asked for at the start. */
  take(count: number): Numbers;
  /** The same with the numbers of another array in it. */
  copy(values: Float32Array): Numbers;
  /** Room for `count` numbers of 64 bits, which is that of twice as many. */
  takeDoubles(count: number): Doubles;
}

const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Numbers are taken so many at a time, and room is given in multiples of it. */
export const LANES = 4;

/** Memory that is given out and never taken back, from the byte `begin` on. */
export function roomIn(memory: WebAssembly.Memory, begin: number): Room {
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
  };
}
