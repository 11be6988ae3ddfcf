/**
 * Loops over float32 numbers, four at a time, and over halves of bytes. AssemblyScript: `npm run kernels` makes `../kernels.wasm` of it.
 * Pointers are bytes into the imported memory and divisible by 4; widths are divisible by 4 at least. Every operation
 * is rounded as IEEE 754 says, so that all machines give the same bits.
 */
import { exp, total } from './shared';

/**
 * `into = factors × rows`: the sum of `count` rows of `width` numbers, each times its factor; `width` is
 * divisible by 16.
 */
export function weightedSum(factors: usize, rows: usize, count: i32, width: i32, into: usize): void {
  const stride = (<usize>width) << 2;
  const last = factors + ((<usize>count) << 2);
  for (let at: usize = 0; at < stride; at += 64) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let row = rows + at;
    for (let from = factors; from < last; from += 4, row += stride) {
      const factor = v128.load32_splat(from);
      a = f32x4.add(a, f32x4.mul(factor, v128.load(row)));
      b = f32x4.add(b, f32x4.mul(factor, v128.load(row + 16)));
      c = f32x4.add(c, f32x4.mul(factor, v128.load(row + 32)));
      d = f32x4.add(d, f32x4.mul(factor, v128.load(row + 48)));
    }
    v128.store(into + at, a);
    v128.store(into + at + 16, b);
    v128.store(into + at + 32, c);
    v128.store(into + at + 48, d);
  }
}

/** The sum of `a[at] * b[at]`, `count` numbers; `count` is divisible by 4. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16)
    sum = f32x4.add(sum, f32x4.mul(v128.load(a), v128.load(b)));
  return total(sum);
}

/**
 * `into[row] = exp(-scale * squared distance of place and row)` for `count` rows of `width` numbers; `count`
 * is divisible by 4. Four rows at a time: their sums do not wait for one another. `squared` takes the squared distances.
 */
export function similarities(place: usize, rows: usize, width: i32, count: i32, scale: f32, squared: usize, into: usize): void {
  const stride = (<usize>width) << 2;
  const negative = f32x4.splat(-scale);
  const end = into + ((<usize>count) << 2);
  for (; into < end; into += 16, squared += 16, rows += 4 * stride) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16) {
      const point = v128.load(place + at);
      const row = rows + at;
      const toA = f32x4.sub(point, v128.load(row));
      const toB = f32x4.sub(point, v128.load(row + stride));
      const toC = f32x4.sub(point, v128.load(row + 2 * stride));
      const toD = f32x4.sub(point, v128.load(row + 3 * stride));
      a = f32x4.add(a, f32x4.mul(toA, toA));
      b = f32x4.add(b, f32x4.mul(toB, toB));
      c = f32x4.add(c, f32x4.mul(toC, toC));
      d = f32x4.add(d, f32x4.mul(toD, toD));
    }
    const distances = totals(a, b, c, d);
    v128.store(squared, distances);
    v128.store(into, exp(f32x4.mul(negative, distances)));
  }
}

/**
 * The products of three `moves`, one after the other, and each of `count` rows of `width` numbers: `into` takes `count` numbers a move.
 * Four rows at a time with all three moves: a row is read once.
 */
export function products(moves: usize, rows: usize, width: i32, count: i32, into: usize): void {
  const stride = (<usize>width) << 2;
  const length = (<usize>count) << 2;
  const end = into + length;
  for (; into < end; into += 16, rows += 4 * stride) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    let c0 = f32x4.splat(0);
    let c1 = f32x4.splat(0);
    let c2 = f32x4.splat(0);
    let c3 = f32x4.splat(0);
    for (let at: usize = 0; at < stride; at += 16) {
      const a = v128.load(moves + at);
      const b = v128.load(moves + stride + at);
      const c = v128.load(moves + 2 * stride + at);
      let row = v128.load(rows + at);
      a0 = f32x4.add(a0, f32x4.mul(row, a));
      b0 = f32x4.add(b0, f32x4.mul(row, b));
      c0 = f32x4.add(c0, f32x4.mul(row, c));
      row = v128.load(rows + stride + at);
      a1 = f32x4.add(a1, f32x4.mul(row, a));
      b1 = f32x4.add(b1, f32x4.mul(row, b));
      c1 = f32x4.add(c1, f32x4.mul(row, c));
      row = v128.load(rows + 2 * stride + at);
      a2 = f32x4.add(a2, f32x4.mul(row, a));
      b2 = f32x4.add(b2, f32x4.mul(row, b));
      c2 = f32x4.add(c2, f32x4.mul(row, c));
      row = v128.load(rows + 3 * stride + at);
      a3 = f32x4.add(a3, f32x4.mul(row, a));
      b3 = f32x4.add(b3, f32x4.mul(row, b));
      c3 = f32x4.add(c3, f32x4.mul(row, c));
    }
    v128.store(into, totals(a0, a1, a2, a3));
    v128.store(into + length, totals(b0, b1, b2, b3));
    v128.store(into + 2 * length, totals(c0, c1, c2, c3));
  }
}

