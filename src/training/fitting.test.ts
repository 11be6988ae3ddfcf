import { expect, test } from 'vitest';
import { forest } from '../signals/complexity/trees.ts';
import { growForest } from './forest.ts';
import { seeded } from './metrics.ts';
import { fitRidge, type Sample } from './ridge.ts';

const random = seeded(5);
const samples: readonly Sample[] = Array.from({ length: 600 }, () => {
  const features = Float64Array.from([random(), random(), random()]);
  return { features, weight: 1, target: 0.3 + 2 * features[0]! - features[1]! };
});

test('ridge finds the line that the samples lie on', () => {
  const { bias, slopes } = fitRidge(samples, 1e-6);
  expect(bias).toBeCloseTo(0.3, 4);
  expect([...slopes].map((slope) => Math.round(slope * 1000) / 1000 + 0)).toEqual([2, -1, 0]);
});

test('a sample without weight has no effect', () => {
  const noise = { features: Float64Array.from([9, 9, 9]), weight: 0, target: 1000 };
  expect(fitRidge([...samples, noise], 1)).toEqual(fitRidge(samples, 1));
});

test('a forest learns a step, and is deterministic', () => {
  const steps = samples.map(({ features, weight }) => ({
    features,
    weight,
    target: features[0]! > 0.5 === features[1]! > 0.5 ? 1 : 0,
  }));
  const options = {
    trees: 80,
    leaves: 6,
    rate: 0.2,
    featureShare: 1,
    rowShare: 0.8,
    penalty: 1,
    leastWeight: 5,
    seed: 2,
  };
  const grown = growForest(steps, options);
  const predict = forest(grown.trees);
  const wrong = steps.filter(
    ({ features, target }) => Math.abs(grown.base + predict(features) - target) > 0.5,
  );
  expect(wrong.length / steps.length).toBeLessThan(0.05);
  expect(growForest(steps, options)).toEqual(grown);
});
