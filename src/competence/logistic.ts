/** Logistic regression with a ridge penalty, by Newton's method: exact, deterministic, fast for some twenty inputs. */

export interface Logistic {
  readonly bias: number;
  readonly weights: readonly number[];
}

/** As if one more answer of unit spread spoke for 0: keeps weights finite where a kind is all right. */
const PENALTY = 1;
const ROUNDS = 30;

/** @param targets - 1 or 0 */
export function fitLogistic(
  inputs: readonly (readonly number[])[],
  targets: readonly number[],
): Logistic {
  const size = (inputs[0]?.length ?? 0) + 1;
  const beta = Array.from({ length: size }, () => 0);
  const rows = inputs.map((row) => [1, ...row]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = beta.map((value, at) => (at === 0 ? 0 : -PENALTY * value));
    const matrix = beta.map((_, row) =>
      beta.map((__, at) => (row === at && row > 0 ? PENALTY : 0)),
    );
    for (const [n, row] of rows.entries()) addRow(row, targets[n]!, { beta, gradient, matrix });
    const step = solve(matrix, gradient);
    for (let at = 0; at < size; at += 1) beta[at]! += step[at]!;
    if (Math.max(...step.map(Math.abs)) < 1e-9) break;
  }
  return { bias: beta[0]!, weights: beta.slice(1) };
}

interface Sums {
  readonly beta: readonly number[];
  readonly gradient: number[];
  readonly matrix: number[][];
}

function addRow(row: readonly number[], target: number, { beta, gradient, matrix }: Sums): void {
  const p = 1 / (1 + Math.exp(-dot(row, beta)));
  const weight = Math.max(1e-9, p * (1 - p));
  for (let a = 0; a < row.length; a += 1) {
    gradient[a]! += row[a]! * (target - p);
    for (let b = 0; b <= a; b += 1) matrix[a]![b]! += weight * row[a]! * row[b]!;
  }
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0);

/** Cholesky, by the lower triangle of a symmetric positive definite matrix. */
function solve(matrix: number[][], right: readonly number[]): number[] {
  const size = right.length;
  for (let column = 0; column < size; column += 1) {
    for (let row = column; row < size; row += 1) {
      let sum = matrix[row]![column]!;
      for (let k = 0; k < column; k += 1) sum -= matrix[row]![k]! * matrix[column]![k]!;
      matrix[row]![column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[column]![column]!;
    }
  }
  const solution = [...right];
  for (let row = 0; row < size; row += 1) {
    for (let k = 0; k < row; k += 1) solution[row]! -= matrix[row]![k]! * solution[k]!;
    solution[row]! /= matrix[row]![row]!;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let k = row + 1; k < size; k += 1) solution[row]! -= matrix[k]![row]! * solution[k]!;
    solution[row]! /= matrix[row]![row]!;
  }
  return solution;
}
