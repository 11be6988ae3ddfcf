/**
 * Loops over float32 numbers, four at a time, and over halves of bytes. AssemblyScript: `npm run kernels` makes `../kernels.wasm` of it.
 * Pointers are bytes into the imported memory and divisible by 4; widths are divisible by 4 at least. Every operation
 * is rounded as IEEE 754 says, so that all machines give the same bits.
 */
import { all, ROUNDING, total } from './shared';

export { ROOM } from './shared';

/**
 * Brings `count` numbers of 64 bits to a common measure: `into` takes, as float32, how far each is from its middle, times its factor, and no
 * further than its limit. Gives the sum of what comes out times its share, one after the other in 64 bits; `middles` and all that follow are
 * float32, one a number.
 */
export function standardise(given: usize, count: i32, middles: usize, factors: usize, limits: usize, shares: usize, into: usize): f64 {
  let sum: f64 = 0;
  const end = given + ((<usize>count) << 3);
  const pairs = end - 8;
  for (; given < end; given += 16, middles += 8, factors += 8, limits += 8, shares += 8, into += 8) {
    const most = f64x2.promote_low_f32x4(v128.load64_zero(limits));
    let value = f64x2.sub(v128.load(given), f64x2.promote_low_f32x4(v128.load64_zero(middles)));
    value = f64x2.mul(value, f64x2.promote_low_f32x4(v128.load64_zero(factors)));
    value = f64x2.pmax(f64x2.pmin(value, most), f64x2.neg(most));
    const shared = f64x2.mul(value, f64x2.promote_low_f32x4(v128.load64_zero(shares)));
    sum += f64x2.extract_lane(shared, 0);
    if (given == pairs) {
      v128.store32_lane(into, f32x4.demote_f64x2_zero(value), 0);
      break;
    }
    v128.store64_lane(into, f32x4.demote_f64x2_zero(value), 0);
    sum += f64x2.extract_lane(shared, 1);
  }
  return sum;
}

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
      b = f32x4.add(b, f32x4.mul(factor, v128.load(row, 16)));
      c = f32x4.add(c, f32x4.mul(factor, v128.load(row, 32)));
      d = f32x4.add(d, f32x4.mul(factor, v128.load(row, 48)));
    }
    v128.store(into + at, a);
    v128.store(into + at + 16, b);
    v128.store(into + at + 32, c);
    v128.store(into + at + 48, d);
  }
}

/** The sum of `a[at] * b[at]`, `count` numbers; `count` is divisible by 4. */
function dot(a: usize, b: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16)
    sum = f32x4.add(sum, f32x4.mul(v128.load(a), v128.load(b)));
  return total(sum);
}

/** Rows of whole numbers: `count` of `width`; `count` is divisible by 32, `width` by 8. */
@unmanaged
class Rows {
  /** By 32 rows and two columns: both numbers of one row, of the next, as 16 bits. */
  levels: usize;
  /** What a level of each column stands for, float32. */
  steps: usize;
  width: i32;
  count: i32;
  /** What products are multiplied with. */
  factor: f32;
}

const MOST_LEVEL: f32 = 32767;

/**
 * A vector of `width` float32 times the steps as 16 bits, the sum of whose sizes is one level's largest, so that no product with a row leaves 32 bits.
 * Gives what a unit of such a product stands for.
 */
function intoLevels(vector: usize, steps: usize, width: i32, into: usize): f32 {
  const end = vector + ((<usize>width) << 2);
  let sum = f32x4.splat(0);
  for (let at = vector, step = steps; at < end; at += 16, step += 16)
    sum = f32x4.add(sum, f32x4.abs(f32x4.mul(v128.load(at), v128.load(step))));
  const size = max<f32>(total(sum), f32.MIN_NORMAL_VALUE);
  const factor = f32x4.splat(MOST_LEVEL / size);
  for (; vector < end; vector += 32, steps += 32, into += 16) {
    const a = f32x4.mul(f32x4.mul(v128.load(vector), v128.load(steps)), factor);
    const b = f32x4.mul(f32x4.mul(v128.load(vector, 16), v128.load(steps, 16)), factor);
    v128.store(
      into,
      i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(f32x4.nearest(a)), i32x4.trunc_sat_f32x4_s(f32x4.nearest(b))),
    );
  }
  return size / MOST_LEVEL;
}

/**
 * The products of `number` vectors with each row, times the rows' factor: `into` takes a float32 a row for each vector. 32 rows at a time with all vectors, while they are
 * near. `room` has 2 * `width` + 16 bytes a vector.
 */
