/** `learn` on noise, a hundred times: with fifty numbers to follow it must not follow them. */
import { expect, test } from 'vitest';
import { learn } from '../../src/analysis/learn.ts';
import { seenLabels } from '../support/seen-labels.ts';

const IN_FORCE = { complexityBelow: 0.4, wrongAbove: 1 };

test('on noise it refuses in at least 95 of 100 seeds', () => {
  const refused = Array.from({ length: 100 }, (_, seed) =>
    learn(
      seenLabels(600, seed + 1, () => 0.2),
      IN_FORCE,
      { savedUsd: 0.002, worseUsd: 0.01 },
      '0123456789ab',
    ),
  ).filter(({ kind }) => kind === 'no-better').length;
  process.stdout.write(`learn refused noise in ${refused} of 100 seeds\n`);
  expect(refused).toBeGreaterThanOrEqual(95);
});
