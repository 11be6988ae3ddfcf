/**
 * `npm run test:routing`: how well both judges order requests of writers that they have not seen. Needs the
 * training data (SMALLFIRST_ROUTING_DATA, or ../shared/data/routing beside the project); skips aloud without.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/signals/complexity/calibrated.ts';
import { model } from '../../src/signals/complexity/model.ts';
import { shippedNeed } from '../../src/signals/complexity/need-file.ts';
import { judgeInputs } from '../../src/signals/complexity/inputs.ts';
import { tradeOf as shippedTrade } from '../../src/signals/complexity/threshold.ts';
import { shippedWeights } from '../../src/signals/complexity/weights.ts';
import { readShippedDeep } from '../../src/signals/encoder/shipped.ts';
import { dataFolder, readDataset } from '../../src/training/dataset.ts';
import {
  areaUnderCurve,
  calibrationError,
  mean,
  seeded,
  spearman,
} from '../../src/training/metrics.ts';
import {
  deepFile,
  deepLeaveFoldsOut,
  deepMaterial,
  type DeepMaterial,
} from '../../src/training/train-deep.ts';
import {
  leaveFoldsOut,
  type LeftOut,
  type Material,
  materialOf,
  realPartsOf,
  tradeOf,
} from '../../src/training/train-need.ts';

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
  calibrationError(rows.map((row) => ({ forecast: valueAt(line, row.raw), outcome: row.need })));

const DRAWS = 200;

/**
 * The calibration error that so few rows show on the mean where the judge is right: their residuals, less their mean, dealt
 * out at random.
 */
function errorByChance(rows: readonly LeftOut[], line: Line): number {
  const random = seeded(5);
  const forecasts = rows.map((row) => valueAt(line, row.raw));
  const residuals = rows.map(({ need }, at) => need - forecasts[at]!);
  const middle = mean(residuals, (value) => value);
  const draws = Array.from({ length: DRAWS }, () => {
    const dealt = residuals
      .map((value) => ({ value: value - middle, place: random() }))
      .toSorted((a, b) => a.place - b.place);
    return calibrationError(
      forecasts.map((forecast, at) => ({ forecast, outcome: forecast + dealt[at]!.value })),
    );
  });
  return mean(draws, (value) => value);
}

