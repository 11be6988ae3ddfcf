/** Dense linear algebra on row-major Float64Arrays: what fitting needs and no more. Deterministic. */

/**
 * Cholesky factorisation in place: the lower triangle becomes L with L Lᵀ = matrix. The matrix is
 * symmetric and positive definite, `side` rows of `side` numbers.
 */
export function factorise(matrix: Float64Array, side: number): void {
  for (let row = 0; row < side; row += 1) {
    const at = row * side;
    for (let column = 0; column <= row; column += 1) {
      const from = column * side;
      let sum = matrix[at + column]!;
      for (let k = 0; k < column; k += 1) sum -= matrix[at + k]! * matrix[from + k]!;
      matrix[at + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[from + column]!;
    }
  }
}

/** Solves L Lᵀ x = right, for a factor made by `factorise`. */
export function solveFactorised(factor: Float64Array, right: Float64Array): Float64Array {
  const side = right.length;
  const x = Float64Array.from(right);
  for (let row = 0; row < side; row += 1) {
    for (let k = 0; k < row; k += 1) x[row]! -= factor[row * side + k]! * x[k]!;
    x[row]! /= factor[row * side + row]!;
  }
  for (let row = side - 1; row >= 0; row -= 1) {
    x[row]! /= factor[row * side + row]!;
    for (let k = 0; k < row; k += 1) x[k]! -= factor[row * side + k]! * x[row]!;
  }
  return x;
}

/**
 * Eigenvectors of a symmetric matrix by Jacobi's cyclic rotations, the largest eigenvalue first: each is
 * an array of `side` numbers, its largest entry positive.
 */
export function eigenvectors(
  symmetric: Float64Array,
  side: number,
): { value: number; vector: Float64Array }[] {
  const a = Float64Array.from(symmetric);
  // rows of v are eigenvectors at the end
  const v = new Float64Array(side * side);
  for (let at = 0; at < side; at += 1) v[at * side + at] = 1;
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, side) > TOLERANCE * scale; sweep += 1)
    for (let p = 0; p < side; p += 1)
      for (let q = p + 1; q < side; q += 1) rotate(a, v, { p, q, side });
  const found = Array.from({ length: side }, (_, at) => ({
    value: a[at * side + at]!,
    vector: positive(v.slice(at * side, (at + 1) * side)),
  }));
  return found.toSorted((one, other) => other.value - one.value);
}
const MAX_SWEEPS = 30;
const TOLERANCE = 1e-12;

function offDiagonal(a: Float64Array, side: number): number {
  let sum = 0;
  for (let p = 0; p < side; p += 1)
    for (let q = p + 1; q < side; q += 1) sum += a[p * side + q]! ** 2;
  return sum;
}

function rotate(
  a: Float64Array,
  v: Float64Array,
  { p, q, side }: { p: number; q: number; side: number },
): void {
  const apq = a[p * side + q]!;
  if (Math.abs(apq) < 1e-300) return;
  const theta = (a[q * side + q]! - a[p * side + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  // a symmetric matrix: rows first, then the columns of the rotated rows
  turn(a, { first: p * side, second: q * side, c, s, step: 1, count: side });
  turn(a, { first: p, second: q, c, s, step: side, count: side });
  turn(v, { first: p * side, second: q * side, c, s, step: 1, count: side });
}

interface Turn {
  readonly first: number;
  readonly second: number;
  readonly c: number;
  readonly s: number;
  readonly step: number;
  readonly count: number;
}

function turn(values: Float64Array, { first, second, c, s, step, count }: Turn): void {
  for (let k = 0, i = first, j = second; k < count; k += 1, i += step, j += step) {
    const [x, y] = [values[i]!, values[j]!];
    values[i] = c * x - s * y;
    values[j] = s * x + c * y;
  }
}

function positive(vector: Float64Array): Float64Array {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? vector.map((value) => -value) : vector;
}

/** Conjugate gradients stop at this share of the first residual. */
const ENOUGH = 1e-5;
const MAX_ROUNDS = 200;

/** Solves `multiply(x) = right` for a symmetric positive definite `multiply`. */
export function conjugateGradients(
  multiply: (vector: Float64Array) => Float64Array,
  right: Float64Array,
): Float64Array {
  const solution = new Float64Array(right.length);
  const residual = Float64Array.from(right);
  let direction = Float64Array.from(right);
  let size = dot(residual, residual);
  const enough = size * ENOUGH ** 2;
  for (let round = 0; round < MAX_ROUNDS && size > enough; round += 1) {
    const image = multiply(direction);
    const step = size / dot(direction, image);
    for (let at = 0; at < right.length; at += 1) {
      solution[at]! += step * direction[at]!;
      residual[at]! -= step * image[at]!;
    }
    const next = dot(residual, residual);
    direction = direction.map((value, at) => residual[at]! + (next / size) * value);
    size = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}
