/**
 * Routing quality on benchmarks the model has not seen: floors that only rise. Needs the training data
 * (`SMALLFIRST_ROUTING_DATA`); skipped with a message without it.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { dataFolder, readDataset } from '../../src/training/dataset.ts';
import { evaluate, type Evaluation } from '../../src/training/evaluate.ts';
import { train } from '../../src/training/train.ts';

const folder = dataFolder(process.env);
if (folder === undefined) {
  process.stderr.write('SKIPPED: no routing data; set SMALLFIRST_ROUTING_DATA to its folder\n');
}

/** Left out: nothing of the benchmark's family was seen. Inside: nine tenths of its rows were. */
const FLOORS: readonly (readonly [name: string, leftOut: number, inside: number])[] = [
  ['mmlu', 0.56, 0.65],
  ['mmlu_pro', 0.55, 0.555],
  ['arc_challenge', 0.51, 0.51],
  ['bigmath: orca_math', 0.565, 0.595],
  ['bigmath: cn_k12', 0.545, 0.55],
  ['math_prealgebra', 0.57, 0.575],
  ['mbpp', 0.52, 0.52],
  ['ulab_mbpp', 0.62, 0.63],
  ['ulab, all eleven as one mix', 0.71, 0.69],
];

describe.skipIf(folder === undefined)('on unseen benchmarks', () => {
  let found: Evaluation;
  beforeAll(() => {
    found = evaluate(readDataset(folder!).rows);
  });

  test.each(FLOORS)(
    '%s: APGR stays at or above %f left out, %f inside',
    (name, leftOut, inside) => {
      const entry = found.entries.find((one) => one.name === name);
      expect(entry?.leftOut.apgr).toBeGreaterThanOrEqual(leftOut);
      expect(entry?.inside.apgr).toBeGreaterThanOrEqual(inside);
    },
  );

  test('where the labels are dealt out at random, nothing is learned: .50 ± .04', () => {
    expect(found.control).toBeGreaterThan(0.46);
    expect(found.control).toBeLessThan(0.54);
  });

  test('complexity is calibrated on the example mix', () => {
    expect(found.mixEce).toBeLessThan(0.07);
  });
});

test.skipIf(folder === undefined)(
  'training again gives the shipped weights, to the last digit',
  () => {
    const shipped = (file: string): unknown =>
      JSON.parse(readFileSync(`src/signals/complexity/${file}.json`, 'utf8'));
    expect(JSON.parse(JSON.stringify(train(folder!)))).toEqual({
      weights: shipped('weights'),
      need: shipped('need'),
    });
  },
);
