/** Counts the signs of a text in one pass: by kind, and by what stands beside them. */
import { isDigit } from '../../lib/ascii.ts';
import { isSpace } from '../../lib/spaces.ts';
import { unitAt, unitReader } from '../../lib/text-units.ts';

/** Places in the counts. */
export const CAPITALS = 1;
export const DIGITS = 2;
export const BREAKS = 3;
export const COMMAS = 4;
export const QUESTIONS = 5;
/** Three backticks, braces, semicolons, `=>`, `()`. */
export const CODE = 6;
export const FORMULAS = 7;
/** Beyond ASCII. */
export const FOREIGN = 8;
/** Han characters and kana. */
export const IDEOGRAPHS = 9;
/** Of Hangul. */
export const SYLLABLES = 10;
/** Of sentences: `.`, `!` and `?` before white space, their full-width forms, ends of lines. */
export const ENDS = 11;
/** Items of lists: lines that begin with a hyphen, a star or a number. */
export const ITEMS = 12;
const COUNTS = 13;

const ASCII: readonly (readonly [counted: number, signs: string])[] = [
  [CAPITALS, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [DIGITS, '0123456789'],
  [BREAKS, '\n'],
  [COMMAS, ','],
  [QUESTIONS, '?'],
  [CODE, '{};'],
  [FORMULAS, '=+/^\\-*'],
];
/** Counts by what stands beside it as well; may begin an item of a list. */
const [LOOK, ITEM] = [16, 32];
/** What a sign of ASCII counts as, whatever stands around it, with those bits; 0 for letters and others that count nothing. */
const KINDS = new Uint8Array(128);
for (const [counted, signs] of ASCII) for (const sign of signs) KINDS[sign.charCodeAt(0)] = counted;
for (const sign of '.!?\n`(=') KINDS[sign.charCodeAt(0)]! |= LOOK;
for (const sign of '-*0123456789') KINDS[sign.charCodeAt(0)]! |= ITEM;

/** Gives the counts by place: the same array for each text. Linear in the text. */
export function signCounter(): (text: string) => Int32Array {
  const counts = new Int32Array(COUNTS);
  /** White space before `endedTo` was consumed: a line that ends behind a full stop ends once. What lies before `fencedTo` belongs to three backticks. */
  const before = { endedTo: 0, fencedTo: 0 };
  const unitsOf = unitReader();
  return (text) => {
    const units = unitsOf(text);
    counts.fill(0);
    [before.endedTo, before.fencedTo] = [0, 0];
    for (let at = 0, end = text.length; at < end; at += 1) {
      const unit = units[at]!;
      if (unit >= KINDS.length) {
        countForeign(counts, unit);
        continue;
      }
      const kind = KINDS[unit]!;
      if (kind === 0) continue;
      // what counts by its surroundings alone is counted at 0, which nobody reads
      counts[kind & (LOOK - 1)]! += 1;
      if ((kind & LOOK) !== 0) lookAround(counts, before, text, at);
      else if (kind >= ITEM && isFirstOfLine(text, at) && isItem(text, at)) counts[ITEMS]! += 1;
    }
    return counts;
  };
}

/** What a sign is together with those beside it: the end of a sentence, a fence, `()`, `=>`. */
function lookAround(
  counts: Int32Array,
  before: { endedTo: number; fencedTo: number },
  text: string,
  at: number,
): void {
  switch (unitAt(text, at)) {
    case LINE_FEED:
      if (at >= before.endedTo) counts[ENDS]! += 1;
      return;
    case BACKTICK:
      if (at < before.fencedTo || !text.startsWith('```', at)) return;
      counts[CODE]! += 1;
      before.fencedTo = at + 3;
      return;
    case OPEN:
      if (unitAt(text, at + 1) === CLOSE) counts[CODE]! += 1;
      return;
    case EQUALS:
      if (unitAt(text, at + 1) === GREATER) counts[CODE]! += 1;
      return;
    default:
      if (!isSpace(unitAt(text, at + 1))) return;
      counts[ENDS]! += 1;
      before.endedTo = at + 2;
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const OPEN = 0x28;
const CLOSE = 0x29;
const FULL_STOP = 0x2e;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const BACKTICK = 0x60;

/** Whether nothing but white space stands before it in its line. */
function isFirstOfLine(text: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before -= 1) {
    const unit = unitAt(text, before);
    if (!isSpace(unit)) return false;
    if (isLineEnd(unit)) return true;
  }
  return true;
}

const isLineEnd = (unit: number): boolean =>
  unit === LINE_FEED || unit === CARRIAGE_RETURN || unit === 0x2028 || unit === 0x2029;

/** `- `, `* `, `1. `, `2) `. */
function isItem(text: string, from: number): boolean {
  let at = from + 1;
  if (isDigit(unitAt(text, from))) while (isDigit(unitAt(text, at))) at += 1;
  const sign = unitAt(text, at);
  return isSpace(sign === FULL_STOP || sign === CLOSE ? unitAt(text, at + 1) : sign);
}

function countForeign(counts: Int32Array, unit: number): void {
  counts[FOREIGN]! += 1;
  if (unit < IS_CAPITAL.length) {
    counts[CAPITALS]! += IS_CAPITAL[unit]!;
    return;
  }
  if (isIdeograph(unit)) counts[IDEOGRAPHS]! += 1;
  else if (unit >= 0xac00 && unit <= 0xd7a3) counts[SYLLABLES]! += 1;
  else if (FOREIGN_COMMAS.has(unit)) counts[COMMAS]! += 1;
  else if (FOREIGN_QUESTIONS.has(unit)) counts[QUESTIONS]! += 1;
  if (FOREIGN_STOPS.has(unit)) counts[ENDS]! += 1;
  else if (FOREIGN_FORMULAS.has(unit)) counts[FORMULAS]! += 1;
}

/** Up to the last alphabet with capitals before U+0590. */
const IS_CAPITAL = Uint8Array.from({ length: 0x590 }, (_, unit) =>
  /\p{Lu}/u.test(String.fromCharCode(unit)) ? 1 : 0,
);
/** Full-width, ideographic and Arabic. */
const FOREIGN_COMMAS: ReadonlySet<number> = new Set([0xff0c, 0x3001, 0x060c]);
const FOREIGN_QUESTIONS: ReadonlySet<number> = new Set([0xff1f, 0x061f]);
/** `。？！` */
const FOREIGN_STOPS: ReadonlySet<number> = new Set([0x3002, 0xff1f, 0xff01]);
/** `∫∑√≤≥` */
const FOREIGN_FORMULAS: ReadonlySet<number> = new Set([0x222b, 0x2211, 0x221a, 0x2264, 0x2265]);

/** Han characters and kana. */
export const isIdeograph = (unit: number): boolean =>
  (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0x3040 && unit <= 0x30ff);
