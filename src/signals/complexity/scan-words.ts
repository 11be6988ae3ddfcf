/** Counts the words of a text, where they stand: their letters, their concepts, and which are new. */
import { unitAt } from '../../lib/text-units.ts';
import { type Characters, IDEOGRAPH, LETTER, MARK } from './characters.ts';
import * as t from './counters.ts';
import type { Tally } from './counters.ts';
import { firstLetters, isHangul, lengthSlot, type Lexicon, lookUp, NO_CONCEPT } from './lexicon.ts';
import { HASH_START, hashStep } from './word-hash.ts';

/** Longest entry of a language without spaces. */
const PART_UNITS = 5;
/** A Han or kana unit in words: a Chinese text has about 1.6 of them for each English word. */
const WORDS_PER_IDEOGRAPH = 0.62;
const CONTENT_PER_IDEOGRAPH = 0.42;
const LONG_WORD = 9;
const CONTENT_WORD = 3;
const ARABIC = 0x0600;
const ARABIC_END = 0x06ff;
/** Bits of the set of words seen; a collision hides one repetition. */
export const SEEN = 4096;
const GLUE = 0;

/** What the parts of a scanner share. */
export interface Tools {
  readonly chars: Characters;
  readonly lexicon: Lexicon;
  readonly tally: Tally;
  readonly seen: Uint8Array;
  readonly hard: ReadonlySet<number>;
  /** One slot: the signature so far. */
  readonly signature: Int32Array;
}

/** Counts a word; gives where it ends. */
export function word(tools: Tools, text: string, from: number): number {
  const { classOf, folded } = tools.chars;
  const { prefixes, prefixLengths, words } = tools.lexicon;
  const first = unitAt(text, from);
  const hangul = isHangul(first);
  const least = firstLetters(hangul);
  let hash = HASH_START;
  let concept = NO_CONCEPT;
  let letters = 0;
  let lengths = 0;
  let at = from;
  for (const end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    const kind = classOf[unit];
    if (kind !== LETTER) {
      if (kind === MARK) continue;
      break;
    }
    hash = hashStep(hash, folded[unit]!);
    letters += 1;
    if (letters === least) lengths = prefixLengths[lengthSlot(hash)]!;
    if ((lengths & (1 << letters)) === 0) continue;
    const found = lookUp(prefixes, hash);
    if (found !== NO_CONCEPT) concept = found;
  }
  const whole = lookUp(words, hash);
  if (whole !== NO_CONCEPT) concept = whole;
  else if (concept === NO_CONCEPT && isArabic(first))
    concept = insideArabic(tools, text, { from, to: at });
  count(tools, hash, hangul ? letters * 2 : letters, concept);
  if (tools.chars.upper[first] === 1) capitals(tools, text, from, at);
  return at;
}

const isArabic = (unit: number): boolean => unit >= ARABIC && unit <= ARABIC_END;

/** The article and small words are written onto the front (`وال`): a word may begin up to three letters in. */
function insideArabic(
  tools: Tools,
  text: string,
  { from, to }: { from: number; to: number },
): number {
  for (let start = from + 1; start <= from + 3 && start + 1 < to; start += 1) {
    let hash = HASH_START;
    for (let at = start; at < to; at += 1) {
      hash = hashStep(hash, tools.chars.folded[unitAt(text, at)]!);
      const found = at - start >= 2 ? lookUp(tools.lexicon.prefixes, hash) : NO_CONCEPT;
      if (found !== NO_CONCEPT) return found;
    }
  }
  return NO_CONCEPT;
}

function count(
  { tally, seen, signature }: Tools,
  hash: number,
  letters: number,
  concept: number,
): void {
  const { fields } = tally;
  fields[t.WORDS] += 1;
  fields[t.LETTERS] += letters;
  signature[0] = Math.imul(signature[0]! ^ hash, 31);
  if (concept !== NO_CONCEPT) tally.name(concept);
  if (letters === 1 && concept !== GLUE) fields[t.SINGLES] += 1;
  if (letters < CONTENT_WORD || concept === GLUE) return;
  fields[t.CONTENT] += 1;
  if (letters >= LONG_WORD) fields[t.LONG] += 1;
  if (isNew(seen, hash)) fields[t.FRESH] += 1;
}

/** Whether a hash was not seen since the last reset. */
export function isNew(seen: Uint8Array, hash: number): boolean {
  const slot = (hash ^ (hash >>> 12)) & (SEEN - 1);
  if (seen[slot] === 1) return false;
  seen[slot] = 1;
  return true;
}

/** Of a word that begins with one. */
function capitals({ chars, tally }: Tools, text: string, from: number, to: number): void {
  if (to - from >= 2 && chars.upper[unitAt(text, from + 1)] === 1) tally.fields[t.ACRONYMS] += 1;
  else if (tally.fields[t.WORDS] > 1 && to - from > 1) tally.fields[t.CAPITALISED] += 1;
}

/** Counts a unit of a script without spaces, with what begins there. */
export function ideograph(tools: Tools, text: string, from: number): number {
  const { classOf, folded } = tools.chars;
  const { fields } = tools.tally;
  let hash = HASH_START;
  let concept = NO_CONCEPT;
  for (let at = from; at < from + PART_UNITS; at += 1) {
    const unit = unitAt(text, at);
    if (classOf[unit] !== IDEOGRAPH) break;
    hash = hashStep(hash, folded[unit]!);
    const found = lookUp(tools.lexicon.parts, hash);
    if (found !== NO_CONCEPT) concept = found;
  }
  if (concept !== NO_CONCEPT) tools.tally.name(concept);
  tools.signature[0] = Math.imul(tools.signature[0]! ^ unitAt(text, from), 31);
  fields[IDEOGRAPH] += 1;
  fields[t.WORDS] += WORDS_PER_IDEOGRAPH;
  fields[t.CONTENT] += CONTENT_PER_IDEOGRAPH;
  fields[t.FRESH] += CONTENT_PER_IDEOGRAPH;
  fields[t.LETTERS] += 3;
  return from + 1;
}
