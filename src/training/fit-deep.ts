/** Fits the deep judge: kernel ridge regression with every rated request for a landmark. */
import { conjugateGradients } from './linear-algebra.ts';
import { DIMENSIONS, type DeepSpace } from './deep-space.ts';
import { type RatedExample, weightedMean } from './fit-need.ts';

const PENALTY = 0.5;
const BIAS_VARIANCE = 1;
/**
 * Who wrote and rated a source has a level of their own: a random intercept of this variance for each, which is no part of
 * what is said of a request. Slopes are then learned inside sources.
 */
const SOURCE_VARIANCE = 0.3;

/** Similarity of every row of a space with every other. */
export type Kernel = readonly Float32Array[];

export interface FittedDeep {
  /** One for each of `places`. */
  readonly weights: Float64Array;
  readonly bias: number;
}

export function kernelOf({ levels, steps }: Pick<DeepSpace, 'levels' | 'steps'>): Kernel {
  const places = Float64Array.from(levels, (level, at) => level * steps[at % DIMENSIONS]!);
  const count = places.length / DIMENSIONS;
  const rows = Array.from({ length: count }, () => new Float32Array(count));
  for (let a = 0; a < count; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let distance = 0;
      for (let at = 0; at < DIMENSIONS; at += 1)
        distance += (places[a * DIMENSIONS + at]! - places[b * DIMENSIONS + at]!) ** 2;
      rows[a]![b] = rows[b]![a] = Math.exp(-distance);
    }
  return rows;
}

interface SourcedExample extends Pick<RatedExample, 'need' | 'weight'> {
  /** Rows of one source share a level. */
  readonly fold: string;
}

/** Fits the rows at `places`; `rated` are all rows. */
export function fitDeep(
  kernel: Kernel,
  rated: readonly SourcedExample[],
  places: readonly number[],
): FittedDeep {
  const chosen = Float64Array.from(places, (place) => rated[place]!.need);
  const times = Float64Array.from(places, (place) => rated[place]!.weight);
  const mean = weightedMean(chosen, times);
  const rows = places.map((place) => {
    const row = kernel[place]!;
    return Float32Array.from(places, (other) => row[other]!);
  });
  const sources = places.map((place) => rated[place]!.fold);
  const multiply = (vector: Float64Array): Float64Array => {
    const total = BIAS_VARIANCE * vector.reduce((sum, value) => sum + value, 0);
    const levels = new Map<string, number>();
    vector.forEach((value, at) =>
      levels.set(sources[at]!, (levels.get(sources[at]!) ?? 0) + SOURCE_VARIANCE * value),
    );
    return vector.map((value, at) => {
      const row = rows[at]!;
      let sum = (PENALTY / times[at]!) * value + total + levels.get(sources[at]!)!;
      for (let other = 0; other < row.length; other += 1) sum += row[other]! * vector[other]!;
      return sum;
    });
  };
  const weights = conjugateGradients(
    multiply,
    chosen.map((need) => need - mean),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { weights, bias: mean + BIAS_VARIANCE * total };
}

/** What a fitted judge says of the row at `place`. */
export function needAt(
  kernel: Kernel,
  { weights, bias }: FittedDeep,
  { places, place }: { places: readonly number[]; place: number },
): number {
  const row = kernel[place]!;
  return places.reduce((sum, other, at) => sum + weights[at]! * row[other]!, bias);
}
