/**
 * The space in which the deep judge compares requests: the fast judge's inputs and the encoder's, brought to a
 * common measure, without the directions in which languages differ, on their main components. No rating
 * enters into it.
 */
import type { InputParts } from '../signals/complexity/inputs.ts';
import { dot, languageDirections, mainDirections, meanOf, without } from './directions.ts';

/** What a part weighs in the distance between two requests, chosen by leaving writers out. */
const FORM_WEIGHT = 0.2;
const COUNT_WEIGHT = 0.08;
const ASKED_WEIGHT = 0.4;
const CONTEXT_WEIGHT = 0.42;
/** Root mean square of the length of the encoder's mean and of its standard deviation. */
const MEAN_LENGTH = 3;
const DEVIATION_LENGTH = 2;
/** Counts further from the mean than so many standard deviations say no more. */
const COUNT_REACH = 4;
/** Main components that are kept; 128 lose .003 of Spearman's .771. */
export const DIMENSIONS = 192;
/** The kernel is exp(-WIDTH * squared distance). */
const WIDTH = 0.08;
/** Goes into the projection, so that the kernel is exp(-squared distance). */
const NARROW = Math.sqrt(WIDTH);
const MOST_LEVEL = 127;

export interface DeepRow {
  readonly inputs: Float64Array;
  readonly lang: string;
}

export interface DeepSpace {
  /** One an input: see `StoredNeed`. */
  readonly middle: Float64Array;
  readonly factor: Float64Array;
  readonly limit: Float64Array;
  /** A row of `DIMENSIONS` numbers for each input. */
  readonly projection: Float64Array;
  /** A row of `DIMENSIONS` levels for each of the given rows, and what a level stands for. */
  readonly levels: Int8Array;
  readonly steps: Float32Array;
}

/** `inputs` are those of the fast judge, as `parts` say, then the encoder's mean and standard deviation. */
export function deepSpace(rows: readonly DeepRow[], parts: InputParts): DeepSpace {
  const measure = measureOf(rows, parts);
  const free = languageFree(rows, measure, parts);
  const axes = mainDirections(free.vectors, DIMENSIONS);
  const size = measure.middle.length;
  const projection = new Float64Array(size * DIMENSIONS);
  axes.forEach((axis, dimension) => {
    for (let at = 0; at < size; at += 1)
      projection[at * DIMENSIONS + dimension] = axis[at]! * NARROW * free.scale[at]!;
  });
  // of vectors without these directions the parts along them are nothing; of requests to come they are not
  removeFrom(projection, free.directions);
  const places = free.vectors.map((vector) =>
    Float64Array.from(axes, (axis) => NARROW * dot(vector, axis)),
  );
  return { ...measure, projection, ...levelled(places) };
}

type Measure = Pick<DeepSpace, 'middle' | 'factor' | 'limit'>;

/** The encoder's inputs are centred only: their length is known once the languages are off. */
function measureOf(rows: readonly DeepRow[], parts: InputParts): Measure {
  const size = rows[0]!.inputs.length;
  const fast = parts.form + parts.counts + parts.asked + parts.context;
  const mean = meanOf(rows.map(({ inputs }) => inputs));
  const middle = new Float64Array(size);
  const factor = new Float64Array(size).fill(1);
  const limit = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const counted = parts.form + parts.counts;
  for (let at = 0; at < size; at += 1) {
    if (at < counted) {
      const square = rows.reduce((sum, { inputs }) => sum + (inputs[at]! - mean[at]!) ** 2, 0);
      const deviation = Math.sqrt(square / rows.length);
      const weight = at < parts.form ? FORM_WEIGHT : COUNT_WEIGHT;
      middle[at] = mean[at]!;
      factor[at] = deviation < 1e-6 ? 0 : weight / deviation;
      limit[at] = COUNT_REACH * weight;
    } else if (at < fast) {
      factor[at] = at < counted + parts.asked ? ASKED_WEIGHT : CONTEXT_WEIGHT;
    } else middle[at] = mean[at]!;
  }
  return { middle, factor, limit };
}

