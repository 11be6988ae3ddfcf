import { expect, test } from 'vitest';
import { before, below, recorded, replay } from '../../../test/support/replayed.ts';
import { checkBounds } from './bounds.ts';

const simulation = replay([recorded(0.2), recorded(0.6)], below(0.8));
const crossed = (bounds: Parameters<typeof checkBounds>[1]): readonly string[] =>
  checkBounds(simulation, bounds).flatMap(({ bound, isCrossed }) => (isCrossed ? [bound] : []));

test('bounds are crossed by larger values, and not by equal ones', () => {
  expect(crossed({ maxLargeShare: 0, maxFlips: 0.5, maxCostChange: 0, minQuality: 0.1 })).toEqual(
    [],
  );
  expect(crossed({ maxFlips: 0.49, maxCostChange: -0.999, minQuality: 0.79 })).toEqual([
    'max-flips',
    'max-cost-change',
    'min-quality',
  ]);
  expect(checkBounds(replay([recorded(0.6)], before), { maxLargeShare: 0.99 })).toEqual([
    { bound: 'max-large-share', limit: 0.99, value: 1, isCrossed: true },
  ]);
});

test('bounds that cannot be computed count as crossed', () => {
  const unknown = replay([recorded(0.6)], below(0.8));
  expect(checkBounds(unknown, { maxCostChange: 1 })).toEqual([
    { bound: 'max-cost-change', limit: 1, value: null, isCrossed: true },
  ]);
});
