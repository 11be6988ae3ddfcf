/** Out-of-sample scores: each row is scored by a model that was fitted without its benchmark. */
import { model, type Weights } from '../signals/complexity/model.ts';
import { type Example, fit, type Fitted } from './pipeline.ts';

const UNCALIBRATED: Pick<Weights, 'calibration' | 'metrics'> = {
  calibration: { slope: 1, bias: 0 },
  metrics: {},
};

function asWeights(fitted: Fitted, names: readonly string[]): Weights {
  return {
    version: 0,
    dataHash: '',
    command: '',
    rows: 0,
    features: names,
    ...fitted,
    ...UNCALIBRATED,
  };
}

/** Raw score of each example, by the recipe fitted without the example's family of benchmarks. */
export function scoresLeavingOut(
  examples: readonly Example[],
  names: readonly string[],
): Float64Array {
  const families = new Set(examples.map(({ row }) => row.family));
  // A log from one source has no other family to learn from.
  if (families.size < 2) return scoresLeavingTenths(examples, names);
  const scores = new Float64Array(examples.length);
  for (const family of families) {
    const fitted = fit(
      examples.filter(({ row }) => row.family !== family),
      names,
    );
    scoreWhere(examples, scores, {
      fitted,
      names,
      belongs: (at) => examples[at]!.row.family === family,
    });
  }
  return scores;
}

const TENTHS = 10;
/**
 * The tenth, 0..9, in which the row at `at` is left out. Neighbouring rows of a file may be near duplicates: the
 * multiplier spreads them.
 */
export const tenthOf = (at: number): number =>
  Math.floor((((at * 0x9e3779b1) >>> 0) / 2 ** 32) * TENTHS);

/** Raw score of each example, by the recipe fitted without its tenth of the rows. */
export function scoresLeavingTenths(
  examples: readonly Example[],
  names: readonly string[],
): Float64Array {
  const scores = new Float64Array(examples.length);
  for (let out = 0; out < TENTHS; out += 1) {
    const fitted = fit(
      examples.filter((_, at) => tenthOf(at) !== out),
      names,
    );
    scoreWhere(examples, scores, { fitted, names, belongs: (at) => tenthOf(at) === out });
  }
  return scores;
}

function scoreWhere(
  examples: readonly Example[],
  scores: Float64Array,
  by: { fitted: Fitted; names: readonly string[]; belongs: (at: number) => boolean },
): void {
  const predictor = model(asWeights(by.fitted, by.names));
  examples.forEach(({ features }, at) => {
    if (by.belongs(at)) scores[at] = predictor.raw(features);
  });
}
