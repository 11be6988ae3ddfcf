/** The form of a request in counts that mean the same in every language: lengths, structure, digits, signs. */
import type { Turn } from '../../core/signal.ts';
import { isSpace } from '../../lib/spaces.ts';
import { unitAt } from '../../lib/text-units.ts';
import { wordCounter } from './form-words.ts';

/** In the order of `formOf`. */
export const FORM_NAMES = [
  'units',
  'words',
  'conversation-units',
  'messages',
  'words-a-sentence',
  'letters-a-word',
  'distinct-words',
  'line-breaks',
  'commas',
  'question-marks',
  'digit-share',
  'capital-share',
  'foreign-share',
  'code-signs',
  'formula-signs',
  'list-items',
  'longest-word',
] as const;

const LIST_ITEMS = /^\s*(?:[-*]|\d+)[.)]?\s/gm;
const LAST_ASCII = 127;
/**
 * What one of them is in units and words of Latin script, and a Hangul syllable in units: measured on translations of
 * English requests (`training/translated.tsv`).
 */
const UNITS_PER_IDEOGRAPH = 2.4;
const WORDS_PER_IDEOGRAPH = 0.62;
const UNITS_PER_SYLLABLE = 2;
/** Letters of a word where nothing else is known. */
const USUAL_WORD = 5;

/** Writes the counts of a task and the conversation that it stands in. Linear in the text. */
export type ReadForm = (text: string, turns: readonly Turn[], into: Float64Array) => void;

/** Buffers are its own: one reader is used by one caller at a time. */
export function formReader(): ReadForm {
  const wordsOf = wordCounter();
  return (text, turns, into) => {
    const signs = signsOf(text);
    const { words, letters, longest, distinct } = wordsOf(
      text,
      signs.ideographs === 0 ? undefined : (from, to) => !hasIdeograph(text, from, to),
    );
    const count = words + WORDS_PER_IDEOGRAPH * signs.ideographs;
    const last = turns.findLastIndex(({ role }) => role === 'user');
    // of the last message counts what it is meant to say, not what it was padded with
    let conversation = text.length;
    for (let at = 0; at < turns.length; at += 1)
      if (at !== last) conversation += turns[at]!.text.length;
    const units =
      text.length +
      (UNITS_PER_IDEOGRAPH - 1) * signs.ideographs +
      (UNITS_PER_SYLLABLE - 1) * signs.syllables;
    const wide = units / Math.max(1, text.length);
    into[0] = Math.log1p(units);
    into[1] = Math.log1p(count);
    into[2] = Math.log1p(conversation * wide);
    into[3] = turns.length;
    into[4] = count / Math.max(1, signs.ends);
    into[5] = count === 0 ? 0 : (letters + UNITS_PER_IDEOGRAPH * signs.ideographs) / count;
    into[6] = words === 0 ? 1 : distinct / words;
    into[7] = signs.breaks;
    into[8] = signs.commas;
    into[9] = signs.questions;
    into[10] = signs.digits / Math.max(1, units);
    into[11] = signs.capitals / Math.max(1, units);
    into[12] = signs.foreign / Math.max(1, text.length);
    into[13] = signs.code;
    into[14] = signs.formulas;
    into[15] = signs.marks + signs.digits === 0 ? 0 : (text.match(LIST_ITEMS)?.length ?? 0);
    into[16] = Math.log1p(longest === 0 && count > 0 ? USUAL_WORD : longest);
  };
}

function hasIdeograph(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (isIdeograph(unitAt(text, at))) return true;
  return false;
}

const noSigns = () => ({
  breaks: 0,
  commas: 0,
  questions: 0,
  digits: 0,
  capitals: 0,
  foreign: 0,
  ideographs: 0,
  syllables: 0,
  /** Of sentences: `.`, `!` and `?` before white space, their full-width forms, ends of lines. */
  ends: 0,
  /** Three backticks, braces, semicolons, `=>`, `()`. */
  code: 0,
  formulas: 0,
  /** Hyphens and stars: an item of a list begins with one, or with a digit. */
  marks: 0,
});

type Signs = ReturnType<typeof noSigns>;

