/** Rows of numbers of 0 to 15, two a byte, in the memory of a kernel that adds some of them up. `assembly/kernels.ts` is its source. */
import { openModule } from './kernels.ts';

export interface HalfRows {
  /** Two numbers a byte, low half first. */
  readonly bytes: Uint8Array;
  /** Writes the sum of the picked rows into `into`, which has two numbers for each byte of a row. */
  sum(picked: Int32Array, into: Float64Array): void;
}

interface Exports {
  readonly sumOfHalves: (
    ...numbers: [rows: number, width: number, picked: number, count: number, into: number]
  ) => void;
}

/** Rows are so many bytes, or a multiple. */
export const HALF_ROW_BYTES = 16;
/** Rows that are added up at once: the kernel's sums have 16 bits. */
const MOST = 4096;

/**
 * So many rows, each `width` bytes (a multiple of `HALF_ROW_BYTES`), in memory of their own, which `fill` writes. One caller at a time.
 * @throws WebAssembly.CompileError where the kernel's file is damaged
 */
export function openHalfRows(
  rows: number,
  width: number,
  fill: (bytes: Uint8Array) => void,
): HalfRows {
  const rowBytes = rows * width;
  const pickedBytes = MOST * Int32Array.BYTES_PER_ELEMENT;
  const sumBytes = 2 * width * Uint16Array.BYTES_PER_ELEMENT;
  const { exports, memory, room } = openModule<Exports>(rowBytes + pickedBytes + sumBytes);
  const pickedAt = room + rowBytes;
  const sumsAt = pickedAt + pickedBytes;
  const bytes = new Uint8Array(memory.buffer, room, rowBytes);
  fill(bytes);
  const some = new Int32Array(memory.buffer, pickedAt, MOST);
  const sums = new Uint16Array(memory.buffer, sumsAt, 2 * width);
  const sumOf = (picked: Int32Array): void => {
    some.set(picked);
    exports.sumOfHalves(room, width, pickedAt, picked.length, sumsAt);
  };
  return {
    bytes,
    sum: (picked, into) => {
      if (picked.length <= MOST) {
        sumOf(picked);
        into.set(sums);
        return;
      }
      into.fill(0);
      for (let from = 0; from < picked.length; from += MOST) {
        sumOf(picked.subarray(from, from + MOST));
        for (let at = 0; at < sums.length; at += 1) into[at]! += sums[at]!;
      }
    },
  };
}
