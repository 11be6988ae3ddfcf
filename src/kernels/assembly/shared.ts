/** What both sets of kernels use. */

// @ts-ignore: a decorator of AssemblyScript
@inline
export function total(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}

// In memory, since V8 makes the constants of a loop anew each time round: three instructions each, where a load is one.
const LEAST: usize = memory.data<f32>([-87]);
const LOG2_E: usize = memory.data<f32>([1.44269504]);
/** Added to a small number, it leaves that number rounded to an integer in the low bits of the sum: 1.5 * 2^23. */
export const ROUNDING: usize = memory.data<f32>([12582912]);
/** ln 2 is their difference; the first times a small integer is exact. */
const LN_2_COARSE: usize = memory.data<f32>([0.693359375]);
const LN_2_FINE: usize = memory.data<f32>([2.12194440e-4]);
const POWER_7: usize = memory.data<f32>([1.98756915e-4]);
const POWER_6: usize = memory.data<f32>([1.39819995e-3]);
const POWER_5: usize = memory.data<f32>([8.33345191e-3]);
const POWER_4: usize = memory.data<f32>([4.16657959e-2]);
const POWER_3: usize = memory.data<f32>([1.66666655e-1]);
const POWER_2: usize = memory.data<f32>([5.00000012e-1]);
const ONE: usize = memory.data<f32>([1]);
/** Of the exponent of a float32. */
const BIAS: usize = memory.data<i32>([127]);

/** The first byte of the memory that nothing of ours stands in, at the beginning of a line of the processor's cache. */
export const ROOM: usize = (__heap_base + 63) & ~63;

// @ts-ignore: a decorator of AssemblyScript
@inline
export function all(constant: usize): v128 {
  return v128.load32_splat(constant);
}

/**
 * e to the power of each, for values up to 0: `expf` of the Cephes library (Moshier), within 2e-7 of the value. Rounding and the maximum are
 * those that are one instruction: WebAssembly's own for numbers that are none take several.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function exp(values: v128): v128 {
  // below this the result is no normal number any more
  const x = f32x4.pmax(values, all(LEAST));
  const rounding = all(ROUNDING);
  const shifted = f32x4.add(f32x4.mul(x, all(LOG2_E)), rounding);
  const times = f32x4.sub(shifted, rounding);
  let rest = f32x4.sub(x, f32x4.mul(times, all(LN_2_COARSE)));
  rest = f32x4.add(rest, f32x4.mul(times, all(LN_2_FINE)));
  let sum = all(POWER_7);
  sum = f32x4.add(f32x4.mul(sum, rest), all(POWER_6));
  sum = f32x4.add(f32x4.mul(sum, rest), all(POWER_5));
  sum = f32x4.add(f32x4.mul(sum, rest), all(POWER_4));
  sum = f32x4.add(f32x4.mul(sum, rest), all(POWER_3));
  sum = f32x4.add(f32x4.mul(sum, rest), all(POWER_2));
  sum = f32x4.add(f32x4.mul(sum, f32x4.mul(rest, rest)), f32x4.add(rest, all(ONE)));
  const power = i32x4.shl(i32x4.add(shifted, all(BIAS)), 23);
  return f32x4.mul(sum, power);
}