function signsOf(text: string): Signs {
  const signs = noSigns();
  const before = { endedTo: 0, fencedTo: 0 };
  for (let at = 0, end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    if (unit > LAST_ASCII) {
      signs.foreign += 1;
      countForeign(signs, unit);
      continue;
    }
    const name = COUNTED_AS[unit];
    if (name !== undefined) signs[name] += 1;
    if (NEEDS_LOOK[unit] === 1) lookAround(signs, before, text, at);
  }
  if (signs.marks > 0) signs.formulas += signs.marks;
  return signs;
}

/** What one of ASCII counts as, whatever stands around it. */
const COUNTED_AS: (keyof Signs | undefined)[] = Array.from({ length: LAST_ASCII + 1 });
const NEEDS_LOOK = new Uint8Array(LAST_ASCII + 1);
const ASCII: readonly (readonly [counted: keyof Signs, signs: string])[] = [
  ['capitals', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['digits', '0123456789'],
  ['breaks', '\n'],
  ['commas', ','],
  ['questions', '?'],
  ['code', '{};'],
  ['formulas', '=+/^\\'],
  ['marks', '-*'],
];
for (const [counted, signs] of ASCII)
  for (const sign of signs) COUNTED_AS[sign.charCodeAt(0)] = counted;
for (const sign of '.!?\n`(=') NEEDS_LOOK[sign.charCodeAt(0)] = 1;

interface Before {
  /** White space before it was consumed: a line that ends behind a full stop ends once. */
  endedTo: number;
  /** What lies before it belongs to three backticks. */
  fencedTo: number;
}

/** What a sign is together with those beside it: the end of a sentence, a fence, `()`, `=>`. */
function lookAround(signs: Signs, before: Before, text: string, at: number): void {
  switch (unitAt(text, at)) {
    case LINE_FEED:
      if (at >= before.endedTo) signs.ends += 1;
      return;
    case BACKTICK:
      if (at < before.fencedTo || !text.startsWith('```', at)) return;
      signs.code += 1;
      before.fencedTo = at + 3;
      return;
    case OPEN:
      if (text.startsWith(')', at + 1)) signs.code += 1;
      return;
    case EQUALS:
      if (text.startsWith('>', at + 1)) signs.code += 1;
      return;
    default:
      if (at + 1 >= text.length || !isSpace(unitAt(text, at + 1))) return;
      signs.ends += 1;
      before.endedTo = at + 2;
  }
}

const LINE_FEED = 0x0a;
const OPEN = 0x28;
const EQUALS = 0x3d;
const BACKTICK = 0x60;

function countForeign(signs: Signs, unit: number): void {
  if (unit < CAPITALS_END) {
    if (IS_CAPITAL[unit] === 1) signs.capitals += 1;
    return;
  }
  if (isIdeograph(unit)) signs.ideographs += 1;
  else if (unit >= 0xac00 && unit <= 0xd7a3) signs.syllables += 1;
  else if (COMMAS.has(unit)) signs.commas += 1;
  else if (QUESTION_MARKS.has(unit)) signs.questions += 1;
  if (FULL_STOPS.has(unit)) signs.ends += 1;
  else if (FORMULA_SIGNS.has(unit)) signs.formulas += 1;
}

const CAPITALS_END = 0x590;
const IS_CAPITAL = Uint8Array.from({ length: CAPITALS_END }, (_, unit) =>
  /\p{Lu}/u.test(String.fromCharCode(unit)) ? 1 : 0,
);
/** Full-width, ideographic and Arabic. */
const COMMAS: ReadonlySet<number> = new Set([0xff0c, 0x3001, 0x060c]);
const QUESTION_MARKS: ReadonlySet<number> = new Set([0xff1f, 0x061f]);
/** `。？！` */
const FULL_STOPS: ReadonlySet<number> = new Set([0x3002, 0xff1f, 0xff01]);
/** `∫∑√≤≥` */
const FORMULA_SIGNS: ReadonlySet<number> = new Set([0x222b, 0x2211, 0x221a, 0x2264, 0x2265]);

/** Han characters and kana. */
const isIdeograph = (unit: number): boolean =>
  (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0x3040 && unit <= 0x30ff);
