/** The recipe that fits the model. The evaluation runs it without the benchmark under test. */
import { featureNames, filler, isConcept } from '../signals/complexity/features.ts';
import type { Head, Weights } from '../signals/complexity/model.ts';
import { reader } from '../signals/complexity/reader.ts';
import { taskOf } from '../signals/complexity/task.ts';
import type { Row } from './dataset.ts';
import { type ForestOptions, growForest } from './forest.ts';
import { fitRidge, type Sample } from './ridge.ts';
import {
  groupOf,
  isPrior,
  largeRight,
  PRIOR_GROUP,
  smallRight,
  teachesGain,
  weightOf,
} from './targets.ts';

export interface Example {
  readonly row: Row;
  readonly features: Float64Array;
}

export type Fitted = Pick<
  Weights,
  'mean' | 'scale' | 'fails' | 'forest' | 'large' | 'choiceGain' | 'blend'
>;

/** Ridge penalties and blends, chosen with held-out benchmarks: the signal's `experiments.md` has the figures. */
const FAIL_PENALTY = 100;
const LARGE_PENALTY = 300;
const GAIN_PENALTY = 1000;
const BLEND = {
  forest: 0.5,
  large: 0.2,
  choiceGain: 2,
  choiceLevel: 0.15,
  bulk: 0.06,
  worked: 0.08,
};
const FOREST: ForestOptions = {
  trees: 100,
  leaves: 8,
  rate: 0.07,
  featureShare: 0.3,
  rowShare: 0.5,
  penalty: 10,
  leastWeight: 30,
  seed: 1,
};
/** Concept features have a larger penalty than surface features, because few rows have them. */
const CONCEPT_SCALE = 0.3;
/**
 * Each group of rows has its own intercept, so that slopes are learned inside groups; a larger value means
 * freer intercepts. Prediction does not use them.
 */
const INTERCEPT = 1;
const REACH = 4;

export function describeRows(rows: readonly Row[]): { examples: Example[]; names: string[] } {
  const read = reader();
  const names = featureNames(read.concepts);
  const fill = filler(read.concepts);
  const examples = rows.map((row) => {
    const features = new Float64Array(names.length);
    const task = taskOf(row.turns);
    fill(features, read.read(task.text), task.turns);
    return { row, features };
  });
  return { examples, names };
}

export function fit(examples: readonly Example[], names: readonly string[]): Fitted {
  const usable = examples.filter(({ row }) => smallRight(row) !== undefined);
  const { mean, scale } = moments(usable, names.length);
  const standard = (features: Float64Array): Float64Array =>
    features.map((value, at) =>
      Math.max(-REACH, Math.min(REACH, (value - mean[at]!) / scale[at]!)),
    );
  const seen = usable.map(({ row, features }) => ({ row, features: standard(features) }));
  const measured = seen.filter(({ row }) => !isPrior(row) && largeRight(row) !== undefined);
  const short = (_: Example, at: number): boolean =>
    isShortList(usable[at]!.features, names) && teachesGain(usable[at]!.row);
  return {
    mean,
    scale,
    fails: head(seen, { penalty: FAIL_PENALTY, target: (row) => 1 - smallRight(row)! }),
    forest: growForest(centred(usable.filter(({ row }) => !isPrior(row))), FOREST),
    large: head(measured, { penalty: LARGE_PENALTY, target: (row) => largeRight(row)! }),
    choiceGain: gainHead(seen.filter(short), names),
    blend: BLEND,
  };
}

const isShortList = (features: Float64Array, names: readonly string[]): boolean =>
  features[names.indexOf('choices')]! > 0 && features[names.indexOf('many-choices')] === 0;

interface Lesson {
  readonly penalty: number;
  readonly target: (row: Row) => number;
}

/** Ridge with an intercept per group of measured rows; the other rows share the common one. */
function head(examples: readonly Example[], { penalty, target }: Lesson): Head {
  const counts = countBy(examples);
  const groups = [...counts.keys()].filter((group) => group !== PRIOR_GROUP);
  const samples = examples.map(({ row, features }): Sample => ({
    features: withIntercept(features, groups, groupOf(row)),
    target: target(row),
    weight: weightOf(row, counts.get(groupOf(row))!),
  }));
  const { bias, slopes } = fitRidge(samples, penalty);
  const size = examples[0]?.features.length ?? 0;
  return { bias, slopes: Array.from(slopes.subarray(0, size)) };
}

/**
 * For trees, which have no intercepts: each group's mean failure is replaced by one typical mean. Trees
 * refine the order inside a kind of task; the ridge predicts its level.
 */
function centred(examples: readonly Example[]): Sample[] {
  const counts = countBy(examples);
  const failures = new Map<string, number>();
  for (const { row } of examples) {
    const group = groupOf(row);
    const share = (1 - smallRight(row)!) / counts.get(group)!;
    failures.set(group, (failures.get(group) ?? 0) + share);
  }
  return examples.map(({ row, features }): Sample => {
    const group = groupOf(row);
    const shift = TYPICAL_FAILURE - failures.get(group)!;
    return {
      features,
      target: 1 - smallRight(row)! + shift,
      weight: weightOf(row, counts.get(group)!),
    };
  });
}
/** About the mean over the measured benchmarks. */
const TYPICAL_FAILURE = 0.4;

function gainHead(examples: readonly Example[], names: readonly string[]): Head {
  const gain = ({ row }: Example): number => largeRight(row)! - smallRight(row)!;
  const scales = names.map((name) => (isConcept(name) ? CONCEPT_SCALE : 1));
  if (examples.length === 0) return { bias: 0, slopes: names.map(() => 0) };
  const average = examples.reduce((sum, example) => sum + gain(example), 0) / examples.length;
  const samples = examples.map((example): Sample => ({
    features: example.features.map((value, at) => value * scales[at]!),
    target: gain(example) - average,
    weight: 1,
  }));
  const { bias, slopes } = fitRidge(samples, GAIN_PENALTY);
  return { bias, slopes: Array.from(slopes, (slope, at) => slope * scales[at]!) };
}

function countBy(examples: readonly Example[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { row } of examples) counts.set(groupOf(row), (counts.get(groupOf(row)) ?? 0) + 1);
  return counts;
}

function withIntercept(
  features: Float64Array,
  groups: readonly string[],
  group: string,
): Float64Array {
  const extended = new Float64Array(features.length + groups.length);
  extended.set(features);
  const at = groups.indexOf(group);
  if (at !== -1) extended[features.length + at] = INTERCEPT;
  return extended;
}

function moments(examples: readonly Example[], size: number): { mean: number[]; scale: number[] } {
  const mean = Array.from({ length: size }, () => 0);
  const square = Array.from({ length: size }, () => 0);
  for (const { features } of examples) {
    for (let at = 0; at < size; at += 1) {
      mean[at]! += features[at]! / examples.length;
      square[at]! += features[at]! ** 2 / examples.length;
    }
  }
  const scale = mean.map((m, at) => Math.sqrt(Math.max(0, square[at]! - m * m)) + 1e-3);
  return { mean, scale };
}