export function products(vectors: usize, number: i32, rows: Rows, room: usize, into: usize): void {
  const size = (<usize>rows.width) << 1;
  const stride = (<usize>rows.count) << 2;
  const last = room + <usize>number * (size + 16);
  for (let at = room; at < last; at += size + 16, vectors += size << 1)
    v128.store(at + size, f32x4.splat(rows.factor * intoLevels(vectors, rows.steps, rows.width, at)));
  const end = into + stride;
  for (let levels = rows.levels; into < end; into += 128, levels += size << 5) {
    let out = into;
    for (let vector = room; vector < last; vector += 16, out += stride) {
      let a = i32x4.splat(0);
      let b = i32x4.splat(0);
      let c = i32x4.splat(0);
      let d = i32x4.splat(0);
      let e = i32x4.splat(0);
      let f = i32x4.splat(0);
      let g = i32x4.splat(0);
      let h = i32x4.splat(0);
      const behind = vector + size;
      for (let row = levels; vector < behind; vector += 4, row += 128) {
        const pair = v128.load32_splat(vector);
        a = i32x4.add(a, i32x4.dot_i16x8_s(pair, v128.load(row)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(pair, v128.load(row, 16)));
        c = i32x4.add(c, i32x4.dot_i16x8_s(pair, v128.load(row, 32)));
        d = i32x4.add(d, i32x4.dot_i16x8_s(pair, v128.load(row, 48)));
        e = i32x4.add(e, i32x4.dot_i16x8_s(pair, v128.load(row, 64)));
        f = i32x4.add(f, i32x4.dot_i16x8_s(pair, v128.load(row, 80)));
        g = i32x4.add(g, i32x4.dot_i16x8_s(pair, v128.load(row, 96)));
        h = i32x4.add(h, i32x4.dot_i16x8_s(pair, v128.load(row, 112)));
      }
      const unit = v128.load(vector);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(a), unit));
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(b), unit), 16);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(c), unit), 32);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(d), unit), 48);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(e), unit), 64);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(f), unit), 80);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(g), unit), 96);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(h), unit), 112);
    }
  }
}

const LOG2_E: f32 = 1.44269504;

/** The smallest power of 2 that is a normal number. */
const LEAST: usize = memory.data<f32>([-126]);
/** 2 to a fraction between -1/2 and 1/2: the polynomial of this degree whose relative error is least (Remez), 2.6e-6. */
const POWER_4: usize = memory.data<f32>([9.570101908e-3]);
const POWER_3: usize = memory.data<f32>([5.591786032e-2]);
const POWER_2: usize = memory.data<f32>([2.402474483e-1]);
const POWER_1: usize = memory.data<f32>([6.931218147e-1]);
const POWER_0: usize = memory.data<f32>([9.999992614e-1]);

/**
 * The sum of `weight * exp(-squared distance)` of a point of `width` float32 and each of `count` rows: |point - row|² = |point|² + |row|² -
 * 2 point · row. `products` times 2 log2 e are those of a place and `less` those of how far it lies from the point; `lengths` are the squared
 * lengths of the rows times log2 e. So the distance is in bits, and e to a power is 2 to that of them. `count` is divisible by 4.
 */
export function compare(point: usize, width: i32, products: usize, less: usize, count: i32, lengths: usize, weights: usize): f32 {
  const own = f32x4.splat(LOG2_E * dot(point, point, width));
  const end = products + ((<usize>count) << 2);
  // the loop keeps these in registers
  const least = all(LEAST);
  const rounding = all(ROUNDING);
  const c4 = all(POWER_4);
  const c3 = all(POWER_3);
  const c2 = all(POWER_2);
  const c1 = all(POWER_1);
  const c0 = all(POWER_0);
  let sum = f32x4.splat(0);
  for (; products < end; products += 16, less += 16, lengths += 16, weights += 16) {
    const product = f32x4.sub(v128.load(products), v128.load(less));
    const near = f32x4.pmax(f32x4.sub(f32x4.sub(product, v128.load(lengths)), own), least);
    const shifted = f32x4.add(near, rounding);
    const rest = f32x4.sub(near, f32x4.sub(shifted, rounding));
    let power = f32x4.add(f32x4.mul(c4, rest), c3);
    power = f32x4.add(f32x4.mul(power, rest), c2);
    power = f32x4.add(f32x4.mul(power, rest), c1);
    power = f32x4.add(f32x4.mul(power, rest), c0);
    // the whole part stands in the low bits of `shifted`, and belongs into the exponent
    power = i32x4.add(power, i32x4.shl(shifted, 23));
    sum = f32x4.add(sum, f32x4.mul(v128.load(weights), power));
  }
  return total(sum);
}

/**
 * Which of the rows that `compare` reads is the nearest to a place, the first of equals: `into`, which has room for eight numbers, takes the squared distance in
 * bits below zero and which row it is, both float32.
 */
export function nearest(place: usize, width: i32, products: usize, count: i32, lengths: usize, into: usize): void {
  const end = products + ((<usize>count) << 2);
  let most = f32x4.splat(-Infinity);
  let which = i32x4.splat(0);
  let row = i32x4(0, 1, 2, 3);
  for (; products < end; products += 16, lengths += 16) {
    const near = f32x4.sub(v128.load(products), v128.load(lengths));
    which = v128.bitselect(row, which, f32x4.gt(near, most));
    most = f32x4.pmax(most, near);
    row = i32x4.add(row, i32x4.splat(4));
  }
  v128.store(into, most);
  v128.store(into, which, 16);
  firstOfMost(into);
  store<f32>(into, load<f32>(into) - LOG2_E * dot(place, place, width));
}

/** Of four numbers at `at`, and the places of each behind them: the largest, and the first place that has it, into the first two. */
function firstOfMost(at: usize): void {
  let most = load<f32>(at);
  let which = load<i32>(at, 16);
  for (let lane: usize = 4; lane < 16; lane += 4) {
    const value = load<f32>(at + lane);
    const place = load<i32>(at + lane, 16);
    if (value < most || (value == most && place > which)) continue;
    most = value;
    which = place;
  }
  store<f32>(at, most);
  store<f32>(at, <f32>which, 4);
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
