/** `npm run train -- [data folder] [folder to write to]`: fits both heads of the judge and what is at stake, and writes their weights. Same data, same files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Head, model, type Weights } from '../signals/complexity/model.ts';
import type { NeedFile } from '../signals/complexity/need-file.ts';
import type { Tree } from '../signals/complexity/trees.ts';
import { WEIGHTS_VERSION } from '../signals/complexity/weights.ts';
import { calibrate } from './calibrate.ts';
import { dataFolder, type Dataset, readDataset } from './dataset.ts';
import { mean, quality } from './metrics.ts';
import { calibrationOutcomes } from './calibration-mix.ts';
import { scoresLeavingOut } from './holdout.ts';
import { describeRows, type Example, fit } from './pipeline.ts';
import { LEAST_GAP } from './scoreboard.ts';
import { leaveFoldsOut, materialOf, needFile } from './train-need.ts';
import { fitStakes, stakesSamples } from './train-stakes.ts';

const SHIPPED = fileURLToPath(new URL('../signals/complexity/', import.meta.url));

const STAKES = fileURLToPath(new URL('../signals/stakes/weights.json', import.meta.url));

export interface Trained {
  readonly weights: Weights;
  /** Missing where no row was rated. */
  readonly need: NeedFile | undefined;
}

export function train(folder: string): Trained {
  const dataset = readDataset(folder);
  const weights = trainSecond(dataset);
  if (dataset.rows.every((row) => row.need === undefined)) return { weights, need: undefined };
  const predictor = model(weights);
  const material = materialOf(dataset.rows, ({ features }) => predictor.predict(features));
  return { weights, need: needFile(dataset.hash, material, leaveFoldsOut(material)) };
}

/** The head on measured benchmarks. */
function trainSecond({ rows: all, hash }: Dataset): Weights {
  const rows = all.filter((row) => row.need === undefined);
  const { examples, names } = describeRows(rows);
  const fitted = fit(examples, names);
  const leftOut = scoresLeavingOut(examples, names);
  const seen = calibrationOutcomes(examples, leftOut);
  const calibration = calibrate(seen);
  return {
    version: WEIGHTS_VERSION,
    dataHash: hash,
    command: 'npm run train -- <data folder>',
    rows: rows.length,
    features: names,
    mean: fitted.mean.map(short),
    scale: fitted.scale.map(short),
    fails: shortened(fitted.fails),
    forest: { base: short(fitted.forest.base), trees: fitted.forest.trees.map(shortTree) },
    large: shortened(fitted.large),
    choiceGain: shortened(fitted.choiceGain),
    blend: fitted.blend,
    calibration: { slope: short(calibration.slope), bias: short(calibration.bias) },
    metrics: { apgrLeftOut: apgrs(examples, leftOut) },
  };
}

/** Held-out APGR of every benchmark with both models' scores and a gap between them. */
function apgrs(examples: readonly Example[], raw: Float64Array): Record<string, number> {
  const judged = examples.flatMap(({ row: { bench, small, large } }, at) =>
    small === undefined || large === undefined ? [] : [{ bench, small, large, score: raw[at]! }],
  );
  const found: Record<string, number> = {};
  for (const [bench, rows] of Map.groupBy(judged, (one) => one.bench)) {
    if (mean(rows, ({ small, large }) => large - small) < LEAST_GAP) continue;
    found[bench] = short(quality(rows).apgr);
  }
  return found;
}

const shortTree = (tree: Tree): Tree => ({
  ...tree,
  threshold: tree.threshold.map(short),
  value: tree.value.map(short),
});

const shortened = ({ bias, slopes }: Head): Head => ({
  bias: short(bias),
  slopes: slopes.map(short),
});

const short = (value: number): number => Number(value.toPrecision(6));

function main(args: readonly string[]): number {
  const folder = args[0] ?? dataFolder(process.env);
  if (folder === undefined) {
    process.stderr.write(
      'No training data: give a folder of .jsonl files, or set SMALLFIRST_ROUTING_DATA\n',
    );
    return 1;
  }
  const into = args[1] ?? SHIPPED;
  const { weights, need } = train(folder);
  const rated = readDataset(folder).rows;
  writeFileSync(join(into, 'weights.json'), `${JSON.stringify(weights)}\n`);
  if (need !== undefined) writeFileSync(join(into, 'need.json'), `${JSON.stringify(need)}\n`);
  writeFileSync(STAKES, `${JSON.stringify(fitStakes(stakesSamples(rated)))}\n`);
  process.stdout.write(`${weights.rows} measured and ${need?.rows ?? 0} rated rows of ${folder}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
