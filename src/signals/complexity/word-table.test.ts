import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainWord, WordTable } from './word-table.ts';

const [FIRST, SECOND] = [1, 2];
const table = new WordTable([
  [FIRST, "resume don't große"],
  [SECOND, 'resume  el\nnp-hard'],
]);

test.each([
  ['resume', FIRST | SECOND],
  ['Résumé', FIRST | SECOND],
  ['RE\u0301SUME\u0301', FIRST | SECOND],
  ['don’t', FIRST],
  ['GROSSE', 0],
  ['Große', FIRST],
  ['El', SECOND],
  ['np-hard', SECOND],
  ['np', 0],
  ['', 0],
  ['эль', 0],
])('the lists of "%s" are %i', (word, lists) => {
  expect(table.of(word)).toBe(lists);
});

test('a word is found where it stands as it is by itself', () => {
  const unit = fc.oneof(
    fc.constantFrom(...'elresumdontéÉ’-'.split('')),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  );
  const word = fc.oneof(
    fc.constantFrom('El', 'résumé', 'don’t'),
    fc.string({ unit, maxLength: 8 }),
  );
  fc.assert(
    fc.property(word, word, word, (before, middle, after) => {
      const found = table.of(before + middle + after, before.length, before.length + middle.length);
      expect(found).toBe(table.of(middle));
      expect(found).toBe(table.of(plainWord(middle)));
    }),
  );
});
