import { expect, test } from 'vitest';
import { safePattern } from './safe-pattern.ts';

test.each([
  [String.raw`^\d{4}-\d{2}-\d{2}$`, '2026-11-30', '30.11.2026'],
  [String.raw`^[^@\s]+@[^@\s]+$`, 'a@b', 'ab'],
  ['^(small|large)$', 'small', 'tiny'],
  [String.raw`^\(a\)+$`, '(a))', 'a'],
  ['^[(+)*]$', '+', 'x'],
])('%s is matched', (pattern, fits, fails) => {
  expect(safePattern(pattern, 'u').test(fits)).toBe(true);
  expect(safePattern(pattern, 'u').test(fails)).toBe(false);
});

test.each([
  '(a+)+$',
  '(a|aa)+$',
  '(?:a|a){1,50}$',
  '^.*.*.*x$',
  String.raw`(a*)\1b`,
  `^${'a?'.repeat(50)}b$`,
  `^${'a{0,20}'.repeat(9)}b$`,
  `^${'(a|a)'.repeat(30)}b$`,
])('%s may take for ever, so that nothing is said of it', (pattern) => {
  expect(safePattern(pattern, 'u').test('a'.repeat(40))).toBe(true);
});

test('a long text is not matched, and what is no pattern throws', () => {
  expect(safePattern('^.*x$', 'u').test('a'.repeat(40_000))).toBe(true);
  expect(() => safePattern('(', 'u')).toThrow(SyntaxError);
});
