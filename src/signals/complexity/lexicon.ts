/**
 * Words of twelve languages, mapped to some fifty concepts: a prompt and its translation hit the same
 * ones. Looked up by hash while the text is scanned, so no word is ever cut out of it.
 */
import type { Characters } from './characters.ts';
import { IDEOGRAPH } from './characters.ts';
import entries from './lexicon.json' with { type: 'json' };
import { own } from '../../lib/own.ts';
import { type HashTable, hashTable, slotOf } from './hash-table.ts';
import { HASH_START, hashStep } from './word-hash.ts';

export interface Lexicon {
  readonly names: readonly string[];
  /** Whole words. */
  readonly words: HashTable;
  /** Beginnings of words (`deriv*`). */
  readonly prefixes: HashTable;
  /** By hash of a word's first letters, `firstLetters` of them: how long the beginnings may be that it has, as bits modulo 32. */
  readonly prefixLengths: Int32Array;
  /** Parts of a text that is written without spaces. */
  readonly parts: HashTable;
}

export const NO_CONCEPT = 255;

/** The concept of a hash, or `NO_CONCEPT`. */
export const lookUp = (table: HashTable, hash: number): number =>
  table.values[slotOf(table, hash, NO_CONCEPT)]!;

const HANGUL = 0xac00;
/** Syllables of Hangul are two letters or three. */
export const isHangul = (unit: number): boolean => unit >= HANGUL;
/** Beginnings of fewer letters say nothing. */
export const firstLetters = (isOfHangul: boolean): number => (isOfHangul ? 2 : 3);

const LENGTH_SLOTS = 4096;
/** The place in `prefixLengths` of a hash of first letters. */
export const lengthSlot = (hash: number): number => (hash ^ (hash >>> 15)) & (LENGTH_SLOTS - 1);

/** Compiles the word list: about 3 ms. The first concept that names a word keeps it. */
export function lexicon(chars: Characters): Lexicon {
  const sorted: Sorted = { words: [], prefixes: [], parts: [] };
  const prefixLengths = new Int32Array(LENGTH_SLOTS);
  Object.values(entries).forEach((languages, concept) => {
    for (const [language, list] of Object.entries(languages))
      for (const entry of list.split(' ')) {
        const { kind, word } = sortedBy(entry, language, chars);
        sorted[kind].push({ hash: foldedHash(word, chars), concept });
        const first = word.slice(0, firstLetters(isHangul(word.charCodeAt(0))));
        if (kind === 'prefixes')
          prefixLengths[lengthSlot(foldedHash(first, chars))]! |= 1 << word.length;
      }
  });
  return {
    names: Object.keys(entries),
    words: tableOf(sorted.words),
    prefixes: tableOf(sorted.prefixes),
    prefixLengths,
    parts: tableOf(sorted.parts),
  };
}

interface Named {
  readonly hash: number;
  readonly concept: number;
}

type Sorted = Record<'words' | 'prefixes' | 'parts', Named[]>;

/** Particles cling to the ends of Korean and Hindi words: from this many units on, a beginning is enough. */
const CLINGING: Readonly<Record<string, number>> = { ko: 2, hi: 3, ar: 3 };

function sortedBy(
  entry: string,
  language: string,
  chars: Characters,
): { readonly kind: keyof Sorted; readonly word: string } {
  const marked = entry.endsWith('*');
  const word = marked ? entry.slice(0, -1) : entry;
  if (chars.classOf[word.charCodeAt(0)] === IDEOGRAPH) return { kind: 'parts', word };
  const open = marked || word.length >= (own(CLINGING, language) ?? Infinity);
  return { kind: open ? 'prefixes' : 'words', word };
}

function foldedHash(word: string, chars: Characters): number {
  let hash = HASH_START;
  for (let at = 0; at < word.length; at += 1)
    hash = hashStep(hash, chars.folded[word.charCodeAt(at)]!);
  return hash;
}

function tableOf(named: readonly Named[]): HashTable {
  const table = hashTable(named.length, NO_CONCEPT);
  for (const { hash, concept } of named) {
    const slot = slotOf(table, hash, NO_CONCEPT);
    if (table.values[slot] !== NO_CONCEPT) continue;
    table.keys[slot] = hash;
    table.values[slot] = concept;
  }
  return table;
}
