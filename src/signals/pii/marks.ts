/** What kinds of characters a text has, found in one pass: most readings of a text are needed for few texts only. */
import { unitAt } from '../../lib/text-units.ts';
import { LEFT_ALONE } from './canonical.ts';
import { ANNOUNCING_WORDS } from './credentials.ts';
import { isDigit, isLetter } from '../../lib/ascii.ts';
import { NUMBERING_WORDS } from './more-national-numbers.ts';
import { DIGIT_WORDS, LEAST_WORDS } from './numerals.ts';
import { SPELLING_WORDS } from './spelled.ts';

/** The canonical spelling may be another one. */
export const UNUSUAL = 1;
/** Six digits or more that stand close to each other. */
export const NUMBER = 2;
/** `%`, `\`, `&`, `=`, `+`: something may be escaped. */
export const ESCAPE = 4;
/** A run of an encoding's alphabet, longer than a word or mixed as no word is. */
export const RUN = 8;
export const AT_SIGN = 16;
/** `:` or `=`: something may be assigned. */
export const ASSIGNMENT = 32;
/** How an account's number, an address of the internet, a key or a private key's armour begins. */
export const BEGINNING = 64;
/** A word for a mark of an address, such a mark set apart, or single characters in a row. */
export const SPELLED = 128;
/** A word that announces a secret, or a person's number. */
export const ANNOUNCES = 256;
/** Words for digits, several near each other. */
export const DICTATED = 512;

const LEAST_RUN = 12;
/** The shortest key, `AKIA` and sixteen characters. */
const LEAST_KEY = 20;
const LEAST_DIGITS = 6;
/** Characters between two digits of one number, marks or letters. */
const MOST_GAP = 4;
/** The group of an IPv6 address before its first colon. */
const FIRST_GROUP = 4;
/** Single characters with a blank after each. */
const LEAST_SPACED = 7;
/** Characters from the end of one word for a digit to that of the next. */
const NEAR = 16;
/** A private key's. */
const ARMOUR = '-----BEGIN ';
const BEFORE_WORDS = ARMOUR.indexOf('B');

const OPENING = 40;
const CLOSING = 41;
const HYPHEN = 45;
const POINT = 46;
const COLON = 58;
const FIRST_OF_AT = 0xe4;
const SECOND_OF_AT = 116;
/** From here on letters are of other scripts, or fold to one of ours. */
const OTHER_LETTERS = 0x17f;

/** What a character is, beside the marks that it sets alone; small letters are nothing. */
const DIGIT = 1 << 9;
const CAPITAL = 1 << 10;
const ENDS_WORD = 1 << 11;
/** Of an encoding's alphabet, and of a key's, which has points too. */
const ENDS_RUN = 1 << 12;
const ENDS_KEY = 1 << 13;
const MAY_STAND_APART = 1 << 14;
const IS_BLANK = 1 << 15;
const ENDS_ALL = ENDS_RUN | ENDS_KEY;
const SPACE = ENDS_ALL | IS_BLANK;
const MARKS = DIGIT - 1;

const kindOfSign = (unit: number): number =>
  LEFT_ALONE[unit] === 1 ? ENDS_ALL : ENDS_ALL | UNUSUAL;

const KINDS = Uint16Array.from({ length: 128 }, (_, unit) => {
  const sign = String.fromCharCode(unit);
  if (/[a-z]/.test(sign)) return 0;
  if (/[A-Z]/.test(sign)) return CAPITAL;
  if (/\d/.test(sign)) return DIGIT;
  let kind = kindOfSign(unit);
  if (/[+/_=-]/.test(sign)) kind = ENDS_WORD;
  if (sign === '.') kind = ENDS_RUN;
  if (/[.)]/.test(sign)) kind |= MAY_STAND_APART;
  if (/[\t\n\v\f\r]/.test(sign)) kind |= IS_BLANK;
  if (sign === ' ') kind = SPACE;
  if (/[%\\&=+]/.test(sign)) kind |= ESCAPE;
  if (/[:=]/.test(sign)) kind |= ASSIGNMENT;
  return sign === '@' ? kind | AT_SIGN | SPELLED : kind;
});

function kindBeyond(text: string, at: number, unit: number): number {
  let kind = kindOfSign(unit);
  if (unit >= OTHER_LETTERS) kind |= SPELLED | ANNOUNCES;
  // German's word for the at sign
  else if ((unit | 32) === FIRST_OF_AT && (unitAt(text, at + 1) | 32) === SECOND_OF_AT)
    kind |= SPELLED;
  return kind;
}

/** The kinds of characters that are in it, as bits of one number. */
export function marksOf(text: string): number {
  const read = new MarksRead(text);
  const { length } = text;
  for (let at = 0; at < length; at++) {
    const unit = unitAt(text, at);
    const kind = unit < 128 ? KINDS[unit]! : kindBeyond(text, at, unit);
    if (kind === 0) continue;
    if (kind === CAPITAL) read.capital(at);
    else read.other(at, kind);
  }
  read.other(length, ENDS_ALL);
  return read.marks;
}

/** What was read of a text: where what is open began, and the marks that are set. */
class MarksRead {
  marks = 0;
  readonly #text: string;
  #word = 0;
  #run = 0;
  #key = 0;
  /** The last capital or digit, and the last that a word would not have there: a capital at the start is a sentence's. */
  #notSmall = -1;
  #mixed = -1;
  #digits = 0;
  #lastDigit = -MOST_GAP;
  #lastBlank = -1;
  #spaced = 0;
  #digitWords = 0;
  #lastDigitWord = -NEAR;