/**
 * The products of `count` rows with what is left of a place after `others` moves, whose products stand one after the other at `moved`. Those with the
 * place itself follow from squared lengths and distances: 2 place · row = |place|² + |row|² - |place - row|².
 */
export function remaining(place: usize, width: i32, lengths: usize, squared: usize, moved: usize, others: i32, count: i32, into: usize): void {
  const length = (<usize>count) << 2;
  const own = f32x4.splat(dot(place, place, width));
  const half = f32x4.splat(0.5);
  for (let row: usize = 0; row < length; row += 16) {
    let left = f32x4.add(own, f32x4.sub(v128.load(lengths + row), v128.load(squared + row)));
    left = f32x4.mul(left, half);
    let from = moved + row;
    for (let other = 0; other < others; other += 1, from += length) left = f32x4.sub(left, v128.load(from));
    v128.store(into + row, left);
  }
}

/**
 * Similarities as above of the place that lies beside `place` by a move, at `place - move`, from the squared distances of `place` and the
 * move's product with each row, which stand at `into`: |place - move - row|² = |place - row|² - 2 (place · move - row · move) + |move|².
 */
export function similaritiesBeside(place: usize, move: usize, width: i32, count: i32, scale: f32, squared: usize, into: usize): void {
  const negative = f32x4.splat(-scale);
  const shift = f32x4.splat(dot(move, move, width) - 2 * dot(place, move, width));
  const end = into + ((<usize>count) << 2);
  for (; into < end; into += 16, squared += 16) {
    const twice = v128.load(into);
    const moved = f32x4.add(v128.load(squared), f32x4.add(shift, f32x4.add(twice, twice)));
    // rounding may leave less than nothing
    v128.store(into, exp(f32x4.mul(negative, f32x4.pmax(moved, f32x4.splat(0)))));
  }
}

/**
 * Adds up rows of `width` bytes with two numbers of 0 to 15 each, low half first: `into` takes 2 * `width` sums as 16 bits. `picked` says which
 * rows: `count` numbers of 32 bits. `width` is divisible by 16; no sum leaves 16 bits below 4370 rows.
 */
export function sumOfHalves(rows: usize, width: i32, picked: usize, count: i32, into: usize): void {
  const half = i8x16.splat(15);
  const end = picked + ((<usize>count) << 2);
  for (let block: usize = 0; block < <usize>width; block += 16, into += 64) {
    let a = i16x8.splat(0);
    let b = i16x8.splat(0);
    let c = i16x8.splat(0);
    let d = i16x8.splat(0);
    for (let next = picked; next < end; ) {
      // so many sums of at most 15 stay below 256
      const until = min(end, next + 17 * 4);
      let low = i8x16.splat(0);
      let high = i8x16.splat(0);
      for (; next < until; next += 4) {
        const pairs = v128.load(rows + (<usize>load<i32>(next)) * (<usize>width) + block);
        low = i8x16.add(low, v128.and(pairs, half));
        high = i8x16.add(high, v128.and(i16x8.shr_u(pairs, 4), half));
      }
      const first = v128.shuffle<i8>(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const second = v128.shuffle<i8>(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      a = i16x8.add(a, i16x8.extend_low_i8x16_u(first));
      b = i16x8.add(b, i16x8.extend_high_i8x16_u(first));
      c = i16x8.add(c, i16x8.extend_low_i8x16_u(second));
      d = i16x8.add(d, i16x8.extend_high_i8x16_u(second));
    }
    v128.store(into, a);
    v128.store(into + 16, b);
    v128.store(into + 32, c);
    v128.store(into + 48, d);
  }
}

/** The four sums of four vectors. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function totals(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}
