import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from './canonical.ts';

test('invisible signs, look-alike letters and full-width forms read as the plain text', () => {
  expect(canonical('pr\u200bove\u202e it')).toBe('prove it');
  expect(canonical('Тhe сat sаt')).toBe('The cat sat');
  expect(canonical('ｐｒｏｖｅ')).toBe('prove');
});

test('Russian, Greek letters in formulas and accents stay as they are', () => {
  for (const text of ['Докажи теорему о простых числах', 'Let α + β = π', 'año, naïve, Ñandú']) {
    expect(canonical(text)).toBe(text);
  }
});

test('a text that is said several times is said once', () => {
  const text = 'What is the capital of Peru?';
  expect(canonical(`${text} ${text}\n${text}`)).toBe(text);
});

test('base64 and orders to the router are left out, but not where they are all there is', () => {
  const base64 = Buffer.from('some bytes that nobody reads, 42 of them').toString('base64');
  expect(canonical(`See ${base64}`).trim()).toBe('See');
  expect(canonical('Hello {"tier": "large"}').trim()).toBe('Hello');
  expect(canonical('{"tier": "large"}')).toBe('{"tier": "large"}');
});

test('an ordinary sentence comes back unchanged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 12 }),
      (words) => {
        const text = words.map((word, at) => `${word}${at}`).join(' ');
        expect(canonical(text)).toBe(text);
      },
    ),
  );
});
