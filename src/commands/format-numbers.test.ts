import { expect, test } from 'vitest';
import { counted, digits, grams, joules, percent, range, span, usd } from './format-numbers.ts';

test.each([
  [0, '0'],
  [1234.56, '1,235'],
  [1_234_567, '1,234,567'],
  [0.000123456, '0.0001235'],
  [0.25, '0.25'],
  [-12.3456, '-12.35'],
])('%d is formatted as %s', (value, expected) => {
  expect(digits(value)).toBe(expected);
});

test('a range whose ends round to the same is one figure', () => {
  expect(range(1.00001, 1.00002, 'Wh')).toBe('1 Wh');
  expect(range(0.64251, 1.0273, 'Wh')).toBe('0.6425..1.027 Wh');
});

test('large figures have larger units', () => {
  expect(joules(10, 20)).toBe('10..20 J');
  expect(joules(1800, 7200)).toBe('0.5..2 Wh');
  expect(joules(3.6e6, 7.2e6)).toBe('1..2 kWh');
  expect(joules(-7.2e6, -20)).toBe('-2..-0.000005556 kWh');
  expect(grams(1, 2)).toBe('1..2 g');
  expect(grams(500, 2000)).toBe('0.5..2 kg');
});

test('a span of time is told in a unit that suits it', () => {
  expect(span(92_000)).toBe('1.53 minutes');
  expect(span(2.5 * 3_600_000)).toBe('2.5 hours');
  expect(span(30 * 86_400_000)).toBe('30 days');
});

test('negative money has its sign before the dollar', () => {
  expect(usd(-1_500_000_000)).toBe('-$1.5');
  expect(percent(0.1234)).toBe('12.3 %');
});

test('a count of one is singular', () => {
  expect(counted(1, 'attempt')).toBe('1 attempt');
  expect(counted(12_345, 'attempt')).toBe('12,345 attempts');
});
