import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJson, mapTexts } from './json-texts.ts';

describe('mapTexts', () => {
  test('returns the same value when nothing changes', () => {
    const value = { a: ['b', { c: 'd' }], e: null, f: 1 };
    expect(mapTexts(value, (text) => text)).toBe(value);
  });

  test('in a text that is JSON only the strings are mapped, unescaped', () => {
    const written = '{ "a" : "x\\ny" ,\n "b": [1.50, true] }';
    const mapped = mapTexts(written, (text) => text.replace('x\ny', 'z'));
    expect(mapped).toBe('{ "a" : "z" ,\n "b": [1.50, true] }');
  });

  test('maps every text, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const mapped = mapTexts(JSON.parse(JSON.stringify(value)), () => 'mapped');
        JSON.stringify(mapped, (_, inner: unknown) => {
          if (typeof inner === 'string') expect(inner).toBe('mapped');
          return inner;
        });
      }),
    );
  });

  test('media is not text', () => {
    const base64 = 'QUJD'.repeat(600);
    const media = { url: `data:image/png;base64,${base64}`, data: base64 };
    expect(mapTexts(media, () => 'mapped')).toBe(media);
  });
});

test.each([
  ['{"a":1}', true],
  [' [1]', true],
  ['"a"', false],
  ['{a}', false],
])('%s is JSON that holds texts: %o', (text, is) => {
  expect(isJson(text)).toBe(is);
});
