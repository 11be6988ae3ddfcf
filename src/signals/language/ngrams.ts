/**
 * Language identification by byte n-grams: the algorithm and the table of ELD 2.1.0 by Nito T.M.
 * (Apache-2.0), re-packed. As published its smallest table takes about 105 MB of memory as objects;
 * as typed arrays it takes 1 MB. Frequent words, written by hand, are added to it, because n-grams alone
 * take "I forgot my password" for Italian. `table.json` is made by `test/support/make-language-table.ts`.
 */
import { unitAt } from '../../lib/text-units.ts';

/** What `table.json` holds: numbers as base64 of little-endian bytes. */
export interface PackedTable {
  readonly source: string;
  readonly languages: readonly string[];
  /** One Int32 hash an n-gram. */
  readonly hashes: string;
  /** One byte an n-gram: how many of `pairs` are its own. */
  readonly counts: string;
  /** Two bytes a pair: index of the language, score. */
  readonly pairs: string;
}

export interface Identified {
  /** ISO 639-1. */
  readonly language: string;
  /** 0..1, from how far the best language is ahead of the second. */
  readonly confidence: number;
}

/** Added to every score: the table stores them reduced by it. */
const BASE = 53;
/** Bytes of a word that are read, and of the text, as published. */
const WORD_BYTES = 70;
const TEXT_BYTES = 350;
const SPACE = 0x20;
const APOSTROPHE = 0x27;
const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** FNV-1a over bytes `from` up to `to`, between spaces where the n-gram begins or ends its word. */
export function ngramHash(bytes: Uint8Array, from: number, to: number, edges: number): number {
  let hash = OFFSET;
  if ((edges & 1) !== 0) hash = Math.imul(hash ^ SPACE, PRIME);
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME);
  if ((edges & 2) !== 0) hash = Math.imul(hash ^ SPACE, PRIME);
  return hash;
}

const STARTS = 1;
const ENDS = 2;

/**
 * Calls `found` with the hash of every n-gram of a word: four bytes each, one byte shared with the
 * last, the word's edges marked.
 */
function eachNgram(word: Uint8Array, length: number, found: (hash: number) => void): void {
  const end = Math.min(length, WORD_BYTES);
  let at = 0;
  for (; at + 4 < end; at += 3) found(ngramHash(word, at, at + 4, at === 0 ? STARTS : 0));
  const last = length === 3 ? 0 : Math.max(0, end - 4);
  found(ngramHash(word, last, length, at === 0 ? STARTS | ENDS : ENDS));
}

/** Frequent words by language, words apart by spaces: they decide where a message is two words long. */
export type FrequentWords = Readonly<Record<string, string>>;

/** What a word of one language alone is worth, in the table's units; words that languages share are worth a share. */
const WORD_SCORE = 160;

/** Makes an identifier; it answers undefined where there are no letters it knows. Reads 350 bytes, about 10 µs. */
export function identifier(
  packed: PackedTable,
  frequent: FrequentWords,
): (text: string) => Identified | undefined {
  const { languages } = packed;
  const table = unpack(packed);
  const known = indexWords(frequent, languages);
  const scores = new Float64Array(languages.length);
  const word = new Uint8Array(WORD_BYTES + 4);
  const { slots, pairs } = table;
  let round = 0;

  const count = (hash: number): void => {
    const slot = table.find(hash);
    if (slot < 0 || slots[slot + SEEN] === round) return;
    slots[slot + SEEN] = round;
    const end = slots[slot + END]!;
    for (let pair = slots[slot + START]!; pair < end; pair += 2)
      scores[pairs[pair]!]! += pairs[pair + 1]! + BASE;
  };

  return (text) => {
    round++;
    scores.fill(0);
    eachWord(text, word, (length) => {
      eachNgram(word, length, count);
      known(ngramHash(word, 0, length, STARTS | ENDS), scores);
    });
    return best(scores, languages);
  };
}

/** Adds to `scores` what a word, by its hash, is worth in each language that has it. */
type KnownWords = (hash: number, scores: Float64Array) => void;

function indexWords(frequent: FrequentWords, languages: readonly string[]): KnownWords {
  const spoken = new Map<number, number[]>();
  for (const [language, words] of Object.entries(frequent))
    for (const word of new Set(words.split(' '))) {
      const bytes = Buffer.from(word, 'utf8');
      const hash = ngramHash(bytes, 0, bytes.length, STARTS | ENDS);
      spoken.set(hash, [...(spoken.get(hash) ?? []), languages.indexOf(language)]);
    }
  // Open addressing: the hash, and where its languages begin and end; an empty slot has none.
  const slots = new Int32Array(3 * 2 ** Math.ceil(Math.log2(2 * spoken.size + 1)));
  const placeOf = (hash: number): number => {
    let slot = 3 * (mix(hash) & (slots.length / 3 - 1));
    while (slots[slot + 2] !== 0 && slots[slot] !== hash)
      slot = slot + 3 === slots.length ? 0 : slot + 3;
    return slot;
  };
  const places: number[] = [];
  const worth: number[] = [];
  for (const [hash, list] of spoken) {
    slots.set([hash, places.length, places.length + list.length], placeOf(hash));
    places.push(...list);
    // Of languages that share a word the one that stands first in the file wins, by a hair.
    worth.push(...list.map((_, order) => WORD_SCORE / list.length - order));
  }
  return (hash, scores) => {
    const slot = placeOf(hash);
    const end = slots[slot + 2]!;
    for (let at = slots[slot + 1]!; at < end; at++) scores[places[at]!]! += worth[at]!;
  };
}

