/**
 * `npm run train-deep -- [data folder]`: fits the deep judge on rated requests and writes
 * `src/signals/encoder/deep.json`. To be run after `npm run train`. Same data, same file; some minutes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { model } from '../signals/complexity/model.ts';
import { rawNeed } from '../signals/complexity/need-file.ts';
import { judgeInputs } from '../signals/complexity/inputs.ts';
import { shippedWeights } from '../signals/complexity/weights.ts';
import { DEEP_VERSION, type DeepFile } from '../signals/encoder/deep-file.ts';
import { openEncoder } from '../signals/encoder/encoder.ts';
import { excerptReader } from '../signals/encoder/excerpt.ts';
import { shippedEncoder } from '../signals/encoder/weights.ts';
import { packNumbers } from '../signals/meaning/packed-numbers.ts';
import { dataFolder, type Dataset, readDataset } from './dataset.ts';
import { deepSpace, type DeepSpace, DIMENSIONS } from './deep-space.ts';
import { fitDeep, type Kernel, kernelOf, needAt } from './fit-deep.ts';
import {
  calibrate,
  exampleOf,
  leaveFoldsOut,
  type LeftOut,
  type Material,
  materialOf,
  metricsOf,
} from './train-need.ts';

const SHIPPED = fileURLToPath(new URL('../signals/encoder/deep.json', import.meta.url));

/** Rated rows in the deep judge's space. */
export interface DeepMaterial {
  readonly material: Material;
  readonly space: DeepSpace;
  readonly kernel: Kernel;
  readonly needs: Float64Array;
  readonly encoderHash: string;
}

/** Encodes every rated row: some minutes. */
export function deepMaterial(material: Material): DeepMaterial {
  const weights = shippedEncoder();
  const encoder = openEncoder(weights);
  const excerpt = excerptReader();
  const rows = material.rated.map(({ inputs, said, row }) => ({
    lang: row.lang,
    inputs: Float64Array.of(...inputs, ...encoder.encode(excerpt(said))),
  }));
  const space = deepSpace(rows, material.inputs.parts);
  return {
    material,
    space,
    kernel: kernelOf(space),
    needs: Float64Array.from(material.rated, ({ need }) => need),
    encoderHash: weights.hash,
  };
}

/** What the deep judge says of each row of `left` where it was fitted without the row's fold. */
export function deepLeaveFoldsOut(
  { material, kernel, needs }: DeepMaterial,
  left: readonly LeftOut[],
): LeftOut[] {
  const { rated } = material;
  const placeOf = new Map(rated.map(({ row }, place) => [row, place]));
  return [...Map.groupBy(left, ({ fold }) => fold)].flatMap(([fold, held]) => {
    const places = rated.flatMap((one, place) => (one.fold === fold ? [] : [place]));
    const fitted = fitDeep(kernel, needs, places);
    return held.map((one) => {
      const need = needAt(kernel, fitted, { places, place: placeOf.get(one.row)! });
      const raw = rawNeed({ need, exam: one.exam, nearest: 0, similarity: 0 }, one.second);
      return Object.assign({}, one, { raw });
    });
  });
}

export function deepFile(hash: string, deep: DeepMaterial, left: readonly LeftOut[]): DeepFile {
  const { material, kernel, needs, encoderHash, space } = deep;
  const { rated, inputs } = material;
  const calibration = calibrate(left);
  const { weights, bias } = fitDeep(kernel, needs, [...rated.keys()]);
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
    },
    levels: Buffer.from(levels.buffer).toString('base64'),
    steps: packNumbers(space.steps),
    calibration,
    examples: [...rated.map(exampleOf), ...blank.map(() => ({ need: 0, text: '' }))],
    metrics: metricsOf(left, calibration),
  };
}

function trainDeep({ rows, hash }: Dataset): DeepFile {
  const second = model(shippedWeights(judgeInputs().featureNames));
  const material = materialOf(rows, ({ features }) => second.predict(features));
  const deep = deepMaterial(material);
  return deepFile(hash, deep, deepLeaveFoldsOut(deep, leaveFoldsOut(material)));
}

function main([given]: readonly string[]): number {
  const folder = given ?? dataFolder(process.env);
  if (folder === undefined) {
    process.stderr.write(
      'No training data: give a folder of .jsonl files, or set SMALLFIRST_ROUTING_DATA\n',
    );
    return 1;
  }
  const file = trainDeep(readDataset(folder));
  writeFileSync(SHIPPED, `${JSON.stringify(file)}\n`);
  process.stdout.write(`${file.rows} rated rows of ${folder} -> ${SHIPPED}\n`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = main(process.argv.slice(2));
