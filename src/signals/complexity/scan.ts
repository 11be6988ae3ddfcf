/** Counts what stands in a stretch of text, in one pass and without cutting a string out of it. */
import type { Characters } from './characters.ts';
import {
  BACKSLASH,
  BRACKET,
  DIGIT,
  DOLLAR,
  FULL_STOP,
  IDEOGRAPH,
  LETTER,
  MARK,
  NEWLINE,
  OPERATOR,
  SPACE,
  STOP,
  UNDERSCORE,
} from './characters.ts';
import { HASH_START, hashStep, type Lexicon, lookUp, NO_CONCEPT } from './lexicon.ts';
import { isPrice, isThousands } from './numerals.ts';
import * as t from './counters.ts';
import type { Tally } from './counters.ts';
import { unitAt } from '../../lib/text-units.ts';

/** Longest entry of a language without spaces. */
const PART_UNITS = 5;
/** A Han or kana unit in words: a Chinese text has about 1.6 of them for each English word. */
const WORDS_PER_IDEOGRAPH = 0.62;
const CONTENT_PER_IDEOGRAPH = 0.42;
const LONG_WORD = 9;
const CONTENT_WORD = 3;
const HANGUL = 0xac00;
const ARABIC = 0x0600;
const ARABIC_END = 0x06ff;
/** Bits of the set of words seen; a collision hides one repetition. */
const SEEN = 4096;
const GLUE = 0;

const HARD = ['int', 'iint', 'oint', 'sum', 'prod', 'lim', 'infty', 'partial', 'nabla', 'det'];

export interface Scanner {
  /** Counts `text[from, to)` into `tally`, and calls `sentence` at each end of one with the index after it. */
  scan(text: string, range: { from: number; to: number }, sentence: (end: number) => unknown): void;
  readonly tally: Tally;
  /** A hash of the words and numbers since the last call: equal for equal sentences. */
  signature(): number;
  /** Forgets the words seen so far. */
  reset(): void;
}

interface Tools {
  readonly chars: Characters;
  readonly lexicon: Lexicon;
  readonly tally: Tally;
  readonly seen: Uint8Array;
  readonly hard: ReadonlySet<number>;
  /** One slot: the signature so far. */
  readonly signature: Int32Array;
}

export function scanner(chars: Characters, lexicon: Lexicon, tally: Tally): Scanner {
  const hard = new Set(HARD.map((name) => hashOf(name)));
  const tools: Tools = {
    chars,
    lexicon,
    tally,
    seen: new Uint8Array(SEEN),
    hard,
    signature: new Int32Array(1),
  };
  return {
    tally,
    signature: () => {
      const [signature] = tools.signature;
      tools.signature[0] = 0;
      return signature!;
    },
    reset: () => {
      tools.seen.fill(0);
      tools.signature[0] = 0;
    },
    scan: (text, { from, to }, sentence) => {
      let at = from;
      while (at < to) {
        const next = step(tools, text, at);
        if (next < 0) {
          tally.fields[t.SENTENCES]! += 1;
          sentence(-next);
          at = -next;
        } else at = next;
      }
    },
  };
}

function hashOf(name: string): number {
  let hash = HASH_START;
  for (let at = 0; at < name.length; at += 1) hash = hashStep(hash, unitAt(name, at));
  return hash;
}

/** Reads one word, number or sign; gives where the next begins, negative where a sentence ended. */
function step(tools: Tools, text: string, at: number): number {
  const kind = tools.chars.classOf[unitAt(text, at)]!;
  switch (kind) {
    case LETTER:
      return word(tools, text, at);
    case SPACE:
      return at + 1;
    case IDEOGRAPH:
      return ideograph(tools, text, at);
    case DIGIT:
      return numeral(tools, text, at);
    case STOP:
    case FULL_STOP:
      return stop(tools, text, at);
    case BACKSLASH:
      return command(tools, text, at);
    default:
      return sign(tools, { text, at, kind });
  }
}

function word(tools: Tools, text: string, from: number): number {
  const { classOf, folded } = tools.chars;
  const { prefixes, words } = tools.lexicon;
  const hangul = unitAt(text, from) >= HANGUL;
  const least = hangul ? 2 : 3;
  let hash = HASH_START;
  let concept = NO_CONCEPT;
  let letters = 0;
  let at = from;
  for (const end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    const kind = classOf[unit];
    if (kind === MARK) continue;
    if (kind !== LETTER) break;
    hash = hashStep(hash, folded[unit]!);
    letters += 1;
    if (letters < least) continue;
    const found = lookUp(prefixes, hash);
    if (found !== NO_CONCEPT) concept = found;
  }
  const whole = lookUp(words, hash);
  if (whole !== NO_CONCEPT) concept = whole;
  else if (concept === NO_CONCEPT && isArabic(unitAt(text, from))) {
    concept = insideArabic(tools, text, { from, to: at });
  }
  count(tools, { hash, letters: hangul ? letters * 2 : letters, concept });
  capitals(tools, text, { from, to: at });
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
  { hash, letters, concept }: { hash: number; letters: number; concept: number },
): void {
  const { fields, concepts } = tally;
  fields[t.WORDS]! += 1;
  fields[t.LETTERS]! += letters;
  signature[0] = Math.imul(signature[0]! ^ hash, 31);
  if (concept !== NO_CONCEPT) concepts[concept]! += 1;
  if (letters === 1 && concept !== GLUE) fields[t.SINGLES]! += 1;
  if (letters < CONTENT_WORD || concept === GLUE) return;
  fields[t.CONTENT]! += 1;
  if (letters >= LONG_WORD) fields[t.LONG]! += 1;
  if (isNew(seen, hash)) fields[t.FRESH]! += 1;
}

