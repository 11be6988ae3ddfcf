import { expect, test } from 'vitest';
import { occurs } from './occurrences.ts';

test.each([
  ['', ':', 0, true],
  ['', ':', 1, false],
  ['a:b:c', ':', 2, true],
  ['a:b:c', ':', 3, false],
  ['aaaa', 'aa', 2, true],
  ['aaaa', 'aa', 3, false],
])('in "%s" "%s" stands %i times: %s', (text, sign, times, expected) => {
  expect(occurs(text, sign, times)).toBe(expected);
});
