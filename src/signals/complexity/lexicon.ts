/**
 * Words of twelve languages, mapped to some fifty concepts: a prompt and its translation hit the same
 * ones. Looked up by hash while the text is scanned, so no word is ever cut out of it.
 */
import type { Characters } from './characters.ts';
import { IDEOGRAPH } from './characters.ts';
import entries from './lexicon.json' with { type: 'json' };
import { own } from '../../lib/own.ts';

/** FNV-1a, 32 bits. */
export const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
export const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, HASH_PRIME);

/** Slots in each table; a power of two, at most a third of them filled. */
const SLOTS = 32_768;

export interface Table {
  readonly keys: Int32Array;
  readonly values: Uint8Array;
}

export interface Lexicon {
  readonly names: readonly string[];
  /** Whole words. */
  readonly words: Table;
  /** Beginnings of words (`deriv*`). */
  readonly prefixes: Table;
  /** Parts of a text that is written without spaces. */
  readonly parts: Table;
}

export const NO_CONCEPT = 255;

/** The concept of a hash, or `NO_CONCEPT`. */
export function lookUp(table: Table, hash: number): number {
  let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  while (table.values[slot] !== NO_CONCEPT) {
    if (table.keys[slot] === hash) return table.values[slot]!;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return NO_CONCEPT;
}

/** Compiles the word list: about 3 ms. The first concept that names a word keeps it. */
export function lexicon(chars: Characters): Lexicon {
  const compiled = {
    names: Object.keys(entries),
    words: emptyTable(),
    prefixes: emptyTable(),
    parts: emptyTable(),
  };
  Object.values(entries).forEach((languages, concept) => {
    for (const [language, list] of Object.entries(languages)) {
      for (const entry of list.split(' ')) add(compiled, { entry, concept, language }, chars);
    }
  });
  return compiled;
}

const emptyTable = (): Table => ({
  keys: new Int32Array(SLOTS),
  values: new Uint8Array(SLOTS).fill(NO_CONCEPT),
});

interface Entry {
  readonly entry: string;
  readonly concept: number;
  readonly language: string;
}

/** Particles cling to the ends of Korean and Hindi words: from this many units on, a beginning is enough. */
const CLINGING: Readonly<Record<string, number>> = { ko: 2, hi: 3, ar: 3 };

function add(into: Lexicon, { entry, concept, language }: Entry, chars: Characters): void {
  const marked = entry.endsWith('*');
  const word = marked ? entry.slice(0, -1) : entry;
  let hash = HASH_START;
  for (let at = 0; at < word.length; at += 1) {
    hash = hashStep(hash, chars.folded[word.charCodeAt(at)]!);
  }
  if (chars.classOf[word.charCodeAt(0)] === IDEOGRAPH) return insert(into.parts, hash, concept);
  const open = marked || word.length >= (own(CLINGING, language) ?? Infinity);
  insert(open ? into.prefixes : into.words, hash, concept);
}

function insert(table: Table, hash: number, concept: number): void {
  let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  while (table.values[slot] !== NO_CONCEPT) {
    if (table.keys[slot] === hash) return;
    slot = (slot + 1) & (SLOTS - 1);
  }
  table.keys[slot] = hash;
  table.values[slot] = concept;
}
