import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitWords, wordHash } from './words.ts';

const wordsOf = (text: string): string[] => {
  const { folded, length } = splitWords(text);
  return String.fromCharCode(...folded.subarray(0, length))
    .trim()
    .split(' ')
    .filter((word) => word !== '');
};

/** Any UTF-16 unit, lone surrogates included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

test.each([
  ['¿Dónde está mi contraseña?', ['donde', 'esta', 'mi', 'contrasena']],
  ['Größe, Straße & Œuvre', ['grose', 'strase', 'ouvre']],
  ['ПРИВЕТ мир', ['привет', 'мир']],
  ['ｆｕｌｌ　ｗｉｄｔｈ', ['full', 'width']],
  ['', []],
  ['  ?!  ', []],
])('"%s" is read as %j', (text, expected) => {
  expect(wordsOf(text)).toEqual(expected);
});

test('every Latin letter folds to the letter that its canonical decomposition starts with', () => {
  for (let unit = 0xc0; unit < 0x180; unit++) {
    const base = String.fromCharCode(unit).normalize('NFD').charAt(0).toLowerCase();
    if (base >= 'a' && base <= 'z') expect(wordsOf(String.fromCharCode(unit))).toEqual([base]);
  }
});

test('marks that cannot be seen change nothing', () => {
  const invisible = fc.constantFrom(
    '\u200b',
    '\u200d',
    '\u202e',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u0301',
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...'refund order '.split('')), invisible)),
      (letters) => {
        const plain = letters.map(([letter]) => letter).join('');
        expect(wordsOf(letters.flat().join(''))).toEqual(wordsOf(plain));
      },
    ),
  );
});

test('a text has the hashes of its words, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit, maxLength: 60 }), (text) => {
      const { hashes, count } = splitWords(text);
      expect([...hashes.subarray(0, count)]).toEqual(wordsOf(text).map(wordHash));
    }),
  );
});