function printGroups(judge: string, rows: readonly LeftOut[], line: Line): void {
  for (const [name, languages] of Object.entries(GROUPS)) {
    const group = rows.filter(
      ({ row }) => row.bench === 'everyday' && languages.includes(row.lang),
    );
    const apart = mean(group, (one) => one.need - valueAt(line, one.raw));
    print(`${judge}, ${name}, ${group.length} rows: calibration error, by chance, mean residual`, [
      calibrationOf(group, line),
      errorByChance(group, line),
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

/** What both parts need: read once. */
interface Everything {
  readonly material: Material;
  readonly hash: string;
  readonly left: readonly LeftOut[];
  /** The real prompts, a fifth left out at a time. */
  readonly real: readonly LeftOut[];
}

let everything: Everything | undefined;

function read(): Everything {
  if (everything !== undefined) return everything;
  const second = model(shippedWeights(judgeInputs().featureNames));
  const { rows, hash } = readDataset(folder!);
  const material = materialOf(rows, ({ features }) => second.predict(features));
  everything = {
    material,
    hash,
    left: leaveFoldsOut(material),
    real: leaveFoldsOut(material, realPartsOf(material)),
  };
  return everything;
}

const raw = ({ raw: value }: LeftOut): number => value;
const isEveryday = ({ row }: LeftOut): boolean => row.bench === 'everyday';
const bySlice = (rows: readonly LeftOut[]): LeftOut[][] => [
  ...Map.groupBy(rows.filter(isEveryday), ({ fold }) => fold).values(),
];

/** Spearman and the area under the curve for a need of 50 and more. Gives the area. */
function printReal(name: string, all: readonly LeftOut[]): number {
  const rows = all.filter(({ row }) => row.bench === 'arena_hard');
  const area = areaUnderCurve(rows, raw, ({ need }) => need >= 0.5);
  print(`${name}: Spearman, AUC, of length`, [orderOf(rows, raw), area, orderOf(rows, unitsOf)]);
  return area;
}

function printLanguages(judge: string, rows: readonly LeftOut[], line: Line): void {
  for (const [lang, list] of Map.groupBy(rows.filter(isEveryday), ({ row }) => row.lang)) {
    if (list.length < 50) continue;
    const figures = [orderOf(list, raw), calibrationOf(list, line)];
    print(`${judge}, ${lang}, ${list.length} rows: Spearman, calibration error`, figures);
  }
}

describe.skipIf(folder === undefined)('requests of writers that were left out', () => {
  let left: readonly LeftOut[] = [];
  let real: readonly LeftOut[] = [];
  let line: Line = [];

  beforeAll(() => {
    line = shippedNeed(judgeInputs().size).calibration.complexity;
    ({ left, real } = read());
  });

  test('everyday: Spearman over slices at least .66', () => {
    const slices = bySlice(left);
    const by = (score: (row: LeftOut) => number): number[] =>
      slices.map((rows) => orderOf(rows, score));
    const names = slices.map((rows) => rows[0]!.fold);
    print('slice', names);
    const judge = by(raw);
    print('judge', judge);
    print(
      'first head',
      by(({ heads }) => heads.need),
    );
    print(
      'counts',
      by(({ second }) => second),
    );
    print('length', by(unitsOf));
    expect(mean(judge, (value) => value)).toBeGreaterThanOrEqual(0.66);
  });

  test('real prompts, none of them in training: better than length and chance', () => {
    expect(printReal('fast, real prompts', left)).toBeGreaterThan(0.55);
  });

  test('real prompts, four fifths of them in training', () => {
    expect(printReal('fast, a fifth of the real prompts', real)).toBeGreaterThan(0.62);
  });

  test('complexity is calibrated: an error of .04 at most', () => {
    printLanguages('fast', left, line);
    printGroups('fast', left, line);
    print('fast, all: calibration error', [calibrationOf(left, line)]);
    expect(calibrationOf(left, line)).toBeLessThanOrEqual(0.04);
  });
});

describe.skipIf(folder === undefined)('the deep judge, on requests that were left out', () => {
  let deep: DeepMaterial;
  let left: readonly LeftOut[] = [];
  let real: readonly LeftOut[] = [];

  beforeAll(() => {
    const fast = read();
    deep = deepMaterial(fast.material);
    left = deepLeaveFoldsOut(deep, fast.left);
    real = deepLeaveFoldsOut(deep, fast.real, realPartsOf(fast.material));
  });

  test('everyday: Spearman over slices at least .75', () => {
    const found = bySlice(left).map((rows) => orderOf(rows, raw));
    print('deep, by slice', found);
    const heads = bySlice(left).map((rows) => orderOf(rows, (one) => one.heads.need));
    print('deep, first head', heads);
    expect(mean(found, (value) => value)).toBeGreaterThanOrEqual(0.75);
  });

  test('real prompts, none of them in training', () => {
    expect(printReal('deep, real prompts', left)).toBeGreaterThan(0.6);
  });

  test('real prompts, four fifths of them in training', () => {
    expect(printReal('deep, a fifth of the real prompts', real)).toBeGreaterThan(0.64);
  });

  test('complexity is calibrated: an error of .04 at most', () => {
    const { complexity } = readShippedDeep().calibration;
    printLanguages('deep', left, complexity);
    printGroups('deep', left, complexity);
    const error = calibrationOf(left, complexity);
    print('deep, all: calibration error', [error]);
    expect(error).toBeLessThanOrEqual(0.04);
  });

  test('training again gives the shipped weights, to the last digit', () => {
    const file = deepFile(read().hash, deep, left);
    expect(JSON.parse(JSON.stringify(file))).toEqual(readShippedDeep());
    expect(tradeOf(left, file.calibration)).toEqual(shippedTrade('deep'));
  });
});

function print(name: string, values: readonly (number | string)[]): void {
  const written = values.map((value) => (typeof value === 'string' ? value : value.toFixed(3)));
  const numbers = values.filter((value) => typeof value === 'number');
  const average = numbers.length > 3 ? `  mean ${mean(numbers, (value) => value).toFixed(3)}` : '';
  process.stdout.write(`${name.padEnd(24)} ${written.join('  ')}${average}\n`);
}
