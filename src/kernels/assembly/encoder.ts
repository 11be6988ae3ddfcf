/**
 * The arithmetic of a transformer encoder: linear layers on 8-bit numbers, normalisation and GELU in float32; attention
 * stands beside. AssemblyScript: `npm run kernels` makes `../encoder.wasm` of it. Pointers are bytes into the imported
 * memory and divisible by 16. Tokens are read four at a time: counts of tokens are divisible by 4. The relaxed
 * dot product is the same on every machine here: its second operand has seven bits, and no sum of two products
 * leaves 16 bits. Floating-point operations are rounded as IEEE 754 says.
 */
import { exp, total } from './shared';

export { ROOM } from './shared';

/** Activations in 8 bits: a token's number is its byte times the token's scale. */
@unmanaged
class Activations {
  /** `width` bytes a token. */
  bytes: usize;
  /** float32 a token. */
  scales: usize;
  /** int32 a token: 64 times the sum of its bytes. */
  offsets: usize;
}

/** A linear layer in 7 bits, each byte the weight plus 64. */
@unmanaged
class Linear {
  /** By eight rows and four columns: bytes of rows 0-3, then of rows 4-7, four columns of one row side by side. */
  bytes: usize;
  /** float32 a row. */
  scales: usize;
  bias: usize;
  /** Divisible by 4. */
  width: i32;
  /** Divisible by 8. */
  rows: i32;
}

/** `into = layer(given)`, `rows` float32 a token. */
export function linear(layer: Linear, given: Activations, count: i32, into: usize): void {
  const width = <usize>layer.width;
  const stride = (<usize>layer.rows) << 2;
  let weights = layer.bytes;
  for (let row: usize = 0; row < stride; row += 32, weights += width << 3) {
    const scaleA = v128.load(layer.scales + row);
    const scaleB = v128.load(layer.scales + row + 16);
    const biasA = v128.load(layer.bias + row);
    const biasB = v128.load(layer.bias + row + 16);
    let out = into + row;
    for (let token: usize = 0; token < <usize>count; token += 4, out += 4 * stride) {
      const first = given.bytes + token * width;
      let a0 = i32x4.splat(0);
      let a1 = i32x4.splat(0);
      let a2 = i32x4.splat(0);
      let a3 = i32x4.splat(0);
      let b0 = i32x4.splat(0);
      let b1 = i32x4.splat(0);
      let b2 = i32x4.splat(0);
      let b3 = i32x4.splat(0);
      const second = first + width;
      const third = second + width;
      const fourth = third + width;
      let column = weights;
      for (let at: usize = 0; at < width; at += 4, column += 32) {
        const wA = v128.load(column);
        const wB = v128.load(column + 16);
        const t0 = v128.load32_splat(first + at);
        a0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t0, wA, a0);
        b0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t0, wB, b0);
        const t1 = v128.load32_splat(second + at);
        a1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t1, wA, a1);
        b1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t1, wB, b1);
        const t2 = v128.load32_splat(third + at);
        a2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t2, wA, a2);
        b2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t2, wB, b2);
        const t3 = v128.load32_splat(fourth + at);
        a3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t3, wA, a3);
        b3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(t3, wB, b3);
      }
      const offsets = given.offsets + (token << 2);
      const scales = given.scales + (token << 2);
      v128.store(out, finished(a0, offsets, scales, scaleA, biasA));
      v128.store(out + 16, finished(b0, offsets, scales, scaleB, biasB));
      v128.store(out + stride, finished(a1, offsets + 4, scales + 4, scaleA, biasA));
      v128.store(out + stride + 16, finished(b1, offsets + 4, scales + 4, scaleB, biasB));
      v128.store(out + 2 * stride, finished(a2, offsets + 8, scales + 8, scaleA, biasA));
      v128.store(out + 2 * stride + 16, finished(b2, offsets + 8, scales + 8, scaleB, biasB));
      v128.store(out + 3 * stride, finished(a3, offsets + 12, scales + 12, scaleA, biasA));
      v128.store(out + 3 * stride + 16, finished(b3, offsets + 12, scales + 12, scaleB, biasB));
    }
  }
}

