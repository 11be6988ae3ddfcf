/**
 * `npm run test:routing`: how well the fast judge orders requests of writers that it has not seen. Needs the
 * training data (SMALLFIRST_ROUTING_DATA, or ../shared/data/routing beside the project); skips aloud without.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/signals/complexity/calibrated.ts';
import { model } from '../../src/signals/complexity/model.ts';
import { shippedNeed } from '../../src/signals/complexity/need-file.ts';
import { judgeInputs } from '../../src/signals/complexity/inputs.ts';
import { shippedWeights } from '../../src/signals/complexity/weights.ts';
import { dataFolder, readDataset } from '../../src/training/dataset.ts';
import { areaUnderCurve, calibrationError, mean, spearman } from '../../src/training/metrics.ts';
import { leaveFoldsOut, type LeftOut, materialOf } from '../../src/training/train-need.ts';

const folder = dataFolder(process.env);
if (folder === undefined) {
  process.stderr.write('SKIPPED: no routing data; set SMALLFIRST_ROUTING_DATA to its folder\n');
}

const unitsOf = ({ row }: LeftOut): number => row.turns.at(-1)?.text.length ?? 0;
const orderOf = (rows: readonly LeftOut[], score: (row: LeftOut) => number): number =>
  spearman(
    rows.map(score),
    rows.map(({ need }) => need),
  );

describe.skipIf(folder === undefined)('requests of writers that were left out', () => {
  let left: readonly LeftOut[] = [];
  let line: Parameters<typeof valueAt>[0] = [];
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
    const error = (rows: readonly LeftOut[]): number =>
      calibrationError(
        rows.map(({ raw, need }) => ({ forecast: valueAt(line, raw), outcome: need })),
      );
    const languages = [...Map.groupBy(everyday(), ({ row }) => row.lang)].filter(
      ([, rows]) => rows.length >= 50,
    );
    for (const [lang, rows] of languages)
      print(`${lang}, ${rows.length} rows: Spearman, calibration error`, [
        orderOf(rows, ({ raw }) => raw),
        error(rows),
      ]);
    print('all: calibration error', [error(left)]);
    expect(error(left)).toBeLessThanOrEqual(0.04);
  });
});

function print(name: string, values: readonly (number | string)[]): void {
  const written = values.map((value) => (typeof value === 'string' ? value : value.toFixed(3)));
  const numbers = values.filter((value) => typeof value === 'number');
  const average = numbers.length > 3 ? `  mean ${mean(numbers, (value) => value).toFixed(3)}` : '';
  process.stdout.write(`${name.padEnd(24)} ${written.join('  ')}${average}\n`);
}
