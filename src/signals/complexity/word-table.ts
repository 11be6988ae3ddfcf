/** Finds in which of several lists a word is, with one look for all of them and without cutting it out of its text. */
import { unitAt } from '../../lib/text-units.ts';
import { HASH_START, hashOf, hashStep } from './word-hash.ts';

/** Units of Latin script with its accents; a word with others is folded as a string. */
const UNITS = 0x250;
/** Slots of a table, rounded up to a power of two: where most are empty, a word that is in none is soon known. */
const SLOTS_PER_WORD = 4;

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

/** Lists that words are in, as bits. Words are compared as `plainWord` gives them. */
export class WordTable {
  readonly #keys: Int32Array;
  readonly #lists: Uint8Array;
  readonly #mask: number;

  /** @param lists each with its bit and its words, apart by white space */
  constructor(lists: readonly (readonly [bit: number, words: string])[]) {
    const entries = lists.flatMap(([bit, words]) =>
      words
        .trim()
        .split(/\s+/)
        .map((word) => ({ bit, hash: hashOf(word) })),
    );
    const slots = 2 ** Math.ceil(Math.log2(SLOTS_PER_WORD * entries.length));
    this.#keys = new Int32Array(slots);
    this.#lists = new Uint8Array(slots);
    this.#mask = slots - 1;
    for (const { bit, hash } of entries) {
      const slot = this.#slotOf(hash);
      this.#keys[slot] = hash;
      this.#lists[slot]! |= bit;
    }
  }

  /** The lists of the word `text[from, to)`; 0 where it is in none. */
  of(text: string, from = 0, to = text.length): number {
    let hash = HASH_START;
    for (let at = from; at < to; at += 1) {
      const plain = plainUnit(unitAt(text, at));
      if (plain === 0) return this.#lists[this.#slotOf(hashOf(plainWord(text.slice(from, to))))]!;
      hash = hashStep(hash, plain);
    }
    return this.#lists[this.#slotOf(hash)]!;
  }

  /** Where a hash is, or the empty slot at which looking for it ends. */
  #slotOf(hash: number): number {
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    while (this.#lists[slot] !== 0 && this.#keys[slot] !== hash) slot = (slot + 1) & this.#mask;
    return slot;
  }
}