function isNew(seen: Uint8Array, hash: number): boolean {
  const slot = (hash ^ (hash >>> 12)) & (SEEN - 1);
  if (seen[slot] === 1) return false;
  seen[slot] = 1;
  return true;
}

function capitals(
  { chars, tally }: Tools,
  text: string,
  { from, to }: { from: number; to: number },
): void {
  if (chars.upper[unitAt(text, from)] === 0) return;
  if (to - from >= 2 && chars.upper[unitAt(text, from + 1)] === 1) tally.fields[t.ACRONYMS]! += 1;
  else if (tally.fields[t.WORDS]! > 1 && to - from > 1) tally.fields[t.CAPITALISED]! += 1;
}

function ideograph(tools: Tools, text: string, from: number): number {
  const { classOf, folded } = tools.chars;
  const { fields, concepts } = tools.tally;
  let hash = HASH_START;
  let concept = NO_CONCEPT;
  for (let at = from; at < from + PART_UNITS; at += 1) {
    const unit = unitAt(text, at);
    if (classOf[unit] !== IDEOGRAPH) break;
    hash = hashStep(hash, folded[unit]!);
    const found = lookUp(tools.lexicon.parts, hash);
    if (found !== NO_CONCEPT) concept = found;
  }
  if (concept !== NO_CONCEPT) concepts[concept]! += 1;
  tools.signature[0] = Math.imul(tools.signature[0]! ^ unitAt(text, from), 31);
  fields[IDEOGRAPH]! += 1;
  fields[t.WORDS]! += WORDS_PER_IDEOGRAPH;
  fields[t.CONTENT]! += CONTENT_PER_IDEOGRAPH;
  fields[t.FRESH]! += CONTENT_PER_IDEOGRAPH;
  fields[t.LETTERS]! += 3;
  return from + 1;
}

function numeral({ chars, tally, seen, signature }: Tools, text: string, from: number): number {
  const { fields } = tally;
  let digits = 0;
  let hash = HASH_START;
  let at = from;
  let fraction = false;
  for (const end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    hash = hashStep(hash, unit);
    if (chars.classOf[unit] === DIGIT) digits += 1;
    else if ((unit === 0x2e || unit === 0x2c) && chars.classOf[unitAt(text, at + 1)] === DIGIT)
      fraction ||= !isThousands(chars, text, at);
    else break;
  }
  fields[DIGIT]! += digits;
  fields[t.NUMBERS]! += 1;
  signature[0] = Math.imul(signature[0]! ^ hash, 31);
  if (isNew(seen, hash)) fields[t.FRESH_NUMBERS]! += 1;
  if (fraction) fields[t.DECIMALS]! += 1;
  if (digits >= 4) fields[t.BIG_NUMBERS]! += 1;
  return at;
}

function stop({ chars, tally }: Tools, text: string, at: number): number {
  const unit = unitAt(text, at);
  if (unit === 0x3f || unit === 0xff1f || unit === 0x61f) tally.fields[t.QUESTIONS]! += 1;
  tally.fields[STOP]! += 1;
  if (chars.classOf[unit] === FULL_STOP) return -(at + 1);
  const after = at + 1 < text.length ? chars.classOf[unitAt(text, at + 1)]! : SPACE;
  const ends = (after === SPACE || after === NEWLINE) && tally.fields[t.WORDS]! >= 2;
  return ends ? -(at + 1) : at + 1;
}

function command({ chars, tally, hard }: Tools, text: string, from: number): number {
  let hash = HASH_START;
  let at = from + 1;
  for (const end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    if (unit > 0x7a || chars.classOf[unit] !== LETTER) break;
    hash = hashStep(hash, unit);
  }
  if (at > from + 2) {
    tally.fields[t.COMMANDS]! += 1;
    if (hard.has(hash)) tally.fields[t.HARD_COMMANDS]! += 1;
  } else tally.fields[BACKSLASH]! += 1;
  return Math.max(at, from + 1);
}

function sign(
  { chars, tally }: Tools,
  { text, at, kind }: { text: string; at: number; kind: number },
): number {
  const { fields } = tally;
  const next = chars.classOf[unitAt(text, at + 1)] ?? SPACE;
  fields[kind]! += 1;
  if (kind === DOLLAR && next === DIGIT && isPrice(chars, text, at + 1)) {
    fields[t.MONEY]! += 1;
    fields[DOLLAR]! -= 1;
  }
  if (kind === UNDERSCORE && next === UNDERSCORE) {
    let end = at + 1;
    while (chars.classOf[unitAt(text, end)] === UNDERSCORE) end += 1;
    fields[t.GAPS]! += 1;
    return end;
  }
  const pairs = (kind === OPERATOR || kind === BRACKET) && next === kind;
  if (pairs && unitAt(text, at) !== 0x2d) fields[t.CODE_MARKS]! += 1;
  return at + 1;
}