  constructor(text: string) {
    this.#text = text;
  }

  capital(at: number): void {
    this.#notSmall = at;
    if (at > this.#run) this.#mixed = at;
    if (isArmour(this.#text, at)) this.marks |= BEGINNING;
  }

  /** What is no letter, and the text's end. */
  other(at: number, kind: number): void {
    this.marks |= kind & MARKS;
    const word = markOfWord(this.#text, this.#word, at);
    if (word === DICTATED) this.#digitWord(at);
    else this.marks |= word;
    this.#word = at + 1;
    if ((kind & DIGIT) !== 0) this.#digit(at);
    if ((kind & ENDS_RUN) === 0) return;
    this.#endRun(at);
    if ((kind & MAY_STAND_APART) !== 0) this.marks |= markBefore(this.#text, at);
    if ((kind & ENDS_KEY) !== 0) this.#endKey(at);
    if ((kind & IS_BLANK) !== 0) this.#blank(at, kind);
  }

  #digit(at: number): void {
    const apart = at - this.#lastDigit;
    this.#notSmall = at;
    this.#mixed = at;
    this.#lastDigit = at;
    if (isSecondDigit(this.#text, at, apart)) this.marks |= BEGINNING;
    this.#digits = apart <= MOST_GAP ? this.#digits + 1 : 1;
    if (this.#digits === LEAST_DIGITS) this.marks |= NUMBER;
  }

  #digitWord(at: number): void {
    this.#digitWords = at - this.#lastDigitWord <= NEAR ? this.#digitWords + 1 : 1;
    this.#lastDigitWord = at;
    if (this.#digitWords === LEAST_WORDS) this.marks |= DICTATED;
  }

  #endRun(at: number): void {
    const length = at - this.#run;
    if (length >= LEAST_RUN && this.#mixed >= this.#run) this.marks |= RUN;
    if (length >= FIRST_GROUP && this.#lastDigit >= this.#run && unitAt(this.#text, at) === COLON)
      this.marks |= BEGINNING;
    this.#run = at + 1;
  }

  #endKey(at: number): void {
    if (at - this.#key >= LEAST_KEY && this.#notSmall >= this.#key) this.marks |= BEGINNING;
    this.#key = at + 1;
  }

  #blank(at: number, kind: number): void {
    const isSpaced = kind === SPACE && at - this.#lastBlank === 2;
    this.#spaced = isSpaced ? this.#spaced + 1 : 0;
    if (this.#spaced === LEAST_SPACED) this.marks |= SPELLED;
    this.#lastBlank = at;
  }
}

const isArmour = (text: string, at: number): boolean =>
  unitAt(text, at - 1) === HYPHEN && text.startsWith(ARMOUR, at - BEFORE_WORDS);

/** Of `GB82` and of `8.8`. */
function isSecondDigit(text: string, at: number, apart: number): boolean {
  if (apart === 1) return isLetter(unitAt(text, at - 2)) && isLetter(unitAt(text, at - 3));
  return apart === 2 && unitAt(text, at - 1) === POINT;
}

function markBefore(text: string, at: number): number {
  if (isSetApart(text, at)) return SPELLED;
  return isCalledCode(text, at) ? NUMBER : 0;
}

/** `chr(98)`, `Chr(101)`, `fromCharCode(64)`: a bracket closes behind two or three digits. */
function isCalledCode(text: string, at: number): boolean {
  if (unitAt(text, at) !== CLOSING || !isDigit(unitAt(text, at - 1))) return false;
  const opened = unitAt(text, at - 3) === OPENING ? at - 3 : at - 4;
  return unitAt(text, opened) === OPENING && /[rwe]/i.test(text.charAt(opened - 1));
}

/** `ben (a) corp . jp`. */
const isSetApart = (text: string, at: number): boolean =>
  unitAt(text, at) === CLOSING
    ? text.startsWith('(a)', at - 2)
    : '<([{ \t\n\v\f\r'.includes(text.charAt(at - 1));

const MARKED_WORDS: ReadonlyMap<string, number> = new Map([
  ...SPELLING_WORDS.map((word) => [word, SPELLED] as const),
  ...ANNOUNCING_WORDS.map((word) => [word, ANNOUNCES] as const),
  ...DIGIT_WORDS.map((word) => [word, DICTATED] as const),
  ...NUMBERING_WORDS.map((word) => [word, ANNOUNCES] as const),
  // India's has four digits only.
  ['pan', ANNOUNCES | NUMBER] as const,
]);
/** By first and last letter: a bit for each length that such a word has. Nearly no other word is looked up. */
const LENGTHS = new Int32Array(1024);
/** The same by second and third letter. */
const INNER = new Int32Array(1024);
const LETTER = 31;
for (const word of MARKED_WORDS.keys()) {
  LENGTHS[edgesOf(word, 0, word.length)]! |= 1 << word.length;
  INNER[edgesOf(word, 1, 3)]! |= 1 << word.length;
}

/** Of letters the lowest five bits, the same for capitals. */
function edgesOf(text: string, from: number, to: number): number {
  return ((unitAt(text, from) & LETTER) << 5) | (unitAt(text, to - 1) & LETTER);
}

function markOfWord(text: string, from: number, to: number): number {
  const length = to - from;
  if (length === 0 || (LENGTHS[edgesOf(text, from, to)]! & (1 << length)) === 0) return 0;
  if (length > 2 && (INNER[edgesOf(text, from + 1, from + 3)]! & (1 << length)) === 0) return 0;
  return MARKED_WORDS.get(text.slice(from, to).toLowerCase()) ?? 0;
}
