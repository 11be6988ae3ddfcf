/**
 * Fits the fast judge on rated requests: kernel ridge regression on landmarks (Nyström; Rudi, Carratino and
 * Rosasco 2017), in a space whose axes are the directions in which a first fit changes most (the average
 * gradient outer product; Radhakrishnan et al. 2024, doi 10.1126/science.adi5639).
 */
import type { InputParts } from '../signals/complexity/inputs.ts';
import type { StoredNeed } from '../signals/complexity/need.ts';
import { packNumbers } from '../signals/meaning/packed-numbers.ts';
import { translationDirections, without } from './directions.ts';
import { conjugateGradients, eigenvectors, factorise, solveFactorised } from './linear-algebra.ts';
import type { Pair } from './own-rows.ts';
import { type Scaling, scalingOf, standardised, standardPair } from './scaling.ts';

export interface RatedExample {
  readonly inputs: Float64Array;
  /** 0..1. */
  readonly need: number;
  /** So many examples it counts for. */
  readonly weight: number;
}

/** The kernel is exp(-WIDTH * squared distance). */
const WIDTH = 0.08;
const PENALTY = 0.5;
const BIAS_VARIANCE = 1;
/** With 512 everyday requests lose .005 of Spearman, real ones .014. */
const LANDMARKS = 768;
/** Gradients are averaged over every so many-th example. */
const GRADIENT_STEP = 3;
/** Axes that are kept; with 80 nothing is gained. */
const DIMENSIONS = 48;

/** Rows of `width` numbers. */
interface Rows {
  readonly values: Float64Array;
  readonly width: number;
  readonly count: number;
}

