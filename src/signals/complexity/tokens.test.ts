import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bare, bareFrom, bareTo, hasWords } from './tokens.ts';

test.each([
  ['"word",', 'word'],
  ['(case', 'case'],
  ['**bold**:', 'bold**:'],
  ["don't!", "don't"],
  ['#1.', '1'],
  ['...', ''],
  ['', ''],
])('the signs around %s leave %s', (token, word) => {
  expect(bare(token)).toBe(word);
});

test('signs are passed within the token alone', () => {
  const text = '((a)) "(b)" ';
  const from = bareFrom(text, 6, 11);
  expect(text.slice(from, bareTo(text, from, 11))).toBe('b');
});

test('two letters of any script that stand together are a word', () => {
  const unit = fc.constantFrom(...'aé1. ъ文\u0301ª\ud835\udc00'.split(''));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 6 }), (text) => {
      expect(hasWords(text)).toBe(/\p{L}{2}/u.test(text));
    }),
  );
});
