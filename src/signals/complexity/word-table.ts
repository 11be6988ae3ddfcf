/** Finds in which of several lists a word is, with one look for all of them and without cutting it out of its text. */
import { unitAt } from '../../lib/text-units.ts';
import { type HashTable, hashTable, slotOf } from './hash-table.ts';
import { HASH_START, hashOf, hashStep } from './word-hash.ts';

/** Units of Latin script with its accents; a word with others is folded as a string. */
const UNITS = 0x250;

/** Small letters without accents. */
export const plainWord = (word: string): string =>
  withoutAccents(word.toLowerCase().replace('’', "'"));

const withoutAccents = (text: string): string => text.normalize('NFD').replaceAll(ACCENTS, '');

const ACCENTS = /\p{M}/gu;

/** What `plainWord` makes of a unit of Latin script; 0 of others, and where that is not one unit. */
export const plainUnit = (unit: number): number => (unit < UNITS ? PLAIN[unit]! : 0);

const PLAIN = Uint16Array.from({ length: UNITS }, (_, unit) => {
  const plain = plainWord(String.fromCharCode(unit));
  return plain.length === 1 ? plain.charCodeAt(0) : 0;
});

const NO_LIST = 0;

/** Lists that words are in, as bits. Words are compared as `plainWord` gives them. */
export class WordTable {
  readonly #table: HashTable;

  /** @param lists each with its bit and its words, apart by white space */
  constructor(lists: readonly (readonly [bit: number, words: string])[]) {
    const entries = lists.flatMap(([bit, words]) =>
      words
        .trim()
        .split(/\s+/)
        .map((word) => ({ bit, hash: hashOf(word) })),
    );
    const table = hashTable(entries.length, NO_LIST);
    for (const { bit, hash } of entries) {
      const slot = slotOf(table, hash, NO_LIST);
      table.keys[slot] = hash;
      table.values[slot]! |= bit;
    }
    this.#table = table;
  }

  /** The lists of the word `text[from, to)`; 0 where it is in none. */
  of(text: string, from = 0, to = text.length): number {
    let hash = HASH_START;
    for (let at = from; at < to; at += 1) {
      const plain = plainUnit(unitAt(text, at));
      if (plain === 0) return this.#listsOf(hashOf(plainWord(text.slice(from, to))));
      hash = hashStep(hash, plain);
    }
    return this.#listsOf(hash);
  }

  #listsOf(hash: number): number {
    return this.#table.values[slotOf(this.#table, hash, NO_LIST)]!;
  }
}