/** Where a request lies in the space, in the measure of the inputs: `DIMENSIONS` numbers. */
export function placeIn(
  { middle, factor, limit, projection }: DeepSpace,
  inputs: Float64Array,
): Float64Array {
  const place = new Float64Array(DIMENSIONS);
  inputs.forEach((value, at) => {
    const free = (value - middle[at]!) * factor[at]!;
    const standard = Math.max(-limit[at]!, Math.min(limit[at]!, free)) / NARROW;
    if (standard === 0) return;
    for (let k = 0; k < DIMENSIONS; k += 1)
      place[k]! += standard * projection[at * DIMENSIONS + k]!;
  });
  return place;
}

/** The place of the row at `at` among those that made the space. */
export function levelsOf({ levels, steps }: DeepSpace, at: number): Float64Array {
  return Float64Array.from(steps, (step, k) => (levels[at * DIMENSIONS + k]! * step) / NARROW);
}

/** What weights of the dimensions of a place are as weights of standardised inputs. */
export function weightsOfInputs(
  { projection, middle }: DeepSpace,
  weights: ArrayLike<number>,
): Float64Array {
  return middle.map((_, at) => {
    let sum = 0;
    for (let k = 0; k < DIMENSIONS; k += 1) sum += projection[at * DIMENSIONS + k]! * weights[k]!;
    return sum / NARROW;
  });
}

interface Free {
  readonly vectors: readonly Float64Array[];
  /** One an input: what its standardised value is multiplied by. */
  readonly scale: Float64Array;
  readonly directions: readonly Float64Array[];
}

function languageFree(
  rows: readonly DeepRow[],
  { middle, factor, limit }: Measure,
  parts: InputParts,
): Free {
  const vectors = rows.map(({ inputs }) =>
    inputs.map((value, at) => {
      const free = (value - middle[at]!) * factor[at]!;
      return Math.max(-limit[at]!, Math.min(limit[at]!, free));
    }),
  );
  const from = parts.form + parts.counts + parts.asked + parts.context;
  const half = (middle.length - from) / 2;
  const scale = new Float64Array(middle.length).fill(1);
  const directions: Float64Array[] = [];
  for (const [start, length] of [
    [from, MEAN_LENGTH],
    [from + half, DEVIATION_LENGTH],
  ] as const) {
    const views = vectors.map((vector) => vector.subarray(start, start + half));
    const found = languageDirections(
      rows.map(({ lang }) => lang),
      views,
    );
    for (const view of views) without(view, found);
    const square = views.reduce((sum, view) => sum + dot(view, view), 0) / views.length;
    const wanted = length / Math.sqrt(square);
    scale.fill(wanted, start, start + half);
    for (const view of views) view.forEach((value, at) => (view[at] = value * wanted));
    for (const direction of found) {
      const whole = new Float64Array(middle.length);
      whole.set(direction, start);
      directions.push(whole);
    }
  }
  return { vectors, scale, directions };
}

/** Makes a projection blind to directions, in place. */
function removeFrom(projection: Float64Array, directions: readonly Float64Array[]): void {
  for (const direction of directions) {
    const along = new Float64Array(DIMENSIONS);
    direction.forEach((value, at) => {
      if (value === 0) return;
      for (let k = 0; k < DIMENSIONS; k += 1) along[k]! += value * projection[at * DIMENSIONS + k]!;
    });
    direction.forEach((value, at) => {
      if (value === 0) return;
      for (let k = 0; k < DIMENSIONS; k += 1) projection[at * DIMENSIONS + k]! -= value * along[k]!;
    });
  }
}

function levelled(places: readonly Float64Array[]): Pick<DeepSpace, 'levels' | 'steps'> {
  const steps = new Float32Array(DIMENSIONS);
  for (const place of places)
    for (let at = 0; at < DIMENSIONS; at += 1)
      steps[at] = Math.max(steps[at]!, Math.abs(place[at]!) / MOST_LEVEL);
  const levels = new Int8Array(places.length * DIMENSIONS);
  places.forEach((place, row) => {
    for (let at = 0; at < DIMENSIONS; at += 1)
      levels[row * DIMENSIONS + at] = Math.round(place[at]! / Math.max(steps[at]!, 1e-12));
  });
  return { levels, steps };
}
