import { expect, test } from 'vitest';
import { characters, LETTER } from './characters.ts';
import { Tally } from './counters.ts';
import { lexicon } from './lexicon.ts';
import entries from './lexicon.json' with { type: 'json' };
import { scanner } from './scan.ts';

const chars = characters();
const words = lexicon(chars);
const tally = new Tally(words.names.length);
const scan = scanner(chars, words, tally);

/** The concepts that a text names. */
function named(text: string): readonly number[] {
  tally.clear();
  scan.scan(text, { from: 0, to: text.length }, () => 0);
  return words.names.flatMap((_, at) => (tally.concepts[at]! > 0 ? [at] : []));
}

test('words that begin as the lexicon says name a concept, whatever they end with', () => {
  const beginnings = Object.values(entries)
    .flatMap((languages) => Object.values(languages))
    .flatMap((list) => list.split(' '))
    .filter((entry) => entry.endsWith('*') && chars.classOf[entry.charCodeAt(0)] === LETTER)
    .map((entry) => entry.slice(0, -1));
  expect(beginnings.length).toBeGreaterThan(1000);
  expect(beginnings.filter((word) => named(`${word}qzq`).length !== 1)).toEqual([]);
});
