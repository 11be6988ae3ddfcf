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
  NEWLINE,
  OPERATOR,
  SPACE,
  STOP,
  UNDERSCORE,
} from './characters.ts';
import type { Lexicon } from './lexicon.ts';
import { isPrice, isThousands } from './numerals.ts';
import * as t from './counters.ts';
import type { Tally } from './counters.ts';
import { ideograph, isNew, SEEN, type Tools, word } from './scan-words.ts';
import { unitAt } from '../../lib/text-units.ts';
import { HASH_START, hashOf, hashStep } from './word-hash.ts';

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

export function scanner(chars: Characters, lexicon: Lexicon, tally: Tally): Scanner {
  const hard = new Set(HARD.map(hashOf));
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
        const kind = chars.classOf[unitAt(text, at)]!;
        if (kind === SPACE) {
          at += 1;
          continue;
        }
        const next = step(tools, text, at, kind);
        if (next < 0) {
          tally.fields[t.SENTENCES] += 1;
          sentence(-next);
          at = -next;
        } else at = next;
      }
    },
  };
}

/** Reads one word, number or sign; gives where the next begins, negative where a sentence ended. */
function step(tools: Tools, text: string, at: number, kind: number): number {
  switch (kind) {
    case LETTER:
      return word(tools, text, at);
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
  fields[DIGIT] += digits;
  fields[t.NUMBERS] += 1;
  signature[0] = Math.imul(signature[0]! ^ hash, 31);
  if (isNew(seen, hash)) fields[t.FRESH_NUMBERS] += 1;
  if (fraction) fields[t.DECIMALS] += 1;
  if (digits >= 4) fields[t.BIG_NUMBERS] += 1;
  return at;
}

function stop({ chars, tally }: Tools, text: string, at: number): number {
  const unit = unitAt(text, at);
  if (unit === 0x3f || unit === 0xff1f || unit === 0x61f) tally.fields[t.QUESTIONS] += 1;
  tally.fields[STOP] += 1;
  if (chars.classOf[unit] === FULL_STOP) return -(at + 1);
  const after = at + 1 < text.length ? chars.classOf[unitAt(text, at + 1)]! : SPACE;
  const ends = (after === SPACE || after === NEWLINE) && tally.fields[t.WORDS] >= 2;
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
    tally.fields[t.COMMANDS] += 1;
    if (hard.has(hash)) tally.fields[t.HARD_COMMANDS] += 1;
  } else tally.fields[BACKSLASH] += 1;
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
    fields[t.MONEY] += 1;
    fields[DOLLAR] -= 1;
  }
  if (kind === UNDERSCORE && next === UNDERSCORE) {
    let end = at + 1;
    while (chars.classOf[unitAt(text, end)] === UNDERSCORE) end += 1;
    fields[t.GAPS] += 1;
    return end;
  }
  const pairs = (kind === OPERATOR || kind === BRACKET) && next === kind;
  if (pairs && unitAt(text, at) !== 0x2d) fields[t.CODE_MARKS] += 1;
  return at + 1;
}