/** Lower-case letters as UTF-8 into `word`, a call a word; everything else separates. */
function eachWord(text: string, word: Uint8Array, found: (length: number) => void): void {
  const lower = text.toLowerCase();
  let length = 0;
  let total = 0;
  for (let at = 0, end = lower.length; at < end && total <= TEXT_BYTES; at++) {
    const unit = unitAt(lower, at);
    const before = length;
    if (isLetter(unit)) length = writeUtf8(word, Math.min(length, WORD_BYTES), unit);
    else if (length > 0) {
      found(length);
      length = 0;
    }
    total += Math.max(1, length - before);
  }
  if (length > 0) found(length);
}

const isLetter = (unit: number): boolean => IS_LETTER[unit] === 1;

/** Beyond ASCII: controls and signs, × and ÷, punctuation and symbols, surrogates and private use, full-width forms. */
const SEPARATORS: readonly (readonly [number, number])[] = [
  [0x80, 0xa9],
  [0xab, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2000, 0x2bff],
  [0x3000, 0x3004],
  [0xd800, 0xf8ff],
  [0xff00, 0xffff],
];

/** By UTF-16 unit: a to z, the apostrophe, and beyond ASCII all that does not separate. */
const IS_LETTER = new Uint8Array(65_536)
  .fill(1, 128)
  .fill(1, 97, 123)
  .fill(1, APOSTROPHE, APOSTROPHE + 1);
for (const [low, high] of SEPARATORS) IS_LETTER.fill(0, low, high + 1);

function writeUtf8(bytes: Uint8Array, at: number, unit: number): number {
  if (unit < 0x80) {
    bytes[at] = unit;
    return at + 1;
  }
  if (unit < 0x800) {
    bytes[at] = 0xc0 | (unit >> 6);
    bytes[at + 1] = 0x80 | (unit & 0x3f);
    return at + 2;
  }
  bytes[at] = 0xe0 | (unit >> 12);
  bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
  bytes[at + 2] = 0x80 | (unit & 0x3f);
  return at + 3;
}

function best(scores: Float64Array, languages: readonly string[]): Identified | undefined {
  let first = 0;
  let second = 0;
  let winner = -1;
  for (let at = 0; at < scores.length; at++) {
    const value = scores[at] ?? 0;
    if (value > first) {
      second = first;
      first = value;
      winner = at;
    } else if (value > second) second = value;
  }
  if (winner < 0) return undefined;
  return { language: languages[winner] ?? '', confidence: confidence(first - second) };
}

/** A margin worth half a doubt: set so that confidence matches the share right on short support messages. */
const HALF_MARGIN = 130;

/** From the margin between the best two, in the table's units: one to two n-grams' worth leaves half the doubt. */
const confidence = (margin: number): number => 1 - 0.5 * 0.5 ** (margin / HALF_MARGIN);

interface Table {
  /** Where the n-gram's slot begins, or -1. */
  find(hash: number): number;
  /** Open addressing. What belongs together lies together: a slot is one line of the processor's cache, not five. */
  readonly slots: Int32Array;
  readonly pairs: Uint8Array;
}

/** Numbers of a slot: the hash, where its pairs start and end (an empty slot has none), and when it was seen last. */
const [HASH, START, END, SEEN, SLOT] = [0, 1, 2, 3, 4];

function unpack(packed: PackedTable): Table {
  // a copy, so that it is aligned
  const hashes = new Int32Array(new Uint8Array(Buffer.from(packed.hashes, 'base64')).buffer);
  const counts = Buffer.from(packed.counts, 'base64');
  const pairs = new Uint8Array(Buffer.from(packed.pairs, 'base64'));
  const capacity = 2 ** Math.ceil(Math.log2(counts.length * 1.6));
  const slots = new Int32Array(SLOT * capacity);
  const mask = SLOT * capacity - 1;
  /** Where the hash's slot is, or the empty one at which looking for it ends. */
  const place = (hash: number): number => {
    let slot = Math.imul(mix(hash), SLOT) & mask;
    while (slots[slot + END] !== 0 && slots[slot + HASH] !== hash) slot = (slot + SLOT) & mask;
    return slot;
  };
  let start = 0;
  for (let entry = 0; entry < counts.length; entry++) {
    const hash = hashes[entry]!;
    const end = start + 2 * counts[entry]!;
    const slot = place(hash);
    slots[slot + HASH] = hash;
    slots[slot + START] = start;
    slots[slot + END] = end;
    start = end;
  }
  if (start === 0 || start !== pairs.length || hashes.length !== counts.length)
    throw new Error('its parts do not fit each other');
  const find = (hash: number): number => {
    const slot = place(hash);
    return slots[slot + END] === 0 ? -1 : slot;
  };
  return { find, slots, pairs };
}

/** FNV's low bits are its weakest. */
const mix = (hash: number): number => hash ^ (hash >>> 15);
