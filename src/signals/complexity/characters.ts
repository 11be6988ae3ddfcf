/** What each UTF-16 code unit is and what it counts as when words are compared: built once, then only looked up. */

/** Classes of code units; 0 is every other one. The scanner branches on these and on nothing else. */
export const SPACE = 1;
export const NEWLINE = 2;
export const LETTER = 3;
/** Scripts that write words without spaces: each unit is taken for a part of a word. */
export const IDEOGRAPH = 4;
export const DIGIT = 5;
/** Ends a sentence when a space or nothing follows: `.` `!` `?`. */
export const STOP = 6;
/** Ends a sentence wherever it stands: `。` `！` `？`. */
export const FULL_STOP = 7;
export const OPERATOR = 8;
export const BRACKET = 9;
export const QUOTE = 10;
export const COMMA = 11;
export const BACKSLASH = 12;
export const DOLLAR = 13;
export const PERCENT = 14;
export const UNDERSCORE = 15;
export const CURRENCY = 16;
/** Accents and vowel signs that belong to the letter before them. */
export const MARK = 17;
export const SEMICOLON = 18;

export interface Characters {
  readonly classOf: Uint8Array;
  /** Lower case without accents; the unit itself where there is neither. */
  readonly folded: Uint16Array;
  readonly upper: Uint8Array;
}

type Range = readonly [from: number, to: number, kind: number];

/** Unicode blocks, coarse on purpose: an odd sign in a block of letters does no harm. */
const BLOCKS: readonly Range[] = [
  [0x00c0, 0x024f, LETTER],
  [0x0250, 0x02af, LETTER],
  [0x0300, 0x036f, MARK],
  [0x0370, 0x058f, LETTER],
  [0x0590, 0x05ff, LETTER],
  [0x0620, 0x064a, LETTER],
  [0x064b, 0x065f, MARK],
  [0x0660, 0x0669, DIGIT],
  [0x0671, 0x06d3, LETTER],
  [0x06f0, 0x06f9, DIGIT],
  [0x0900, 0x0963, LETTER],
  [0x0966, 0x096f, DIGIT],
  [0x0971, 0x0dff, LETTER],
  [0x0e00, 0x0eff, IDEOGRAPH],
  [0x1000, 0x109f, IDEOGRAPH],
  [0x10a0, 0x10ff, LETTER],
  [0x1100, 0x11ff, LETTER],
  [0x1e00, 0x1fff, LETTER],
  [0x2200, 0x22ff, OPERATOR],
  [0x3041, 0x30ff, IDEOGRAPH],
  [0x3400, 0x9fff, IDEOGRAPH],
  [0xac00, 0xd7a3, LETTER],
  [0xf900, 0xfaff, IDEOGRAPH],
];

const SIGNS: readonly (readonly [signs: string, kind: number])[] = [
  [' \t\u00a0\u3000\u2002\u2003\u2009', SPACE],
  ['\n\r\u2028\u2029', NEWLINE],
  ['.!?', STOP],
  ['。！？؟।｡', FULL_STOP],
  ['+-*/=<>^|~×÷±−∙·√', OPERATOR],
  ['()[]{}（）【】', BRACKET],
  ['"\'`“”‘’«»「」『』', QUOTE],
  [',:，、：،', COMMA],
  [';；؛', SEMICOLON],
  ['\\', BACKSLASH],
  ['$', DOLLAR],
  ['%％', PERCENT],
  ['_', UNDERSCORE],
  ['€£¥₹', CURRENCY],
];

/** Letters that different spellings of one word write differently. */
const VARIANTS: readonly (readonly [letters: string, as: string])[] = [
  ['أإآٱ', 'ا'],
  ['ة', 'ه'],
  ['ىی', 'ي'],
  ['ڪک', 'ك'],
  ['ё', 'е'],
  ['ß', 's'],
];

/** Builds the tables: about 2 ms. */
export function characters(): Characters {
  const classOf = new Uint8Array(65_536);
  const folded = new Uint16Array(65_536).map((_, unit) => unit);
  const upper = new Uint8Array(65_536);
  for (const [from, to, kind] of BLOCKS) classOf.fill(kind, from, to + 1);
  for (let unit = 0x30; unit <= 0x39; unit += 1) classOf[unit] = DIGIT;
  for (let unit = 0x41; unit <= 0x5a; unit += 1) {
    classOf[unit] = LETTER;
    classOf[unit + 32] = LETTER;
  }
  for (const [signs, kind] of SIGNS) {
    for (const sign of signs) classOf[sign.charCodeAt(0)] = kind;
  }
  for (let unit = 0x41; unit < 0x590; unit += 1) foldUnit(unit, folded, upper);
  for (let unit = 0x1e00; unit < 0x1f00; unit += 1) foldUnit(unit, folded, upper);
  for (const [letters, as] of VARIANTS) {
    for (const letter of letters) folded[letter.charCodeAt(0)] = as.charCodeAt(0);
  }
  return { classOf, folded, upper };
}

function foldUnit(unit: number, folded: Uint16Array, upper: Uint8Array): void {
  const letter = String.fromCharCode(unit);
  const lower = letter.toLowerCase();
  if (lower !== letter && lower.length === 1) upper[unit] = 1;
  const base = lower.normalize('NFD');
  // й and ї are letters of their own, not accented ones
  folded[unit] = unit === 0x439 || unit === 0x419 ? 0x439 : base.charCodeAt(0);
}
