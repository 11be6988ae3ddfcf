/** Attention of a transformer encoder in float32, four tokens at a time: a part of `encoder.ts`. */
import { exp, total } from './shared';

/** What attention reads and where it works. All float32. */
@unmanaged
class Attention {
  /** Query, key and value of each token side by side: `3 * heads * 32` numbers a token. */
  tokens: usize;
  heads: i32;
  /** Tokens that are some; those after them, up to `padded`, are none. */
  count: i32;
  /** Divisible by 4. */
  padded: i32;
  /** Room for `32 * padded` numbers: the keys of one head, turned. */
  keys: usize;
  /** Room for `4 * padded` numbers. */
  scores: usize;
  /** `heads * 32` numbers a token. */
  into: usize;
}

/** Numbers of a head. */
const HEAD: usize = 32;
/** 1 / sqrt(32) */
const SHARPNESS: f32 = 0.17677669;

export function attention(work: Attention): void {
  const width = (<usize>work.heads) * HEAD * 4;
  for (let head = 0; head < work.heads; head += 1) {
    const from = work.tokens + <usize>head * HEAD * 4;
    turn(from + width, 3 * width, work);
    for (let token = 0; token < work.padded; token += 4) {
      const queries = from + <usize>token * 3 * width;
      scoresOf(queries, 3 * width, work);
      for (let one = 0; one < 4; one += 1) share(work.scores + ((<usize>(one * work.padded)) << 2), work);
      mix(from + 2 * width, 3 * width, work.into + <usize>token * width + <usize>head * HEAD * 4, work);
    }
  }
}

/** Keys of one head, `padded` numbers for each of its 32. */
function turn(keys: usize, stride: usize, work: Attention): void {
  const padded = <usize>work.padded;
  for (let token: usize = 0; token < padded; token += 4, keys += 4 * stride)
    for (let at: usize = 0; at < HEAD; at += 4) {
      const a = v128.load(keys + (at << 2));
      const b = v128.load(keys + stride + (at << 2));
      const c = v128.load(keys + 2 * stride + (at << 2));
      const d = v128.load(keys + 3 * stride + (at << 2));
      const lowAB = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
      const lowCD = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const highAB = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const highCD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      const into = work.keys + ((at * padded + token) << 2);
      v128.store(into, v128.shuffle<f32>(lowAB, lowCD, 0, 1, 4, 5));
      v128.store(into + (padded << 2), v128.shuffle<f32>(lowAB, lowCD, 2, 3, 6, 7));
      v128.store(into + 2 * (padded << 2), v128.shuffle<f32>(highAB, highCD, 0, 1, 4, 5));
      v128.store(into + 3 * (padded << 2), v128.shuffle<f32>(highAB, highCD, 2, 3, 6, 7));
    }
}

/** Products of four queries with every key. */
function scoresOf(queries: usize, stride: usize, work: Attention): void {
  const row = (<usize>work.padded) << 2;
  const sharp = f32x4.splat(SHARPNESS);
  for (let key: usize = 0; key < row; key += 16) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let column = work.keys + key;
    let query = queries;
    for (let at: usize = 0; at < HEAD; at += 1, column += row, query += 4) {
      const keys = v128.load(column);
      a = f32x4.add(a, f32x4.mul(keys, v128.load32_splat(query)));
      b = f32x4.add(b, f32x4.mul(keys, v128.load32_splat(query + stride)));
      c = f32x4.add(c, f32x4.mul(keys, v128.load32_splat(query + 2 * stride)));
      d = f32x4.add(d, f32x4.mul(keys, v128.load32_splat(query + 3 * stride)));
    }
    const into = work.scores + key;
    v128.store(into, f32x4.mul(a, sharp));
    v128.store(into + row, f32x4.mul(b, sharp));
    v128.store(into + 2 * row, f32x4.mul(c, sharp));
    v128.store(into + 3 * row, f32x4.mul(d, sharp));
  }
}

/** Softmax over the keys that are some; the others get nothing. */
function share(scores: usize, work: Attention): void {
  const end = scores + ((<usize>work.padded) << 2);
  for (let none = scores + ((<usize>work.count) << 2); none < end; none += 4)
    store<f32>(none, -1e30);
  let most = v128.load(scores);
  for (let at = scores; at < end; at += 16) most = f32x4.max(most, v128.load(at));
  const largest = f32x4.splat(
    max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    ),
  );
  let sum = f32x4.splat(0);
  for (let at = scores; at < end; at += 16) {
    const value = exp(f32x4.sub(v128.load(at), largest));
    v128.store(at, value);
    sum = f32x4.add(sum, value);
  }
  const part = f32x4.splat(<f32>1 / total(sum));
  for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), part));
}

/** Four tokens as the values of all, each by its score. Sixteen numbers at a time, for two tokens. */
function mix(values: usize, stride: usize, into: usize, work: Attention): void {
  const row = (<usize>work.padded) << 2;
  const width = (<usize>work.heads) * HEAD * 4;
  for (let pair: usize = 0; pair < 2; pair += 1)
    for (let at: usize = 0; at < HEAD * 4; at += 64) {
      let a0 = f32x4.splat(0);
      let a1 = f32x4.splat(0);
      let a2 = f32x4.splat(0);
      let a3 = f32x4.splat(0);
      let b0 = f32x4.splat(0);
      let b1 = f32x4.splat(0);
      let b2 = f32x4.splat(0);
      let b3 = f32x4.splat(0);
      let score = work.scores + 2 * pair * row;
      let value = values + at;
      for (let key = 0; key < work.count; key += 1, score += 4, value += stride) {
        const a = v128.load32_splat(score);
        const b = v128.load32_splat(score + row);
        const v0 = v128.load(value);
        const v1 = v128.load(value + 16);
        const v2 = v128.load(value + 32);
        const v3 = v128.load(value + 48);
        a0 = f32x4.add(a0, f32x4.mul(a, v0));
        a1 = f32x4.add(a1, f32x4.mul(a, v1));
        a2 = f32x4.add(a2, f32x4.mul(a, v2));
        a3 = f32x4.add(a3, f32x4.mul(a, v3));
        b0 = f32x4.add(b0, f32x4.mul(b, v0));
        b1 = f32x4.add(b1, f32x4.mul(b, v1));
        b2 = f32x4.add(b2, f32x4.mul(b, v2));
        b3 = f32x4.add(b3, f32x4.mul(b, v3));
      }
      const out = into + 2 * pair * width + at;
      v128.store(out, a0);
      v128.store(out + 16, a1);
      v128.store(out + 32, a2);
      v128.store(out + 48, a3);
      v128.store(out + width, b0);
      v128.store(out + width + 16, b1);
      v128.store(out + width + 32, b2);
      v128.store(out + width + 48, b3);
    }
}
