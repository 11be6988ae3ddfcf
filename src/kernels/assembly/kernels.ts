/**
 * Loops over float32 numbers, four at a time, and over halves of bytes. AssemblyScript: `npm run kernels` makes `../kernels.wasm` of it.
 * Pointers are bytes into the imported memory and divisible by 4; widths are divisible by 4 at least. Every operation
 * is rounded as IEEE 754 says, so that all machines give the same bits.
 *
 * Rows in fours: four numbers of one row, four of the next, of the third and the fourth, then the next four of each. They are read
 * from beginning to end, so that an address is a sum less to make.
 */
import { exp, total } from './shared';

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

/**
 * The sum of `weight * exp(-squared distance of place and row)` over `count` rows of `width` numbers in fours, of which each has its
 * weight; `count` is divisible by 4. Four rows at a time: their sums do not wait for one another. `squared` takes the squared
 * distances, `nearest`, which has room for eight numbers, how similar the nearest row is and which it is, both float32: the first of equals.
 */
export function compare(place: usize, rows: usize, width: i32, count: i32, weights: usize, squared: usize, nearest: usize): f32 {
  const last = place + ((<usize>width) << 2);
  const end = squared + ((<usize>count) << 2);
  let sum = f32x4.splat(0);
  let most = f32x4.splat(-1);
  let which = i32x4.splat(0);
  let row = i32x4(0, 1, 2, 3);
  for (; squared < end; squared += 16, weights += 16) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let at = place; at < last; at += 16, rows += 64) {
      const point = v128.load(at);
      const toA = f32x4.sub(point, v128.load(rows));
      const toB = f32x4.sub(point, v128.load(rows, 16));
      const toC = f32x4.sub(point, v128.load(rows, 32));
      const toD = f32x4.sub(point, v128.load(rows, 48));
      a = f32x4.add(a, f32x4.mul(toA, toA));
      b = f32x4.add(b, f32x4.mul(toB, toB));
      c = f32x4.add(c, f32x4.mul(toC, toC));
      d = f32x4.add(d, f32x4.mul(toD, toD));
    }
    const distances = totals(a, b, c, d);
    v128.store(squared, distances);
    const similar = exp(f32x4.neg(distances));
    sum = f32x4.add(sum, f32x4.mul(v128.load(weights), similar));
    which = v128.bitselect(row, which, f32x4.gt(similar, most));
    most = f32x4.pmax(most, similar);
    row = i32x4.add(row, i32x4.splat(4));
  }
  v128.store(nearest, most);
  v128.store(nearest, which, 16);
  firstOfMost(nearest);
  return total(sum);
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
 * The products of two moves and each of `count` rows of `width` numbers in fours: a number a row for each move. Four rows at a time with both
 * moves: a row is read once, and all sums have a register.
 */
export function products(first: usize, second: usize, rows: usize, width: i32, count: i32, ofFirst: usize, ofSecond: usize): void {
  const last = first + ((<usize>width) << 2);
  const end = ofFirst + ((<usize>count) << 2);
  for (; ofFirst < end; ofFirst += 16, ofSecond += 16) {
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    let other = second;
    for (let at = first; at < last; at += 16, other += 16, rows += 64) {
      const a = v128.load(at);
      const b = v128.load(other);
      let row = v128.load(rows);
      a0 = f32x4.add(a0, f32x4.mul(row, a));
      b0 = f32x4.add(b0, f32x4.mul(row, b));
      row = v128.load(rows, 16);
      a1 = f32x4.add(a1, f32x4.mul(row, a));
      b1 = f32x4.add(b1, f32x4.mul(row, b));
      row = v128.load(rows, 32);
      a2 = f32x4.add(a2, f32x4.mul(row, a));
      b2 = f32x4.add(b2, f32x4.mul(row, b));
      row = v128.load(rows, 48);
      a3 = f32x4.add(a3, f32x4.mul(row, a));
      b3 = f32x4.add(b3, f32x4.mul(row, b));
    }
    v128.store(ofFirst, totals(a0, a1, a2, a3));
    v128.store(ofSecond, totals(b0, b1, b2, b3));
  }
}

/**
 * What `compare` gives for the places that lie beside the last one by each of `others + 1` moves, at `place - move`, from the squared lengths of
 * the rows, their squared distances and their products with all moves but the last: |place - move - row|² = |place - row|² -
 * 2 (place · move - row · move) + |move|². All moves together are the place, whose products follow from squared lengths and distances:
 * 2 place · row = |place|² + |row|² - |place - row|²; what the others leave of them are the last move's. The products of a move begin
 * `stride` numbers behind those of the one before. `into` has room for eight numbers a move, and takes one for each. A rounding or two less exact than `compare`.
 */
export function compareBeside(
  place: usize, width: i32, moves: usize, others: i32, weights: usize, lengths: usize, squared: usize, products: usize, stride: i32, count: i32,
  into: usize,
): void {
  const end = squared + ((<usize>count) << 2);
  const last = into + ((<usize>others) << 5);
  for (let sums = into; sums <= last; sums += 32, moves += (<usize>width) << 2) {
    v128.store(sums, f32x4.splat(0));
    v128.store(sums, f32x4.splat(dot(moves, moves, width) - 2 * dot(place, moves, width)), 16);
  }
  const own = f32x4.splat(dot(place, place, width));
  const half = f32x4.splat(0.5);
  for (; squared < end; squared += 16, weights += 16, lengths += 16, products += 16) {
    const distances = v128.load(squared);
    const weight = v128.load(weights);
    let left = f32x4.mul(f32x4.add(own, f32x4.sub(v128.load(lengths), distances)), half);
    let from = products;
    for (let sums = into; sums < last; sums += 32, from += (<usize>stride) << 2) {
      const product = v128.load(from);
      left = f32x4.sub(left, product);
      addBeside(sums, distances, product, weight);
    }
    addBeside(last, distances, left, weight);
  }
  for (let sums = into; sums <= last; sums += 32, into += 4) store<f32>(into, total(v128.load(sums)));
}

/** `sums`: a sum of four parts, and behind it what the distances of all rows differ by. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function addBeside(sums: usize, squared: v128, product: v128, weight: v128): void {
  const moved = f32x4.add(squared, f32x4.add(v128.load(sums, 16), f32x4.add(product, product)));
  // rounding may leave less than nothing
  const similar = exp(f32x4.neg(f32x4.pmax(moved, f32x4.splat(0))));
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(weight, similar)));
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
