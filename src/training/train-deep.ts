/**
 * `npm run train-deep -- [data folder]`: fits the deep judge on rated requests and writes
 * `src/signals/encoder/deep.json`. To be run after `npm run train`. Same data, same file; some minutes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { model, type TradePoint } from '../signals/complexity/model.ts';
import { rawNeed } from '../signals/complexity/heads.ts';
import { openness } from '../signals/complexity/need.ts';
import { judgeInputs } from '../signals/complexity/inputs.ts';
import { shippedWeights } from '../signals/complexity/weights.ts';
import { bothExams, bothNeeds, DEEP_VERSION, type DeepFile } from '../signals/encoder/deep-file.ts';
import { openEncoder } from '../signals/encoder/encoder.ts';
import { excerptReader } from '../signals/encoder/excerpt.ts';
import { shippedEncoder } from '../signals/encoder/weights.ts';
import { packNumbers, unpackNumbers } from '../signals/meaning/packed-numbers.ts';
import { dataFolder, type Dataset, readDataset, type Row } from './dataset.ts';
import {
  deepSpace,
  type DeepSpace,
  DIMENSIONS,
  levelsOf,
  placeIn,
  weightsOfInputs,
} from './deep-space.ts';
import { type Described, withGate } from './fit-gate.ts';
import { fitDeep, type Kernel, kernelOf, needAt } from './fit-deep.ts';
import {
  calibrate,
  exampleOf,
  foldsOf,
  leaveFoldsOut,
  type LeftOut,
  type Material,
  materialOf,
  metricsOf,
  type Rated,
  tradeOf,
} from './train-need.ts';
import { isCounted, type Pair, pairsOf } from './own-rows.ts';

const SHIPPED = fileURLToPath(new URL('../signals/encoder/deep.json', import.meta.url));
/** Beside it, because the gateway's own thread reads it and nothing else of the deep judge's head. */
const SHIPPED_TRADE = fileURLToPath(new URL('../signals/encoder/trade.json', import.meta.url));

/** Of the rows that teach the gate and are not rated, so many-th are encoded: each costs 20 ms. */
const GATE_STEP = 4;

/** Rated rows in the deep judge's space, and what teaches its gate. */
export interface DeepMaterial {
  readonly material: Material;
  readonly space: DeepSpace;
  readonly kernel: Kernel;
  /** Inputs are places in the space; rated rows are among them. */
  readonly gate: readonly Described[];
  /** What is said alike in two languages, as places. */
  readonly pairs: readonly Pair[];
  readonly encoderHash: string;
}

/** Encodes every rated row and some of the others: some minutes. */
export function deepMaterial(material: Material): DeepMaterial {
  const weights = shippedEncoder();
  const encoder = openEncoder(weights);
  const excerpt = excerptReader();
  const read = ({ inputs, said }: { inputs: Float64Array; said: string }): Float64Array =>
    Float64Array.of(...inputs, ...encoder.encode(excerpt(said)));
  const rows = material.rated.map((one) => ({ lang: one.row.lang, inputs: read(one) }));
  const space = deepSpace(rows, material.inputs.parts);
  const inputsOf = new Map(material.rated.map(({ row }, at) => [row, rows[at]!.inputs]));
  const gate = material.gate
    .filter(({ row }, at) => row.need !== undefined || at % GATE_STEP === 0)
    .map((one) => ({
      row: one.row,
      inputs: placeIn(space, inputsOf.get(one.row) ?? read(one)),
    }));
  const pairs = pairsOf(
    material.rated.map(({ row }, at) => ({ row, inputs: levelsOf(space, at) })),
  );
  return {
    material,
    space,
    gate,
    pairs,
    kernel: kernelOf(space),
    encoderHash: weights.hash,
  };
}

/** A gate over places: their dimensions are brought to a common measure already. */
const PLACES = {
  middle: packNumbers(new Float32Array(DIMENSIONS)),
  factor: packNumbers(new Float32Array(DIMENSIONS).fill(1)),
  limit: packNumbers(new Float32Array(DIMENSIONS).fill(Number.POSITIVE_INFINITY)),
};

function fitGate(
  examples: readonly Described[],
  pairs: readonly Pair[],
): { weights: Float32Array; bias: number } {
  const { gate, gateBias } = withGate(PLACES, examples, pairs);
  return { weights: unpackNumbers(gate), bias: gateBias };
}

