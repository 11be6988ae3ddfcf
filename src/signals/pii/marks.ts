/** What kinds of characters a text has, found in one pass: most readings of a text are needed for few texts only. */
import { unitAt } from '../../lib/text-units.ts';

export const NON_ASCII = 1;
/** Six digits or more that stand close to each other. */
export const NUMBER = 2;
/** `%`, `\`, `&`, `=`, `+`: something may be escaped. */
export const ESCAPE = 4;
/** A run of an encoding's alphabet, longer than a word or mixed as no word is. */
export const RUN = 8;
export const AT_SIGN = 16;
/** `:` or `=`: something may be announced. */
export const ASSIGNMENT = 32;

const LEAST_RUN = 12;
const LEAST_DIGITS = 6;
/** Characters between two digits of one number, marks or letters. */
const MOST_GAP = 4;

const IN_RUN = 1;
const IS_DIGIT = 2;
const IS_UPPER = 4;

/** By ASCII code: the flags that the character sets, and its class. */
const FLAGS = new Uint8Array(128);
const CLASS = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  const mark = String.fromCharCode(unit);
  if (/[%\\&=+]/.test(mark)) FLAGS[unit] = ESCAPE;
  if (mark === '@') FLAGS[unit] = AT_SIGN;
  if (mark === ':') FLAGS[unit] = ASSIGNMENT;
  if (mark === '=') FLAGS[unit] = ESCAPE | ASSIGNMENT;
  if (/[A-Za-z\d+/_=-]/.test(mark)) CLASS[unit] = IN_RUN;
  if (/\d/.test(mark)) CLASS[unit] = IN_RUN | IS_DIGIT;
  if (/[A-Z]/.test(mark)) CLASS[unit] = IN_RUN | IS_UPPER;
}

export function marksOf(text: string): number {
  let marks = 0;
  let run = 0;
  let mixed = 0;
  let digits = 0;
  let lastDigit = -MOST_GAP;
  for (let at = 0, end = text.length; at < end; at++) {
    const unit = unitAt(text, at);
    if (unit > 127) {
      marks |= NON_ASCII;
      run = 0;
      continue;
    }
    marks |= FLAGS[unit]!;
    const kind = CLASS[unit]!;
    if (kind === 0) {
      run = 0;
      continue;
    }
    run += 1;
    // A capital at the start is a sentence's.
    if (run < 2) mixed = kind & IS_DIGIT;
    else mixed |= kind & (IS_DIGIT | IS_UPPER);
    if (run >= LEAST_RUN && mixed !== 0) marks |= RUN;
    if ((kind & IS_DIGIT) === 0 || digits === LEAST_DIGITS) continue;
    digits = at - lastDigit <= MOST_GAP ? digits + 1 : 1;
    lastDigit = at;
  }
  return digits === LEAST_DIGITS ? marks | NUMBER : marks;
}
