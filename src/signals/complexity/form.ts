/** The form of a request in counts that mean the same in every language: lengths, structure, digits, signs. */
import type { Turn } from '../../core/signal.ts';
import { unitAt } from '../../lib/text-units.ts';

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

const SENTENCE_ENDS = /[.!?]\s|[。？！]|\n/g;
const CODE_SIGNS = /```|[{};]|=>|\(\)/g;
const FORMULA_SIGNS = /[=+\-*/^∫∑√≤≥\\]/g;
const LIST_ITEMS = /^\s*(?:[-*]|\d+)[.)]?\s/gm;
const CAPITAL = /\p{Lu}/u;
const LAST_ASCII = 127;
/** Han characters and kana. */
const IDEOGRAPH = /[\u3040-\u30ff\u3400-\u9fff]/;
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
export function formOf(text: string, turns: readonly Turn[], into: Float64Array): void {
  const signs = signsOf(text);
  const written = text.split(/\s+/).filter((word) => word !== '');
  const words = signs.ideographs === 0 ? written : written.filter((word) => !IDEOGRAPH.test(word));
  const count = words.length + WORDS_PER_IDEOGRAPH * signs.ideographs;
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  const last = turns.findLastIndex(({ role }) => role === 'user');
  // of the last message counts what it is meant to say, not what it was padded with
  const conversation = turns.reduce(
    (sum, turn, at) => (at === last ? sum : sum + turn.text.length),
    text.length,
  );
  const units =
    text.length +
    (UNITS_PER_IDEOGRAPH - 1) * signs.ideographs +
    (UNITS_PER_SYLLABLE - 1) * signs.syllables;
  const wide = units / Math.max(1, text.length);
  into[0] = Math.log1p(units);
  into[1] = Math.log1p(count);
  into[2] = Math.log1p(conversation * wide);
  into[3] = turns.length;
  into[4] = count / Math.max(1, matches(text, SENTENCE_ENDS));
  into[5] = count === 0 ? 0 : (letters + UNITS_PER_IDEOGRAPH * signs.ideographs) / count;
  into[6] = distinctOf(words);
  into[7] = signs.breaks;
  into[8] = signs.commas;
  into[9] = signs.questions;
  into[10] = signs.digits / Math.max(1, units);
  into[11] = signs.capitals / Math.max(1, units);
  into[12] = signs.foreign / Math.max(1, text.length);
  into[13] = matches(text, CODE_SIGNS);
  into[14] = matches(text, FORMULA_SIGNS);
  into[15] = matches(text, LIST_ITEMS);
  into[16] = Math.log1p(longest === 0 && count > 0 ? USUAL_WORD : longest);
}

const distinctOf = (words: readonly string[]): number =>
  words.length === 0 ? 1 : new Set(words.map((word) => word.toLowerCase())).size / words.length;

type Signs = Record<
  | 'breaks'
  | 'commas'
  | 'questions'
  | 'digits'
  | 'capitals'
  | 'foreign'
  | 'ideographs'
  | 'syllables',
  number
>;

function signsOf(text: string): Signs {
  const signs = {
    breaks: 0,
    commas: 0,
    questions: 0,
    digits: 0,
    capitals: 0,
    foreign: 0,
    ideographs: 0,
    syllables: 0,
  };
  for (let at = 0, end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    if (unit === 0x0a) signs.breaks += 1;
    else if (unit === 0x2c) signs.commas += 1;
    else if (unit === 0x3f) signs.questions += 1;
    else if (unit >= 0x30 && unit <= 0x39) signs.digits += 1;
    else if (unit >= 0x41 && unit <= 0x5a) signs.capitals += 1;
    else if (unit > LAST_ASCII) {
      signs.foreign += 1;
      countForeign(signs, unit);
    }
  }
  return signs;
}

function countForeign(signs: Signs, unit: number): void {
  if (unit < 0x590) {
    if (CAPITAL.test(String.fromCharCode(unit))) signs.capitals += 1;
    return;
  }
  if (isIdeograph(unit)) signs.ideographs += 1;
  else if (unit >= 0xac00 && unit <= 0xd7a3) signs.syllables += 1;
  else if (COMMAS.has(unit)) signs.commas += 1;
  else if (QUESTION_MARKS.has(unit)) signs.questions += 1;
}

/** Full-width, ideographic and Arabic. */
const COMMAS: ReadonlySet<number> = new Set([0xff0c, 0x3001, 0x060c]);
const QUESTION_MARKS: ReadonlySet<number> = new Set([0xff1f, 0x061f]);

const isIdeograph = (unit: number): boolean =>
  (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0x3040 && unit <= 0x30ff);

const matches = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0;
