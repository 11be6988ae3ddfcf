import { expect, test } from 'vitest';
import { matchSteps } from './match-steps.ts';

test.each([
  ['abc', 1],
  ['^a*$', 100],
  ['a+?b', 100],
  ['a{2,}', 100],
  ['a{3}', 1],
  ['a{0,9}b{1,2}', 20],
  ['a{0,500}', 100],
  ['a?b??', 4],
  ['(a|b|c)(?:d|e)|f', 12],
  ['(?<year>a)?(?=b|c)', 4],
  [String.raw`\(\?\*[*+?|{1,9}]\u{61}`, 1],
])('%s: %i ways over 100 characters', (pattern, ways) => {
  expect(matchSteps(pattern, 100)).toBe(ways);
});

test.each(['(a+)+', '(?:a|b){2}', String.raw`(a)\1`])('%s: no limit', (pattern) => {
  expect(matchSteps(pattern, 100)).toBe(Infinity);
});
