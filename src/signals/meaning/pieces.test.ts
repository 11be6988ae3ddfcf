import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shippedTable } from './meaning.ts';
import { pieceReader } from './pieces.ts';
import { buildVocabulary, openVocabulary, pieceTexts } from './vocabulary.ts';

/** Texts cut by the Unigram model of Hugging Face's tokenizers 0.23 with the shipped vocabulary. */
const CASE = z.object({ lang: z.string(), text: z.string(), pieces: z.array(z.string()) });
const cases = readFileSync('test/fixtures/word-pieces.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => CASE.parse(JSON.parse(line)));

const { vocabulary } = shippedTable();
const read = pieceReader(vocabulary);
const texts = pieceTexts(vocabulary);

/** Unknown characters in a row count as one. */
function piecesOf(text: string): string[] {
  const found: string[] = [];
  read(text, (piece) => {
    const name = piece < 0 ? '<unk>' : texts[piece]!;
    if (name !== '<unk>' || found.at(-1) !== name) found.push(name);
  });
  return found;
}

test.each([...Map.groupBy(cases, ({ lang }) => lang)])(
  '%s: words are cut as the reference tokeniser cuts them',
  (_lang, group) => {
    for (const { text, pieces } of group) expect(piecesOf(text)).toEqual(pieces);
  },
);

test('the most probable pieces win, not the longest first', () => {
  const { stored, order } = buildVocabulary([
    { text: '\u2581ab', score: -5 },
    { text: 'c', score: -5 },
    { text: '\u2581a', score: -2 },
    { text: 'bc', score: -2 },
  ]);
  const found: number[] = [];
  pieceReader(openVocabulary(stored))('abc', (piece) => found.push(order[piece]!));
  expect(found).toEqual([2, 3]);
});

test('any text is read: lone surrogates, control characters, words of a million letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(() => piecesOf(`${text}\ud800`)).not.toThrow();
    }),
  );
  expect(piecesOf('a'.repeat(1_000_000)).length).toBeGreaterThan(1000);
  expect(piecesOf(' \n\t ')).toEqual([]);
});
