import { expect, test } from 'vitest';
import { UpstreamError } from '../core/errors.ts';
import { retryAfterMs, withWholeSeconds } from './retry-after.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12, 0, 0);
const asked = (headers: Readonly<Record<string, string>>): number | undefined =>
  retryAfterMs(new UpstreamError('rate_limited', 'no', { headers }), NOW_MS);

test.each<readonly [Readonly<Record<string, string>>, number | undefined]>([
  [{ 'retry-after': '30' }, 30_000],
  [{ 'retry-after': ' 1.5 ' }, 1500],
  [{ 'retry-after': 'Sun, 29 Nov 2026 12:00:20 GMT' }, 20_000],
  [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  [{ 'retry-after-ms': 'soon', 'retry-after': '1' }, 1000],
  [{}, undefined],
  [{ 'retry-after': '0' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': 'Sun, 29 Nov 2026 11:00:00 GMT' }, undefined],
  [{ 'retry-after': 'Sunny' }, undefined],
  [{ 'retry-after': 'Infinity' }, undefined],
  [{ 'retry-after': '1e9' }, undefined],
])('%j is %s', (headers, ms) => {
  expect(asked(headers)).toBe(ms);
});

test('an error of another kind says nothing', () => {
  expect(retryAfterMs(new Error('no'))).toBeUndefined();
});

test.each<readonly [Readonly<Record<string, string>>, string | undefined]>([
  [{ 'retry-after': '30' }, '30'],
  [{ 'retry-after': '1.5' }, '2'],
  [{ 'retry-after': 'Sun, 29 Nov 2026 12:00:20 GMT' }, '20'],
  [{ 'retry-after-ms': '1500' }, '2'],
  [{ 'retry-after-ms': '250', 'retry-after': 'soon' }, '1'],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-1' }, undefined],
  [{ 'retry-after': 'Sun, 29 Nov 2026 11:00:00 GMT' }, undefined],
  [{}, undefined],
])('a caller reads %j as %s', (headers, after) => {
  expect(withWholeSeconds({ ...headers, 'x-a': 'b' }, NOW_MS)).toEqual({
    ...headers,
    'x-a': 'b',
    'retry-after': after,
  });
});
