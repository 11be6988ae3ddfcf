import { expect, test } from 'vitest';
import { distinctDecimals } from './distinct-decimals.ts';

test.each([
  [0.21, 0.46, ['0.21', '0.46']],
  [0.3141, 0.3143, ['0.3141', '0.3143']],
  [0.305, 0.3049, ['0.3050', '0.3049']],
  [0.5, 0.5, ['0.50', '0.50']],
])('%d and %d', (one, other, written) => {
  expect(distinctDecimals(one, other)).toEqual(written);
});
