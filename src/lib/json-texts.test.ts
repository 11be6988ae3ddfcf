import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJson, mapTexts, textsIn } from './json-texts.ts';

const CARD = '4111 1111 1111 1111';

describe('textsIn', () => {
  test.each([
    ['a text', CARD],
    ['a list in an object', { a: [{ b: CARD }] }],
    ['the name of a member', { [CARD]: 1 }],
    ['text after an escaped line end, in JSON in a text', { arguments: `{"a":"x\\n${CARD}"}` }],
    [
      'JSON in JSON in a text',
      { arguments: JSON.stringify({ a: JSON.stringify({ b: `\n${CARD}` }) }) },
    ],
    ['letters written as escapes', { a: '\\u0034111 1111 1111 1111' }],
    ['percent-encoded text', { url: `https://a.example/?q=${encodeURIComponent(CARD)}` }],
    ['a data URL of text', { url: `data:text/plain,${CARD}` }],
  ])('finds %s', (_, value) => {
    expect(textsIn(value).some((text) => /(?<!\w)4111 1111 1111 1111/.test(text))).toBe(true);
  });

  test('media is not text, whatever its base64 spells', () => {
    const base64 = 'QUJD'.repeat(600);
    expect(textsIn({ url: `data:image/png;base64,${base64}`, data: base64 })).toEqual([]);
  });

  test('a long text that is not base64 is not taken for media', () => {
    const list = '4111111111111111,'.repeat(200);
    expect(textsIn({ data: list })).toEqual([list]);
  });
});

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

  test('maps every text that `textsIn` finds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const mapped = mapTexts(JSON.parse(JSON.stringify(value)), () => 'mapped');
        expect(textsIn(mapped).filter((text) => text !== 'mapped' && !/\d/.test(text))).toEqual([]);
      }),
    );
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