/** How much each place is like an exam's question: a gate that saw none of these rows. */
export function examsLeftOut({ gate, pairs }: DeepMaterial, out: ReadonlySet<Row>) {
  const { weights, bias } = fitGate(
    gate.filter(({ row }) => !out.has(row)),
    pairs,
  );
  return (place: Float64Array): number =>
    openness(place.reduce((sum, value, at) => sum + value * weights[at]!, bias));
}

/**
 * What the deep judge says of each row where it was fitted without the row's fold. `fast` is what the fast judge said of
 * the same rows, left out alike.
 */
export function deepLeaveFoldsOut(
  deep: DeepMaterial,
  fast: readonly LeftOut[],
  folds: readonly (readonly Rated[])[] = foldsOf(deep.material),
): LeftOut[] {
  const { kernel, space, material } = deep;
  const { rated } = material;
  const fastOf = new Map(fast.map(({ row, heads }) => [row, heads]));
  return folds.flatMap((fold) => {
    const without = new Set(fold);
    const places = [...rated.keys()].filter((place) => !without.has(rated[place]!));
    const held = [...rated.keys()].filter(
      (place) => without.has(rated[place]!) && isCounted(rated[place]!.row),
    );
    const fitted = fitDeep(kernel, rated, places);
    const examOf = examsLeftOut(deep, new Set(held.map((place) => rated[place]!.row)));
    return held.map((place) => {
      const beside = fastOf.get(rated[place]!.row)!;
      const heads = {
        need: bothNeeds(needAt(kernel, fitted, { places, place }), beside.need),
        exam: bothExams(examOf(levelsOf(space, place)), beside.exam),
      };
      return Object.assign({}, rated[place], { heads, raw: rawNeed(heads, rated[place]!.second) });
    });
  });
}

export function deepFile(hash: string, deep: DeepMaterial, left: readonly LeftOut[]): DeepFile {
  const { material, kernel, encoderHash, space } = deep;
  const gate = fitGate(deep.gate, deep.pairs);
  const { rated, inputs } = material;
  const calibration = calibrate(left);
  const { weights, bias } = fitDeep(kernel, rated, [...rated.keys()]);
  // landmarks are taken four at a time: the last ones stand for nothing
  const missing = (4 - (rated.length % 4)) % 4;
  const blank = Array.from({ length: missing }, () => 0);
  const levels = new Int8Array((rated.length + missing) * DIMENSIONS);
  levels.set(space.levels);
  return {
    version: DEEP_VERSION,
    dataHash: hash,
    encoderHash,
    rows: rated.length,
    parts: inputs.parts,
    model: {
      inputs: space.middle.length,
      dimensions: DIMENSIONS,
      middle: packNumbers(space.middle),
      factor: packNumbers(space.factor),
      limit: packNumbers(space.limit),
      projection: packNumbers(space.projection),
      weights: packNumbers([...weights, ...blank]),
      bias,
      gate: packNumbers(weightsOfInputs(space, gate.weights)),
      gateBias: gate.bias,
    },
    levels: Buffer.from(levels.buffer).toString('base64'),
    steps: packNumbers(space.steps),
    calibration,
    examples: [...rated.map(exampleOf), ...blank.map(() => ({ need: 0, text: '' }))],
    metrics: metricsOf(left, calibration),
  };
}

interface TrainedDeep {
  readonly file: DeepFile;
  /** What thresholds mean where the deep judge is asked. */
  readonly trade: readonly TradePoint[];
}

function trainDeep({ rows, hash }: Dataset): TrainedDeep {
  const second = model(shippedWeights(judgeInputs().featureNames));
  const material = materialOf(rows, ({ features }) => second.predict(features));
  const deep = deepMaterial(material);
  const left = deepLeaveFoldsOut(deep, leaveFoldsOut(material));
  const file = deepFile(hash, deep, left);
  return { file, trade: tradeOf(left, file.calibration) };
}

function main([given]: readonly string[]): number {
  const folder = given ?? dataFolder(process.env);
  if (folder === undefined) {
    process.stderr.write(
      'No training data: give a folder of .jsonl files, or set SMALLFIRST_ROUTING_DATA\n',
    );
    return 1;
  }
  const { file, trade } = trainDeep(readDataset(folder));
  writeFileSync(SHIPPED, `${JSON.stringify(file)}\n`);
  writeFileSync(SHIPPED_TRADE, `${JSON.stringify(trade)}\n`);
  process.stdout.write(`${file.rows} rated rows of ${folder} -> ${SHIPPED}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
