/** Logistic regression with a ridge penalty, by Newton's method: exact, deterministic, fast for up to some fifty inputs. */

export interface Logistic {
  readonly bias: number;
  readonly weights: readonly number[];
}

export interface LogisticOptions {
  /** As if so many more rows of unit spread spoke for weights of 0: keeps them finite where all targets are alike. */
  readonly penalty?: number;
  /** What is known of each row before: added to its logarithm of the odds. None if not given. */
  readonly offsets?: readonly number[];
  /** How many rows each stands for; one if not given. */
  readonly counts?: readonly number[];
}

const PENALTY = 1;
const ROUNDS = 30;
/** A step that moves no weight by more than this was the last. */
const SMALLEST_STEP = 1e-9;

/** @param targets - 1 or 0 */
export function fitLogistic(
  inputs: readonly (readonly number[])[],
  targets: readonly number[],
  { penalty = PENALTY, offsets = [], counts = [] }: LogisticOptions = {},
): Logistic {
  const size = (inputs[0]?.length ?? 0) + 1;
  const beta = Array.from({ length: size }, () => 0);
  const rows = inputs.map(sparse);
  const known = targets.map((target, n) => ({
    target,
    offset: offsets[n] ?? 0,
    count: counts[n] ?? 1,
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = beta.map((value, at) => (at === 0 ? 0 : -penalty * value));
    const matrix = beta.map((_, row) =>
      beta.map((__, at) => (row === at && row > 0 ? penalty : 0)),
    );
    for (const [n, row] of rows.entries()) addRow(row, known[n]!, { beta, gradient, matrix });
    const step = solve(matrix, gradient);
    for (let at = 0; at < size; at += 1) beta[at]! += step[at]!;
    if (Math.max(...step.map(Math.abs)) < SMALLEST_STEP) break;
  }
  return { bias: beta[0]!, weights: beta.slice(1) };
}

/** The inputs that are not 0, the bias first: where most are, a fit takes a small part of the time. */
interface Row {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

function sparse(inputs: readonly number[]): Row {
  const [places, values] = [[0], [1]];
  for (const [at, value] of inputs.entries()) {
    if (value === 0) continue;
    places.push(at + 1);
    values.push(value);
  }
  return { places, values };
}

interface Known {
  readonly target: number;
  readonly offset: number;
  readonly count: number;
}

interface Sums {
  readonly beta: readonly number[];
  readonly gradient: number[];
  readonly matrix: number[][];
}

function addRow(
  { places, values }: Row,
  { target, offset, count }: Known,
  { beta, gradient, matrix }: Sums,
): void {
  let sum = offset;
  for (let at = 0; at < places.length; at += 1) sum += values[at]! * beta[places[at]!]!;
  const p = 1 / (1 + Math.exp(-sum));
  const weight = count * Math.max(1e-9, p * (1 - p));
  for (let a = 0; a < places.length; a += 1) {
    const [value, line] = [values[a]!, matrix[places[a]!]!];
    gradient[places[a]!]! += count * value * (target - p);
    for (let b = 0; b <= a; b += 1) line[places[b]!]! += weight * value * values[b]!;
  }
}

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
