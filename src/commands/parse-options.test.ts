import { expect, test } from 'vitest';
import { duration, portNumber, share } from './parse-options.ts';

test.each([
  ['90m', 5_400_000],
  ['12h', 43_200_000],
  ['1.5d', 129_600_000],
  ['4w', 2_419_200_000],
])('%s is %i ms', (text, ms) => {
  expect(duration('since', text)).toBe(ms);
});

test.each(['yesterday', '30', 'd', '-3d', '3 d', ''])(
  '"%s" is no duration, and says so',
  (text) => {
    expect(() => duration('since', text)).toThrow(`--since is "${text}"; write a number with`);
  },
);

test.each([
  ['0.5', 0.5],
  ['50%', 0.5],
  ['0', 0],
  ['100%', 1],
])('%s is a share of %f', (text, value) => {
  expect(share('max-flips', text)).toBe(value);
});

test.each([
  ['+5%', 0.05],
  ['-0.1', -0.1],
  ['150%', 1.5],
])('%s is a change of %f', (text, value) => {
  expect(share('max-cost-change', text, { signed: true })).toBe(value);
});

test.each(['1.5', '-0.1', 'half', '5 %', ''])('"%s" is no share, and says so', (text) => {
  expect(() => share('max-flips', text)).toThrow(`--max-flips is "${text}"; write a share`);
});

test.each(['0', '8080', '65535'])('%s is a port', (text) => {
  expect(portNumber('port', text)).toBe(Number(text));
});

test.each(['65536', '-1', '80a', '', '8080.5'])('"%s" is no port, and says so', (text) => {
  expect(() => portNumber('port', text)).toThrow(`--port is "${text}"; write a port from 0`);
});

test('an absent option is no bound', () => {
  expect(share('max-flips', undefined)).toBeUndefined();
});
