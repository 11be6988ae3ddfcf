/** Directions in a cloud of vectors: those in which languages differ, and the main ones. Deterministic. */
import { seeded } from './metrics.ts';
import type { Pair } from './own-rows.ts';

export function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) vector.forEach((value, at) => (sum[at]! += value / vectors.length));
  return sum;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}

/** Takes the parts along orthonormal directions off a vector, in place. */
export function without(vector: Float64Array, directions: readonly Float64Array[]): Float64Array {
  for (const direction of directions) {
    const part = dot(vector, direction);
    for (let at = 0; at < vector.length; at += 1) vector[at]! -= part * direction[at]!;
  }
  return vector;
}

/** A language with fewer texts says too little of where its texts lie. */
const MIN_LANGUAGE_TEXTS = 25;

/** Orthonormal directions in which languages differ: what is left without them is said alike in all. */
export function languageDirections(
  languages: readonly string[],
  centred: readonly Float64Array[],
): Float64Array[] {
  const means = [...Map.groupBy(centred.keys(), (at) => languages[at]!).values()]
    .filter((places) => places.length >= MIN_LANGUAGE_TEXTS)
    .map((places) => meanOf(places.map((at) => centred[at]!)));
  const middle = meanOf(means);
  const found: Float64Array[] = [];
  for (const mean of means.slice(1)) {
    const rest = without(
      mean.map((value, at) => value - middle[at]!),
      found,
    );
    found.push(unit(rest));
  }
  return found;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return vector.map((value) => value / length);
}

/** A language with fewer pairs says too little of how far its translations lie from English. */
const MIN_PAIRS = 20;

/** Orthonormal directions in which translations lie from what they translate, on the mean of each language. */
export function translationDirections(pairs: readonly Pair[]): Float64Array[] {
  const shifts = [...Map.groupBy(pairs, ({ lang }) => lang).values()]
    .filter((list) => list.length >= MIN_PAIRS)
    .map((list) =>
      meanOf(list.map(({ english, other }) => other.map((value, at) => value - english[at]!))),
    );
  return orthonormal(shifts);
}

/** So many rounds bring the plane of the main directions within a percent of its share of the variance. */
const ROUNDS = 10;

/**
 * Orthonormal vectors that span the `count` main directions of a cloud about its mean, by orthogonal iteration:
 * for hundreds of directions of a thousand Jacobi's rotations would take minutes.
 */
export function mainDirections(vectors: readonly Float64Array[], count: number): Float64Array[] {
  const width = vectors[0]!.length;
  const covariance = covarianceOf(vectors);
  const random = seeded(1);
  let found = orthonormal(
    Array.from({ length: count }, () => Float64Array.from({ length: width }, () => random() - 0.5)),
  );
  for (let round = 0; round < ROUNDS; round += 1)
    found = orthonormal(
      found.map((direction) => Float64Array.from(covariance, (row) => dot(row, direction))),
    );
  return found;
}

function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) found.push(unit(without(vector, found)));
  return found;
}

/** Rows of the covariance matrix, but for a factor. */
function covarianceOf(vectors: readonly Float64Array[]): Float64Array[] {
  const width = vectors[0]!.length;
  const middle = meanOf(vectors);
  const columns = Array.from({ length: width }, (_, at) =>
    Float64Array.from(vectors, (vector) => vector[at]! - middle[at]!),
  );
  const rows = columns.map(() => new Float64Array(width));
  columns.forEach((column, a) => {
    for (let b = 0; b <= a; b += 1) {
      const value = dot(column, columns[b]!) / vectors.length;
      rows[a]![b] = value;
      rows[b]![a] = value;
    }
  });
  return rows;
}
