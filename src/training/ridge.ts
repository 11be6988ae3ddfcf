/** Weighted ridge regression by normal equations: exact, deterministic, and fast for a hundred features. */

export interface Sample {
  readonly features: Float64Array;
  readonly target: number;
  readonly weight: number;
}

export interface Linear {
  readonly bias: number;
  readonly slopes: Float64Array;
}

/** Vectors on which a fit shall say nothing, without its bias: differences of what is meant to be judged alike. */
export interface Silent {
  readonly vectors: readonly Float64Array[];
  readonly weight: number;
}

/** Sums over the samples, from which a fit for any penalty is solved. */
export function fitRidge(
  samples: readonly Sample[],
  penalty: number,
  silent: Silent = { vectors: [], weight: 0 },
): Linear {
  const size = samples[0]?.features.length ?? 0;
  const side = size + 1;
  const matrix = new Float64Array(side * side);
  const right = new Float64Array(side);
  for (const { features, target, weight } of samples) {
    if (weight === 0) continue;
    for (let row = 0; row < size; row += 1) {
      const scaled = features[row]! * weight;
      if (scaled === 0) continue;
      for (let column = 0; column <= row; column += 1) {
        matrix[row * side + column]! += scaled * features[column]!;
      }
      matrix[size * side + row]! += scaled;
      right[row]! += scaled * target;
    }
    matrix[size * side + size]! += weight;
    right[size]! += weight * target;
  }
  addSquares(matrix, silent);
  for (let at = 0; at < size; at += 1) matrix[at * side + at]! += penalty;
  matrix[size * side + size]! += 1e-9;
  const solution = solve(matrix, right);
  return { bias: solution[size]!, slopes: solution.slice(0, size) };
}

/** To the lower triangle of a matrix that has one row more, for the bias. */
function addSquares(matrix: Float64Array, { vectors, weight }: Silent): void {
  for (const vector of vectors)
    for (let row = 0; row < vector.length; row += 1)
      for (let column = 0; column <= row; column += 1)
        matrix[row * (vector.length + 1) + column]! += weight * vector[row]! * vector[column]!;
}

/** Cholesky, in place, of the lower triangle of a symmetric positive definite matrix. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const side = right.length;
  for (let column = 0; column < side; column += 1) {
    for (let row = column; row < side; row += 1) {
      let sum = matrix[row * side + column]!;
      for (let k = 0; k < column; k += 1) {
        sum -= matrix[row * side + k]! * matrix[column * side + k]!;
      }
      matrix[row * side + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[column * side + column]!;
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < side; row += 1) {
    for (let k = 0; k < row; k += 1) solution[row]! -= matrix[row * side + k]! * solution[k]!;
    solution[row]! /= matrix[row * side + row]!;
  }
  for (let row = side - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < side; k += 1)
      solution[row]! -= matrix[k * side + row]! * solution[k]!;
    solution[row]! /= matrix[row * side + row]!;
  }
  return solution;
}
