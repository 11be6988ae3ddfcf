/** One spelling for characters that are read alike: see `canonical`. */
import { fromBraille } from './braille.ts';
import { hasOnly, NORMAL_UNITS, unitTable } from '../../lib/normal-form.ts';

/** Tags stand for ASCII, and nobody sees them: models read them all the same. */
const TAGS = /[\u{e0020}-\u{e007e}]+/gu;
const tagged = (run: string): string =>
  apart(Array.from(run, (mark) => String.fromCharCode((mark.codePointAt(0) ?? 0) & 0x7f)).join(''));
/** A few stand within a word, more are a text of their own. */
const apart = (text: string): string => (text.length < 6 ? text : ` ${text} `);

/** One after a mark chooses its drawing; a row of them is a row of bytes that somebody wrote so. */
const SELECTORS = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu;
const selected = (run: string): string =>
  apart(Buffer.from(Array.from(run, (mark) => byteOf(mark.codePointAt(0) ?? 0))).toString('utf8'));
const byteOf = (code: number): number => (code < 0xfe10 ? code - 0xfe00 : code - 0xe0100 + 16);

/** A terminal's orders for colours: what a program set off is read without them. */
// oxlint-disable-next-line no-control-regex
const COLOURS = /\x1b\[[\d;]{0,20}[A-Za-z]/g;
/** Controls, halves of pairs, and what has no form of its own, among them. */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\p{Cf}\p{Cs}\p{Co}\p{Mn}\p{Me}\ufff9-\uffff\u115f\u1160\u3164\uffa0]/gu;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;
const IS_DIGIT = /\p{Nd}/u;
const DASHES = /[\p{Pd}\u2212\u30fc]/gu;
/** Braille's cell without a dot too. */
const BLANKS = /[\p{Zs}\u2028\u2029\u2800]/gu;

/** Letters of other scripts, and marks, that are drawn as ours (Unicode's confusables). */
const ALIKE: ReadonlyMap<string, string> = new Map(
  [
    ['аɑα', 'a'], ['ϲсⅽ', 'c'], ['ԁⅾ', 'd'], ['еєҽ', 'e'], ['ɡց', 'g'], ['һհ', 'h'], ['іıι', 'i'], ['јϳ', 'j'], ['κк', 'k'],
    ['ӏⅼ', 'l'], ['ⅿм', 'm'], ['ոп', 'n'], ['оοօσ', 'o'], ['рρ', 'p'], ['ԛգ', 'q'], ['ѕ', 's'], ['тτ', 't'], ['υս', 'u'],
    ['νѵ', 'v'], ['ԝѡ', 'w'], ['хχ', 'x'], ['уγ', 'y'], ['ΑА', 'A'], ['ΒВ', 'B'], ['СϹ', 'C'], ['ΕЕ', 'E'], ['ΗН', 'H'],
    ['ΙІӀ', 'I'], ['ЈͿ', 'J'], ['ΚК', 'K'], ['ΜМ', 'M'], ['ΝՆ', 'N'], ['ΟОՕ', 'O'], ['ΡР', 'P'], ['Ѕ', 'S'], ['ΤТ', 'T'],
    ['Ս', 'U'], ['Ѵ', 'V'], ['Ԝ', 'W'], ['ΧХ', 'X'], ['ΥҮ', 'Y'], ['Ζ', 'Z'], ['。｡․‧', '.'], ['∕⁄', '/'], ['٫', '.'],
  ].flatMap(([from = '', to = '']): readonly (readonly [string, string])[] => from.split('').map((one) => [one, to])),
); // prettier-ignore
const ALIKES = new RegExp(`[${[...ALIKE.keys()].join('')}]`, 'gu');

const A = 65;
/** Letters in black circles and boxes, and those of flags. */
const BOXED = [0x1f150, 0x1f170, 0x1f1e6];
const BOXES = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu;

/** What is shown from right to left is read so. */
const TURNED = /\u202e([^\u202a-\u202e\u2066-\u2069\n]{2,200})/g;
const turned = (whole: string, run: string): string =>
  `${whole} ${Array.from(run).toReversed().join('')} `;

/** Circled and boxed digits that NFKC leaves: first code point of each row of 1 to 9. */
const CIRCLED = [0x2776, 0x2780, 0x278a, 0x24f5];
const CIRCLES = /[\u2776-\u277e\u2780-\u2788\u278a-\u2792\u24f5-\u24fd\u24ff\u24ea]/gu;

/**
 * Unicode's compatibility form, without what is not seen, with digits of every script as 0 to 9, look-alikes as Latin
 * letters, and one blank and one dash.
 */
export const canonical = (text: string): string => (isCanonical(text) ? text : writtenAnew(text));

function writtenAnew(text: string): string {
  return fromBraille(text)
    .normalize('NFKC')
    .replaceAll(CIRCLES, circled)
    .replaceAll(BOXES, unboxed)
    .replaceAll(TURNED, turned)
    .replaceAll(TAGS, tagged)
    .replaceAll(SELECTORS, selected)
    .replaceAll(COLOURS, '')
    .replaceAll(INVISIBLE, '')
    .replaceAll(OTHER_DIGITS, digit)
    .replaceAll(DASHES, '-')
    .replaceAll(BLANKS, ' ')
    .replaceAll(ALIKES, (mark) => ALIKE.get(mark) ?? mark);
}

/** Behind this unit all normal ones are their own canonical spelling, but for kana's long dash. */
const SCRIPTS_END = 0x3041;
const LONG_DASH = 0x30fc;
const CHANGED = NORMAL_UNITS.flatMap(([from, to]) =>
  Array.from({ length: from < SCRIPTS_END ? to - from + 1 : 0 }, (_, at) => from + at),
).filter((unit) => writtenAnew(String.fromCharCode(unit)) !== String.fromCharCode(unit));
/** By UTF-16 unit: 1 where a text with nothing else is its own canonical spelling. Most texts that are not ASCII are. */
export const LEFT_ALONE = unitTable(NORMAL_UNITS, [...CHANGED, LONG_DASH]);
const isCanonical = hasOnly(LEFT_ALONE);

/** Digits stand in rows of ten, zero first; some rows follow each other. */
function digit(mark: string): string {
  const code = mark.codePointAt(0) ?? 0;
  let first = code;
  while (IS_DIGIT.test(String.fromCodePoint(first - 1))) first--;
  return String((code - first) % 10);
}

function circled(mark: string): string {
  const code = mark.codePointAt(0) ?? 0;
  const row = CIRCLED.find((first) => code >= first && code < first + 9);
  return row === undefined ? '0' : String(code - row + 1);
}

function unboxed(mark: string): string {
  const code = mark.codePointAt(0) ?? 0;
  const first = BOXED.findLast((each) => each <= code) ?? 0;
  return String.fromCharCode(A + code - first);
}
