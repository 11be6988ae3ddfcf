/** Arrays of float32 as text: base64 of their bytes, little-endian. */

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** @param text as `packNumbers` wrote it */
export function unpackNumbers(text: string): Float32Array {
  // A copy: a view of float32 must begin at a multiple of four, and what Buffer gives may not.
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}

export function packNumbers(values: ArrayLike<number>): string {
  const numbers = Float32Array.from(values);
  return Buffer.from(numbers.buffer, 0, BYTES * numbers.length).toString('base64');
}

/** An IEEE 754 half-precision number. */
export function half(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  return sign * 2 ** (exponent - 25) * (1024 + fraction);
}