/** The sums of four rows without what the 64 in each weight added, as float32. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function finished(sums: v128, offset: usize, scale: usize, rowScales: v128, bias: v128): v128 {
  const whole = f32x4.convert_i32x4_s(i32x4.sub(sums, v128.load32_splat(offset)));
  return f32x4.add(f32x4.mul(whole, f32x4.mul(v128.load32_splat(scale), rowScales)), bias);
}

/** Rounds `count` tokens of `width` float32 to 8 bits, each token by its largest number; `width` is divisible by 16. */
export function quantise(values: usize, width: i32, count: i32, into: Activations): void {
  const stride = (<usize>width) << 2;
  for (let token = 0; token < count; token += 1, values += stride) {
    let most = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16)
      most = f32x4.max(most, f32x4.abs(v128.load(values + at)));
    const largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    const inverse = f32x4.splat(largest > 0 ? <f32>127 / largest : 0);
    let bytes = into.bytes + <usize>token * <usize>width;
    let sum = i32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 64, bytes += 16) {
      const a = rounded(values + at, inverse);
      const b = rounded(values + at + 16, inverse);
      const c = rounded(values + at + 32, inverse);
      const d = rounded(values + at + 48, inverse);
      sum = i32x4.add(sum, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
      v128.store(
        bytes,
        i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)),
      );
    }
    const place = (<usize>token) << 2;
    store<f32>(into.scales + place, largest / 127);
    store<i32>(
      into.offsets + place,
      64 *
        (i32x4.extract_lane(sum, 0) +
          i32x4.extract_lane(sum, 1) +
          i32x4.extract_lane(sum, 2) +
          i32x4.extract_lane(sum, 3)),
    );
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function rounded(from: usize, inverse: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(from), inverse)));
}

/** `values = normalised(values + residual)` for `count` tokens of `width` numbers; the gain and the bias are one a number. */
export function addAndNormalise(values: usize, residual: usize, width: i32, count: i32, gain: usize): void {
  const stride = (<usize>width) << 2;
  const bias = gain + stride;
  for (let token = 0; token < count; token += 1, values += stride, residual += stride) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16) {
      const value = f32x4.add(v128.load(values + at), v128.load(residual + at));
      v128.store(values + at, value);
      sum = f32x4.add(sum, value);
    }
    const mean = f32x4.splat(total(sum) / <f32>width);
    let square = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16) {
      const apart = f32x4.sub(v128.load(values + at), mean);
      square = f32x4.add(square, f32x4.mul(apart, apart));
    }
    const scale = f32x4.splat(<f32>1 / Mathf.sqrt(total(square) / <f32>width + <f32>1e-12));
    for (let at: usize = 0; at < stride; at += 16) {
      const apart = f32x4.mul(f32x4.sub(v128.load(values + at), mean), scale);
      v128.store(
        values + at,
        f32x4.add(f32x4.mul(apart, v128.load(gain + at)), v128.load(bias + at)),
      );
    }
  }
}

/** x times the normal distribution's share below x, in place; `count` is divisible by 4. */
export function gelu(values: usize, count: i32): void {
  const end = values + ((<usize>count) << 2);
  const one = f32x4.splat(1);
  for (; values < end; values += 16) {
    const x = v128.load(values);
    const z = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678));
    // Abramowitz and Stegun 7.1.26: the error function within 1.5e-7
    const t = f32x4.div(one, f32x4.add(one, f32x4.mul(z, f32x4.splat(0.3275911))));
    let sum = f32x4.splat(1.061405429);
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(-1.453152027));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(1.421413741));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(-0.284496736));
    sum = f32x4.add(f32x4.mul(sum, t), f32x4.splat(0.254829592));
    const beyond = f32x4.mul(f32x4.mul(sum, t), exp(f32x4.neg(f32x4.mul(z, z))));
    // beyond = 1 - erf(|x| / sqrt 2)
    const half = f32x4.mul(beyond, f32x4.splat(0.5));
    const below = v128.bitselect(half, f32x4.sub(one, half), f32x4.lt(x, f32x4.splat(0)));
    v128.store(values, f32x4.mul(x, below));
  }
}

export { attention } from './attention';