interface Machine {
  /** Places of the landmarks among the examples. */
  readonly places: readonly number[];
  readonly landmarks: Rows;
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface FittedNeed {
  readonly stored: StoredNeed;
  /** Which example each landmark is. */
  readonly places: readonly number[];
}

/** It is made blind to the directions in which `pairs`, what is said alike in two languages, lie from each other. */
export function fitNeed(
  examples: readonly RatedExample[],
  parts: InputParts,
  pairs: readonly Pair[],
): FittedNeed {
  const scaling = scalingOf(examples, parts);
  const rows = scaled(examples, scaling);
  // gradients, and with them the axes, are then free of these directions too: of requests to come nothing else is read
  const shifts = translationDirections(pairs.map((pair) => standardPair(pair, scaling)));
  for (let row = 0; row < rows.count; row += 1)
    without(rows.values.subarray(row * rows.width, (row + 1) * rows.width), shifts);
  const needs = Float64Array.from(examples, ({ need }) => need);
  const weights = Float64Array.from(examples, ({ weight }) => weight);
  const axes = axesOf(rows, fitExactly(rows, needs, weights));
  const projected = project(rows, axes);
  const { places, landmarks, ...machine } = fitMachine(projected, needs, weights);
  // the width goes into the axes, so that the kernel is exp(-squared distance)
  const narrow = Math.sqrt(WIDTH);
  return {
    places,
    stored: {
      inputs: rows.width,
      dimensions: projected.width,
      middle: packNumbers(scaling.middle),
      factor: packNumbers(scaling.factor),
      limit: packNumbers(scaling.limit),
      projection: packNumbers(axes.map((value) => value * narrow)),
      landmarks: packNumbers(landmarks.values.map((value) => value * narrow)),
      weights: packNumbers(machine.weights),
      bias: machine.bias,
      ...SHUT,
    },
  };
}

/** A gate that is shut until one is fitted. */
const SHUT = { gate: '', gateBias: 0 };

function scaled(examples: readonly RatedExample[], scaling: Scaling): Rows {
  const width = scaling.middle.length;
  const values = new Float64Array(examples.length * width);
  examples.forEach(({ inputs }, row) => values.set(standardised(inputs, scaling), row * width));
  return { values, width, count: examples.length };
}

/** Kernel values of every row with one of them. */
function kernelColumn({ values, width, count }: Rows, place: number): Float64Array {
  const column = new Float64Array(count);
  const from = place * width;
  for (let row = 0; row < count; row += 1) {
    let distance = 0;
    const at = row * width;
    for (let k = 0; k < width; k += 1) {
      const apart = values[at + k]! - values[from + k]!;
      distance += apart * apart;
    }
    column[row] = Math.exp(-WIDTH * distance);
  }
  return column;
}

/** Landmarks by pivoted Cholesky: each next one is the row that those before explain least. */
function pickLandmarks(rows: Rows, most: number): { places: number[]; columns: Float64Array[] } {
  const rest = new Float64Array(rows.count).fill(1);
  const places: number[] = [];
  const columns: Float64Array[] = [];
  const factors: Float64Array[] = [];
  while (places.length < Math.min(most, rows.count)) {
    let pivot = 0;
    for (let row = 1; row < rows.count; row += 1) if (rest[row]! > rest[pivot]!) pivot = row;
    if (rest[pivot]! < 1e-9) break;
    const column = kernelColumn(rows, pivot);
    const factor = Float64Array.from(column);
    for (const earlier of factors) {
      const part = earlier[pivot]!;
      for (let row = 0; row < rows.count; row += 1) factor[row]! -= part * earlier[row]!;
    }
    const scale = 1 / Math.sqrt(rest[pivot]!);
    for (let row = 0; row < rows.count; row += 1) {
      factor[row]! *= scale;
      rest[row] = Math.max(0, rest[row]! - factor[row]! ** 2);
    }
    rest[pivot] = 0;
    places.push(pivot);
    columns.push(column);
    factors.push(factor);
  }
  return { places, columns };
}

function fitMachine(rows: Rows, needs: Float64Array, times: Float64Array): Machine {
  const { places, columns } = pickLandmarks(rows, LANDMARKS);
  const size = places.length + 1;
  const mean = weightedMean(needs, times);
  const all = [...columns, new Float64Array(rows.count).fill(1)];
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  all.forEach((column, a) => {
    for (let b = 0; b <= a; b += 1) {
      const other = all[b]!;
      let sum = 0;
      for (let row = 0; row < rows.count; row += 1) sum += times[row]! * column[row]! * other[row]!;
      matrix[a * size + b] = sum + PENALTY * prior(columns, places, { a, b });
    }
    for (let row = 0; row < rows.count; row += 1)
      right[a]! += times[row]! * column[row]! * (needs[row]! - mean);
  });
  factorise(matrix, size);
  const solution = solveFactorised(matrix, right);
  const values = new Float64Array(places.length * rows.width);
  places.forEach((place, at) =>
    values.set(rows.values.subarray(place * rows.width, (place + 1) * rows.width), at * rows.width),
  );
  return {
    places,
    landmarks: { values, width: rows.width, count: places.length },
    weights: solution.slice(0, -1),
    bias: solution.at(-1)! + mean,
  };
}

/** The penalty's matrix: the kernel between landmarks, and the inverse variance of the bias. */
function prior(
  columns: readonly Float64Array[],
  places: readonly number[],
  { a, b }: { a: number; b: number },
): number {
  if (a === places.length) return b === a ? 1 / BIAS_VARIANCE : 0;
  return columns[a]![places[b]!]! + (a === b ? 1e-4 : 0);
}

/** `times` say how often each value counts. */
export function weightedMean(values: Float64Array, times: Float64Array): number {
  const total = times.reduce((sum, time) => sum + time, 0);
  return values.reduce((sum, value, at) => sum + value * times[at]!, 0) / total;
}

/** Kernel ridge regression with every row for a landmark, by conjugate gradients. */
function fitExactly(
  rows: Rows,
  needs: Float64Array,
  times: Float64Array,
): Pick<Machine, 'landmarks' | 'weights'> {
  const { count } = rows;
  const kernel = Array.from({ length: count }, (_, place) =>
    Float32Array.from(kernelColumn(rows, place)),
  );
  const mean = weightedMean(needs, times);
  const multiply = (vector: Float64Array): Float64Array => {
    const total = BIAS_VARIANCE * vector.reduce((sum, value) => sum + value, 0);
    return vector.map((value, row) => {
      const column = kernel[row]!;
      let sum = (PENALTY / times[row]!) * value + total;
      for (let at = 0; at < count; at += 1) sum += column[at]! * vector[at]!;
      return sum;
    });
  };
  const weights = conjugateGradients(
    multiply,
    needs.map((need) => need - mean),
  );
  return { landmarks: rows, weights };
}

/**
 * Orthogonal axes, each as long as its direction counts: the root of the average gradient outer product,
 * scaled so that requests lie as far apart as before. `width` rows of `DIMENSIONS` numbers.
 */
function axesOf(rows: Rows, machine: Pick<Machine, 'landmarks' | 'weights'>): Float64Array {
  const { width, count } = rows;
  const outer = new Float64Array(width * width);
  const gradient = new Float64Array(width);
  for (let row = 0; row < count; row += GRADIENT_STEP) {
    gradientAt(rows.values.subarray(row * width, (row + 1) * width), machine, gradient);
    for (let a = 0; a < width; a += 1) {
      const value = gradient[a]! / count;
      if (value === 0) continue;
      for (let b = 0; b < width; b += 1) outer[a * width + b]! += value * gradient[b]!;
    }
  }
  const found = eigenvectors(outer, width).slice(0, DIMENSIONS);
  const axes = new Float64Array(width * found.length);
  found.forEach(({ value, vector }, axis) => {
    const length = Math.max(0, value) ** 0.25;
    for (let at = 0; at < width; at += 1) axes[at * found.length + axis] = length * vector[at]!;
  });
  const scale = Math.sqrt(spread(rows) / spread(project(rows, axes)));
  return axes.map((value) => value * scale);
}

/** Of the fitted function, but for a factor that is the same everywhere. */
function gradientAt(
  point: Float64Array,
  { landmarks, weights }: Pick<Machine, 'landmarks' | 'weights'>,
  into: Float64Array,
): void {
  const { values, width } = landmarks;
  into.fill(0);
  for (let mark = 0; mark < landmarks.count; mark += 1) {
    const from = mark * width;
    let distance = 0;
    for (let at = 0; at < width; at += 1) distance += (point[at]! - values[from + at]!) ** 2;
    const pull = weights[mark]! * Math.exp(-WIDTH * distance);
    for (let at = 0; at < width; at += 1) into[at]! += pull * (point[at]! - values[from + at]!);
  }
}

function project({ values, width, count }: Rows, axes: Float64Array): Rows {
  const dimensions = axes.length / width;
  const projected = new Float64Array(count * dimensions);
  for (let row = 0; row < count; row += 1)
    for (let k = 0; k < width; k += 1) {
      const value = values[row * width + k]!;
      if (value === 0) continue;
      for (let at = 0; at < dimensions; at += 1)
        projected[row * dimensions + at]! += value * axes[k * dimensions + at]!;
    }
  return { values: projected, width: dimensions, count };
}

/** Mean squared distance of the rows from their mean. */
function spread({ values, width, count }: Rows): number {
  let sum = 0;
  for (let at = 0; at < width; at += 1) {
    let [total, square] = [0, 0];
    for (let row = 0; row < count; row += 1) {
      const value = values[row * width + at]!;
      total += value;
      square += value * value;
    }
    sum += square / count - (total / count) ** 2;
  }
  return sum;
}
