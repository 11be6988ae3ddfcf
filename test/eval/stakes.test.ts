/**
 * `npm run test:eval -- test/eval/stakes`: what the signal `stakes` makes of everyday requests whose writers it has not seen. Needs the
 * training data (SMALLFIRST_ROUTING_DATA, or ../shared/data/routing beside the project); skips aloud without.
 */
import { describe, expect, test } from 'vitest';
import { meaning } from '../../src/signals/meaning/meaning.ts';
import { stakesNetwork } from '../../src/signals/stakes/network.ts';
import { taskReader } from '../../src/signals/text/reader.ts';
import { dataFolder, readDataset, type Row } from '../../src/training/dataset.ts';
import { areaUnderCurve, mean } from '../../src/training/metrics.ts';
import { everydayStakes, fitStakes, stakesSamples } from '../../src/training/train-stakes.ts';
import { featuresOf } from '../support/features.ts';

const folder = dataFolder(process.env);
if (folder === undefined) {
  process.stderr.write('SKIPPED: no routing data; set SMALLFIRST_ROUTING_DATA to its folder\n');
}

/** Writers that are left out together. */
const HALVES = [/^w[1-4]-/, /^w[5-8]-/] as const;

interface Judged {
  readonly row: Row;
  /** A kind, `none`, or `unclear`. */
  readonly stake: string;
  readonly degree: number;
}

function judgedLeftOut(rows: readonly Row[]): Judged[] {
  const labels = everydayStakes();
  const read = taskReader();
  return HALVES.flatMap((half) => {
    const isOut = ({ bench, id }: Row): boolean => bench === 'everyday' && half.test(id);
    const learned = fitStakes(stakesSamples(rows.filter((row) => !isOut(row))));
    const judge = stakesNetwork(learned, meaning());
    return rows.filter(isOut).map((row) => ({
      row,
      stake: labels.get(row.id) ?? 'none',
      degree: judge(read(featuresOf(...row.turns)).pieces()).degree,
    }));
  });
}

const shareHigh = (rows: readonly Judged[]): number =>
  mean(rows, ({ degree }) => Number(degree >= 0.5));

const print = (name: string, share: number): void =>
  void process.stdout.write(`${name.padEnd(40)} ${share.toFixed(3)}\n`);

describe.skipIf(folder === undefined)('everyday requests of writers that were left out', () => {
  test('few harmless ones are taken for costly', () => {
    const all = judgedLeftOut(readDataset(folder!).rows);
    const harmless = all.filter(({ stake }) => stake === 'none');
    const costly = all.filter(({ stake }) => stake !== 'none' && stake !== 'unclear');
    const spanish = ({ row }: Judged): boolean => row.lang === 'es';
    print('all requests', shareHigh(all));
    print('all Spanish ones', shareHigh(all.filter(spanish)));
    print('harmless', shareHigh(harmless));
    print('harmless, English', shareHigh(harmless.filter(({ row }) => row.lang === 'en')));
    print('harmless, Spanish', shareHigh(harmless.filter(spanish)));
    print('costly', shareHigh(costly));
    const told = areaUnderCurve(
      [...harmless, ...costly],
      ({ degree }) => degree,
      ({ stake }) => stake !== 'none',
    );
    print('told apart (AUC)', told);
    expect(shareHigh(harmless)).toBeLessThanOrEqual(0.07);
    expect(shareHigh(costly)).toBeGreaterThanOrEqual(0.36);
    expect(told).toBeGreaterThanOrEqual(0.83);
  });
});
