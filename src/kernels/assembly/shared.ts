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

/** Added to a small number, it leaves that number rounded to an integer in the low bits of the sum: 1.5 * 2^23. */
const ROUNDING: f32 = 12582912;

/**
 * e to the power of each, for values up to 0: `expf` of the Cephes library (Moshier), within 2e-7 of the value. Rounding and the maximum are
 * those that are one instruction: WebAssembly's own for numbers that are none take several.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function exp(values: v128): v128 {
  // below this the result is no normal number any more
  const x = f32x4.pmax(values, f32x4.splat(-87));
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), f32x4.splat(ROUNDING));
  const times = f32x4.sub(shifted, f32x4.splat(ROUNDING));
  // ln 2 in two parts, of which the first times a small integer is exact
  let rest = f32x4.sub(x, f32x4.mul(times, f32x4.splat(0.693359375)));
  rest = f32x4.add(rest, f32x4.mul(times, f32x4.splat(2.12194440e-4)));
  let sum = f32x4.splat(1.98756915e-4);
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(1.39819995e-3));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(8.33345191e-3));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(4.16657959e-2));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(1.66666655e-1));
  sum = f32x4.add(f32x4.mul(sum, rest), f32x4.splat(5.00000012e-1));
  sum = f32x4.add(f32x4.mul(sum, f32x4.mul(rest, rest)), f32x4.add(rest, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  return f32x4.mul(sum, power);
}
