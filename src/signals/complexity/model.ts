/** From features to complexity: linear heads over standardised features and boosted trees, blended and calibrated. */
import { forest, type Tree } from './trees.ts';

export interface Head {
  readonly bias: number;
  /** One a feature, in the order of the weights file's `features`. */
  readonly slopes: readonly number[];
}

/** One point of the trade: what a threshold means on the calibration mix. */
export interface TradePoint {
  readonly threshold: number;
  /** Share of requests at or above the threshold. */
  readonly largeShare: number;
  /** Mean quality, as a share of what the large model alone reaches. */
  readonly quality: number;
}

export interface Weights {
  readonly version: number;
  /** SHA-256 of the data folder: 64 hex digits. */
  readonly dataHash: string;
  readonly command: string;
  readonly rows: number;
  readonly features: readonly string[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** P(the small model's answer will not do): a linear head, which also gives the reasons… */
  readonly fails: Head;
  /** …and boosted trees for the same, on the features as they are. */
  readonly forest: { readonly base: number; readonly trees: readonly Tree[] };
  /** P(the large model's answer is right). */
  readonly large: Head;
  /** P(large right) - P(small right), about its mean, where the answer is picked from a short list. */
  readonly choiceGain: Head;
  /**
   * How much each head counts, and what a short list of choices
   * adds to the raw score: with one at hand a large model's advantage shows, in an open answer less so.
   */
  readonly blend: {
    /** Share of the trees in P(small fails); the linear head has the rest. */
    readonly forest: number;
    readonly large: number;
    readonly choiceGain: number;
    readonly choiceLevel: number;
    /** What a unit of `bulk` (the logarithm of how much there is to read) adds where an answer is picked from a list. */
    readonly bulk: number;
    /**
     * What being maths, code or a proof or puzzle adds to the raw score of an open question. Slopes are
     * learned inside benchmarks and know no levels between kinds; measured failures are .4 to .8 in these.
     */
    readonly worked: number;
  };
  /** Logistic calibration of the raw score: complexity = 1 / (1 + exp(-(slope * raw + bias))). */
  readonly calibration: { readonly slope: number; readonly bias: number };
  readonly metrics: unknown;
}

/** Standardised features further out than this say no more: it bounds what any one of them can do. */
const REACH = 4;
/** A feature that moves the estimate by less than this is no reason. */
const LEAST_PUSH = 0.01;

/** Of a question with its choices: some 32 words of content. */
const TYPICAL_BULK = 3.5;

/** Kinds of task that are worked out and not told; each feature is a belief, a half at plain evidence. */
const WORKED_KINDS = ['maths', 'coding', 'reasoning'];

export interface Model {
  /** Complexity, 0..1. `features` in the order of the weights. */
  predict(features: Float64Array): number;
  /** Before calibration: for training and evaluation. */
  raw(features: Float64Array): number;
  /** Indices of the features that raise this text's estimate most above the average text's, the first the most. */
  reasons(features: Float64Array, most: number): number[];
}

export function model(weights: Weights): Model {
  const { blend, calibration, choiceGain, fails, large } = weights;
  const mean = Float64Array.from(weights.mean);
  const inverse = Float64Array.from(weights.scale, (scale) => 1 / scale);
  const linear = 1 - blend.forest;
  const slopes = Float64Array.from(
    fails.slopes,
    (slope, at) => linear * slope + blend.large * large.slopes[at]!,
  );
  const bias = linear * fails.bias + blend.forest * weights.forest.base + blend.large * large.bias;
  const grown = forest(weights.forest.trees);
  const gainSlopes = Float64Array.from(choiceGain.slopes, (slope) => slope * blend.choiceGain);
  const gainBias = choiceGain.bias * blend.choiceGain + blend.choiceLevel;
  const choices = weights.features.indexOf('choices');
  const manyChoices = weights.features.indexOf('many-choices');
  const bulk = weights.features.indexOf('bulk');
  const worked = WORKED_KINDS.map((name) => weights.features.indexOf(name));

  const raw = (features: Float64Array): number => {
    let fail = bias + blend.forest * grown(features);
    let gain = gainBias;
    for (let at = 0; at < slopes.length; at += 1) {
      const z = bounded((features[at]! - mean[at]!) * inverse[at]!);
      fail += z * slopes[at]!;
      gain += z * gainSlopes[at]!;
    }
    if (features[choices] === 0) {
      let belief = 0;
      for (const at of worked) belief = Math.max(belief, features[at]!);
      return fail + blend.worked * Math.min(1, 2 * belief);
    }
    fail += blend.bulk * (features[bulk]! - TYPICAL_BULK);
    return features[manyChoices] === 0 ? fail + gain : fail;
  };

  return {
    raw,
    predict: (features) =>
      1 / (1 + Math.exp(-(calibration.slope * raw(features) + calibration.bias))),
    reasons: (features, most) => {
      const chosen: number[] = [];
      for (let turn = 0; turn < most; turn += 1) {
        let best = -1;
        let push = LEAST_PUSH;
        for (let at = 0; at < slopes.length; at += 1) {
          const z = bounded((features[at]! - mean[at]!) * inverse[at]!);
          const part = z > 0 ? z * slopes[at]! : 0;
          if (part > push && !chosen.includes(at)) [best, push] = [at, part];
        }
        if (best === -1) break;
        chosen.push(best);
      }
      return chosen;
    },
  };
}

const bounded = (z: number): number => (z > REACH ? REACH : z < -REACH ? -REACH : z);
