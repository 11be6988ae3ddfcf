/** How the model is fitted. The evaluation runs the same recipe on everything but the benchmark it judges. */
import { featureNames, fill } from '../signals/complexity/features.ts';
import type { Head } from '../signals/complexity/model.ts';
import { reader } from '../signals/complexity/reader.ts';
import { taskOf } from '../signals/complexity/task.ts';
import type { Row } from './dataset.ts';
import { fitRidge, type Sample } from './ridge.ts';
import { isPrior, largeRight, smallRight, weightOf } from './targets.ts';

export interface Example {
  readonly row: Row;
  readonly features: Float64Array;
}

export interface Fitted {
  readonly mean: number[];
  readonly scale: number[];
  readonly fails: Head;
  readonly choiceGain: Head;
}

/** Ridge penalties, chosen by leaving benchmarks out. */
const FAIL_PENALTY = 100;
const GAIN_PENALTY = 1500;
/**
 * Each benchmark has an intercept of its own, so that slopes are learned inside benchmarks; the larger
 * this is, the freer the intercepts. At prediction they are left out.
 */
const INTERCEPT = 2;
const REACH = 4;
/** Weight, in rows, of the benchmarks that teach what a large model adds where the answer is picked from a list. */
const GAIN_ROWS: Readonly<Record<string, number>> = {
  mmlu: 3000,
  arc_challenge: 500,
  mmlu_pro: 200,
};
const GAIN_ROWS_OTHERWISE = 500;

export function describeRows(rows: readonly Row[]): { examples: Example[]; names: string[] } {
  const read = reader();
  const names = featureNames(read.concepts);
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
  return {
    mean,
    scale,
    fails: fitFails(usable, standard),
    choiceGain: fitChoiceGain(usable, standard, names.indexOf('choices')),
  };
}

type Standard = (features: Float64Array) => Float64Array;

function fitFails(examples: readonly Example[], standard: Standard): Head {
  const counts = countBy(examples);
  const benches = [...counts.keys()].filter(
    (bench) => !examples.some(({ row }) => row.bench === bench && isPrior(row)),
  );
  const samples = examples.map(({ row, features }): Sample => ({
    features: withIntercepts(standard(features), benches, row.bench),
    target: 1 - smallRight(row)!,
    weight: weightOf(row.bench, counts.get(row.bench)!),
  }));
  return head(fitRidge(samples, FAIL_PENALTY), samples, examples[0]?.features.length ?? 0);
}

function fitChoiceGain(examples: readonly Example[], standard: Standard, choices: number): Head {
  const taught = examples.filter(
    ({ row, features }) => features[choices]! > 0 && !row.noisy && largeRight(row) !== undefined,
  );
  const counts = countBy(taught);
  const samples = taught.map(({ row, features }): Sample => ({
    features: withIntercepts(standard(features), ['mmlu_pro'], row.bench),
    target: largeRight(row)! - smallRight(row)!,
    weight: (GAIN_ROWS[row.bench] ?? GAIN_ROWS_OTHERWISE) / counts.get(row.bench)!,
  }));
  const size = examples[0]?.features.length ?? 0;
  if (samples.length === 0) return { bias: 0, slopes: Array.from({ length: size }, () => 0) };
  return head(fitRidge(samples, GAIN_PENALTY), samples, size);
}

function countBy(examples: readonly Example[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { row } of examples) counts.set(row.bench, (counts.get(row.bench) ?? 0) + 1);
  return counts;
}

function withIntercepts(
  features: Float64Array,
  benches: readonly string[],
  bench: string,
): Float64Array {
  const extended = new Float64Array(features.length + benches.length);
  extended.set(features);
  const at = benches.indexOf(bench);
  if (at !== -1) extended[features.length + at] = INTERCEPT;
  return extended;
}

function head(
  { bias, slopes }: { bias: number; slopes: Float64Array },
  samples: readonly Sample[],
  size: number,
): Head {
  // what the left-out intercepts say on average goes into the bias
  let offset = 0;
  let weight = 0;
  for (const sample of samples) {
    for (let at = size; at < slopes.length; at += 1) {
      offset += sample.weight * sample.features[at]! * slopes[at]!;
    }
    weight += sample.weight;
  }
  return { bias: bias + offset / weight, slopes: Array.from(slopes.subarray(0, size)) };
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
