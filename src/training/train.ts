/** `npm run train -- [data folder] [weights file]`: fits the complexity model and writes its weights. Same data, same file. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Head, Weights } from '../signals/complexity/model.ts';
import type { Tree } from '../signals/complexity/trees.ts';
import { WEIGHTS_VERSION } from '../signals/complexity/weights.ts';
import { calibrate, trade } from './calibrate.ts';
import { dataFolder, readDataset } from './dataset.ts';
import { mean, quality } from './metrics.ts';
import { calibrationOutcomes } from './calibration-mix.ts';
import { scoresLeavingOut } from './holdout.ts';
import { describeRows, type Example, fit } from './pipeline.ts';
import { LEAST_GAP } from './scoreboard.ts';

const SHIPPED = fileURLToPath(new URL('../signals/complexity/weights.json', import.meta.url));
const TRADE_POINTS = 101;

export function train(folder: string): Weights {
  const { rows, hash } = readDataset(folder);
  const { examples, names } = describeRows(rows);
  const fitted = fit(examples, names);
  const leftOut = scoresLeavingOut(examples, names);
  const seen = calibrationOutcomes(examples, leftOut);
  const calibration = calibrate(seen);
  const complexity = (raw: number): number =>
    1 / (1 + Math.exp(-(calibration.slope * raw + calibration.bias)));
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
    trade: trade(seen, complexity, TRADE_POINTS),
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
  const file = args[1] ?? SHIPPED;
  const weights = train(folder);
  writeFileSync(file, `${JSON.stringify(weights)}\n`);
  process.stdout.write(`${weights.rows} rows of ${folder} -> ${relative('.', file)}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
