import { expect, test } from 'vitest';
import { withLeftOut } from './left-out.ts';

test('nothing left out leaves the headers alone', () => {
  const headers = { 'openai-version': '1' };
  expect(withLeftOut(headers, [])).toBe(headers);
});

test('names are added to those that are there, each once', () => {
  const once = withLeftOut({}, ['web_search']);
  expect(withLeftOut(once, ['seed', 'web_search'])).toEqual({
    'x-smallfirst-left-out': 'web_search, seed',
  });
});

test("a caller's own names are no header of theirs, and do not fill it", () => {
  const [first = '', ...others] = (
    withLeftOut({}, ['a\r\nset-cookie: b', ...Array.from({ length: 99 }, (_, at) => `x${at}`)])[
      'x-smallfirst-left-out'
    ] ?? ''
  ).split(', ');
  expect(first).toBe('a??set-cookie??b');
  expect(others).toHaveLength(9);
  expect(withLeftOut({}, ['y'.repeat(99)])['x-smallfirst-left-out']).toHaveLength(60);
});
