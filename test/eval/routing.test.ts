/**
 * `npm run test:routing`: how well both judges order requests of writers that they have not seen. Needs the
 * training data (SMALLFIRST_ROUTING_DATA, or ../shared/data/routing beside the project); skips aloud without.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/signals/complexity/calibrated.ts';
import { model } from '../../src/signals/complexity/model.ts';
import { shippedNeed } from '../../src/signals/complexity/need-file.ts';
import { judgeInputs } from '../../src/signals/complexity/inputs.ts';
import { shippedWeights } from '../../src/signals/complexity/weights.ts';
import { shippedDeep } from '../../src/signals/encoder/shipped.ts';
import { dataFolder, readDataset } from '../../src/training/dataset.ts';
import { areaUnderCurve, calibrationError, mean, spearman } from '../../src/training/metrics.ts';
import {
  deepFile,
  deepLeaveFoldsOut,
  deepMaterial,
  type DeepMaterial,
} from '../../src/training/train-deep.ts';
import { leaveFoldsOut, type LeftOut, materialOf } from '../../src/training/train-need.ts';

const folder = dataFolder(process.env);
if (folder === undefined) {
  process.stderr.write('SKIPPED: no routing data; set SMALLFIRST_ROUTING_DATA to its folder\n');
}

/** Languages of the everyday rows, by script or family: alone most of them have too few rows for ten bins. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  English: ['en'],
  Spanish: ['es'],
  'other Romance and Germanic': ['fr', 'de', 'it', 'pt', 'nl', 'ca', 'ro'],
  Slavic: ['pl', 'ru', 'cs'],
  'Turkish, Arabic, Hindi': ['tr', 'ar', 'hi'],
  'Chinese, Japanese, Korean': ['zh', 'ja', 'ko'],
};

type Line = Parameters<typeof valueAt>[0];

const calibrationOf = (rows: readonly LeftOut[], line: Line): number =>
  calibrationError(rows.map(({ raw, need }) => ({ forecast: valueAt(line, raw), outcome: need })));

function printGroups(judge: string, rows: readonly LeftOut[], line: Line): void {
  for (const [name, languages] of Object.entries(GROUPS)) {
    const group = rows.filter(
      ({ row }) => row.bench === 'everyday' && languages.includes(row.lang),
    );
    const apart = mean(group, ({ raw, need }) => need - valueAt(line, raw));
    print(`${judge}, ${name}, ${group.length} rows: calibration error, mean residual`, [
      calibrationOf(group, line),
      apart,
    ]);
  }
}

const unitsOf = ({ row }: LeftOut): number => row.turns.at(-1)?.text.length ?? 0;
const orderOf = (rows: readonly LeftOut[], score: (row: LeftOut) => number): number =>
  spearman(
    rows.map(score),
    rows.map(({ need }) => need),
  );

describe.skipIf(folder === undefined)('requests of writers that were left out', () => {
  let left: readonly LeftOut[] = [];
  let line: Line = [];
  const everyday = (): LeftOut[] => left.filter(({ row }) => row.bench === 'everyday');
  const slices = (): LeftOut[][] => [...Map.groupBy(everyday(), ({ fold }) => fold).values()];

  beforeAll(() => {
    const { size, featureNames } = judgeInputs();
    const second = model(shippedWeights(featureNames));
    line = shippedNeed(size).calibration.complexity;
    left = leaveFoldsOut(
      materialOf(readDataset(folder!).rows, ({ features }) => second.predict(features)),
    );
  });

  test('everyday: Spearman over slices at least .66', () => {
    const by = (score: (row: LeftOut) => number): number[] =>
      slices().map((rows) => orderOf(rows, score));
    const judge = by(({ raw }) => raw);
    print(
      'slice',
      slices().map((rows) => rows[0]!.fold),
    );
    print('judge', judge);
    print(
      'counts',
      by(({ second }) => second),
    );
    print('length', by(unitsOf));
    expect(mean(judge, (value) => value)).toBeGreaterThanOrEqual(0.66);
  });

  test('real prompts, none of them in training: better than length and chance', () => {
    const rows = left.filter(({ row }) => row.bench === 'arena_hard');
    const score = ({ raw }: LeftOut): number => raw;
    const area = areaUnderCurve(rows, score, ({ need }) => need >= 0.5);
    print('arena_hard: Spearman, of length, AUC', [
      orderOf(rows, score),
      orderOf(rows, unitsOf),
      area,
    ]);
    expect(area).toBeGreaterThan(0.55);
  });

  test('complexity is calibrated: an error of .04 at most', () => {
    const languages = [...Map.groupBy(everyday(), ({ row }) => row.lang)].filter(
      ([, rows]) => rows.length >= 50,
    );
    for (const [lang, rows] of languages)
      print(`${lang}, ${rows.length} rows: Spearman, calibration error`, [
        orderOf(rows, ({ raw }) => raw),
        calibrationOf(rows, line),
      ]);
    printGroups('fast', left, line);
    print('all: calibration error', [calibrationOf(left, line)]);
    expect(calibrationOf(left, line)).toBeLessThanOrEqual(0.04);
  });
});

describe.skipIf(folder === undefined)('the deep judge, on requests that were left out', () => {
  let deep: DeepMaterial;
  let left: readonly LeftOut[] = [];

  beforeAll(() => {
    const second = model(shippedWeights(judgeInputs().featureNames));
    const { rows } = readDataset(folder!);
    deep = deepMaterial(materialOf(rows, ({ features }) => second.predict(features)));
    left = deepLeaveFoldsOut(deep);
  });

  const raw = ({ raw: value }: LeftOut): number => value;

  test('everyday: Spearman over slices at least .75', () => {
    const everyday = left.filter(({ row }) => row.bench === 'everyday');
    const slices = [...Map.groupBy(everyday, ({ fold }) => fold).values()];
    const found = slices.map((rows) => orderOf(rows, raw));
    print('deep, by slice', found);
    for (const [lang, rows] of Map.groupBy(everyday, ({ row }) => row.lang))
      if (rows.length >= 50) print(`deep, ${lang}, ${rows.length} rows`, [orderOf(rows, raw)]);
    expect(mean(found, (value) => value)).toBeGreaterThanOrEqual(0.75);
  });

  test('real prompts, none of them in training', () => {
    const rows = left.filter(({ row }) => row.bench === 'arena_hard');
    const area = areaUnderCurve(rows, raw, ({ need }) => need >= 0.5);
    print('deep, arena_hard: Spearman, AUC', [orderOf(rows, raw), area]);
    expect(area).toBeGreaterThan(0.6);
  });

  test('complexity is calibrated: an error of .04 at most', () => {
    const { complexity } = shippedDeep.calibration;
    printGroups('deep', left, complexity);
    const error = calibrationOf(left, complexity);
    print('deep, all: calibration error', [error]);
    expect(error).toBeLessThanOrEqual(0.04);
  });

  test('training again gives the shipped weights, to the last digit', () => {
    const { hash } = readDataset(folder!);
    expect(JSON.parse(JSON.stringify(deepFile(hash, deep, left)))).toEqual(shippedDeep);
  });
});

function print(name: string, values: readonly (number | string)[]): void {
  const written = values.map((value) => (typeof value === 'string' ? value : value.toFixed(3)));
  const numbers = values.filter((value) => typeof value === 'number');
  const average = numbers.length > 3 ? `  mean ${mean(numbers, (value) => value).toFixed(3)}` : '';
  process.stdout.write(`${name.padEnd(24)} ${written.join('  ')}${average}\n`);
}
