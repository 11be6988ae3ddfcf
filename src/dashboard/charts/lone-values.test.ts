import { expect, test } from 'vitest';
import { loneValues } from './lone-values.ts';

test.each([
  [[], []],
  [[null, null], []],
  [[3], [0]],
  [
    [0, null, 2, 3, null, 0.5, null],
    [0, 5],
  ],
  [[null, 1, 2, null], []],
])('of %j no line reaches %j', (values, lone) => {
  expect(loneValues(values)).toEqual(lone);
});
