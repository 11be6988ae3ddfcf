import { expect, test } from 'vitest';
import { withoutPythonNumbers } from './python-json.ts';

test.each([
  ['{"a":-Infinity,"b":[NaN, Infinity]}', '{"a":-9999,"b":[null, null]}'],
  [String.raw`{"NaN":"-Infinity \" NaN","b":NaN}`, String.raw`{"NaN":"-Infinity \" NaN","b":null}`],
])('%s is JSON without them', (text, json) => {
  expect(withoutPythonNumbers(text)).toBe(json);
  expect(() => JSON.parse(json) as unknown).not.toThrow();
});

test.each(['{"a":1}', '{"a":"NaN"}'])('%s holds none', (text) => {
  expect(withoutPythonNumbers(text)).toBeUndefined();
});
