/** Removes from a text what a reader would not see or not read, before anything is counted. */
import { unitAt, unitReader } from '../../lib/text-units.ts';
import { withoutNumbersAtEnd, withoutRoles } from './decoration.ts';
import { withLettersJoined, withoutFence, withoutRuns, withWordsApart } from './encoded.ts';
import { hasWords } from './tokens.ts';

/** Zero-width, bidirectional and other invisible signs, variation selectors and tags. */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f]|\ufeff|\ufe0f|\ufe0e|\udb40[\udc00-\udfff]/g;
/** Full-width forms, mathematical and enclosed letters: NFKC gives the plain ones. */
const DRESSED = /[\uff01-\uff5e]|\ud835[\udc00-\udfff]|[\u2460-\u24ff]/;
/** Letters of other alphabets that look like Latin ones. */
const LOOKALIKES =
  'аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwӏlАAВBЕEКKМMНHОOРPСCТTУYХXІIЅSоoαaοoνvρpτtυuιiκkΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX';
const OTHER_ALPHABET = /[\u0370-\u03ff\u0400-\u052f]/;
const LETTER_OF_ANOTHER = /[\u0370-\u052f]/g;
const WORD = /[\p{L}\p{M}]+/gu;
const LATIN = /[a-z]/i;
/** A sign or letter written over and over. */
const STUTTER = /(\S)\1{6,}/g;
/** JSON that speaks of routing, in a message: `{"complexity": 1.0, "tier": "large"}`. */
const ORDERS =
  /\{[^{}]{0,300}["']?(?:complexity|tier|route|router|routing|difficulty|target|upstream|model|score)["']?\s*:[^{}]{0,300}\}/gi;

/** Tags that speak of routing: `<route>large</route>`. */
const ORDER_TAGS =
  /<\/?(?:system|route|router|tier|model|complexity|instructions?)\b[^<>]{0,80}>(?:[^<>]{0,80}<\/[a-z]{1,14}>)?/gi;
const SIGN_AT_END = /[^\p{L}\p{N}.?!]$/u;
/** Three and more strings of signs at the end. */
const TRAILING_SIGNS = /(?:\s[^\p{L}\p{N}\s]{2,8}){3,}\s*$/u;

export function canonical(text: string): string {
  const found = look(text);
  let plain = withoutOrders(undressed(text, found), found.marks).trim();
  plain = withoutFence(plain);
  if (SIGN_AT_END.test(plain.slice(-2))) plain = plain.replace(TRAILING_SIGNS, '');
  return once(withoutNumbersAtEnd(plain));
}

/** The same words in the letters and with the blanks that they are mostly written with. */
function undressed(text: string, found: Look): string {
  let plain = text;
  if (found.foreign) {
    plain = plain.replace(INVISIBLE, '');
    if (DRESSED.test(plain)) plain = plain.normalize('NFKC');
    if (OTHER_ALPHABET.test(plain) && LATIN.test(plain)) plain = withoutLookalikes(plain);
  }
  if (found.stutter) plain = plain.replace(STUTTER, '$1$1$1');
  if (found.longestSolid >= LONG_SOLID) plain = withWordsApart(plain);
  if (found.longestSolid >= ENCODED_SOLID) plain = withoutRuns(plain);
  return withLettersJoined(plain, found.apart);
}

function withoutOrders(text: string, marks: number): string {
  let plain = text;
  if ((marks & BRACE) > 0) plain = without(ORDERS, plain);
  if ((marks & ANGLE) > 0) plain = without(ORDER_TAGS, plain);
  return (marks & (ANGLE | OF_ROLES)) > 0 ? withoutRoles(plain) : plain;
}

interface Look {
  /** Signs beyond Latin with accents. */
  readonly foreign: boolean;
  readonly stutter: boolean;
  /** The longest stretch without white space, and how many are of one unit. */
  readonly longestSolid: number;
  readonly apart: number;
  /** What begins with signs that stand in it: bits of `MARKS`. */
  readonly marks: number;
}

const unitsOf = unitReader();

/** One cheap pass that tells which of the replacements could find anything. */
function look(text: string): Look {
  const units = unitsOf(text);
  let [marks, stutter, longestSolid, apart] = [0, false, 0, 0];
  /** Where the stretch without white space and the row of one sign begin. */
  let [solidFrom, sameFrom, before] = [0, 0, 0];
  const { length } = text;
  for (let at = 0; at <= length; at += 1) {
    const unit = at < length ? units[at]! : SPACE_UNIT;
    if (unit <= SPACE_UNIT) {
      const solid = at - solidFrom;
      if (solid > longestSolid) longestSolid = solid;
      if (solid === 1 && at < length) apart += 1;
      solidFrom = at + 1;
    } else marks |= unit < MARKS.length ? MARKS[unit]! : FOREIGN;
    if (unit !== before) sameFrom = at;
    else if (at - sameFrom >= LEAST_STUTTER && unit > SPACE_UNIT) stutter = true;
    before = unit;
  }
  return { foreign: (marks & FOREIGN) > 0, marks, stutter, longestSolid, apart };
}

/** A sign that so many of its kind stand before. */
const LEAST_STUTTER = 6;
/** What some signs may begin: an object, a tag, the mark of a role; and those that are not of Latin. */
const [BRACE, ANGLE, OF_ROLES, FOREIGN] = [1, 2, 4, 8];
/** Of Latin with accents. */
const MARKS = new Uint8Array(0x250);
for (const [sign, bit] of [
  ['{', BRACE],
  ['<', ANGLE],
  ['[', OF_ROLES],
  ['#', OF_ROLES],
  ['\u00ad', FOREIGN],
] as const)
  MARKS[sign.charCodeAt(0)] = bit;

/** Fewer units without a blank are neither several words nor a run of Base64. */
const LONG_SOLID = 20;
const ENCODED_SOLID = 32;
const SPACE_UNIT = 0x20;

const LATIN_OF: ReadonlyMap<string, string> = new Map(
  Array.from({ length: LOOKALIKES.length / 2 }, (_, at) => [
    LOOKALIKES.charAt(2 * at),
    LOOKALIKES.charAt(2 * at + 1),
  ]),
);

/** Words that mix alphabets, or hold nothing but look-alikes in a text that is mostly Latin. */
function withoutLookalikes(text: string): string {
  const latin = text.match(/[a-z]/gi)?.length ?? 0;
  const other = text.match(/[\u0370-\u052f]/g)?.length ?? 0;
  return text.replace(WORD, (word) => {
    if (!OTHER_ALPHABET.test(word)) return word;
    const plain = word.replace(LETTER_OF_ANOTHER, (letter) => LATIN_OF.get(letter) ?? letter);
    if (LATIN.test(word)) return plain;
    // a lone α or ο in a formula stays what it is
    return latin > other && word.length > 1 && !OTHER_ALPHABET.test(plain) ? plain : word;
  });
}

function without(orders: RegExp, text: string): string {
  const rest = text.replace(orders, ' ');
  // where nothing else was said, they are the message
  return hasWords(rest) ? rest : text;
}

/** A text that is one text written several times over: that text once. */
function once(text: string): string {
  if (text.length < 2 * REPEATED_UNITS) return text;
  const again = text.indexOf(text.slice(0, REPEATED_UNITS), REPEATED_UNITS);
  if (again === -1) return text;
  const unit = text.slice(0, again).trimEnd();
  let at = again;
  while (text.startsWith(unit, at)) {
    at += unit.length;
    while (at < text.length && unitAt(text, at) <= SPACE_UNIT) at += 1;
  }
  return at === again ? text : `${unit}\n${text.slice(at)}`.trimEnd();
}
/** Two texts that begin with so many equal units are looked at as repetitions. */
const REPEATED_UNITS = 12;
