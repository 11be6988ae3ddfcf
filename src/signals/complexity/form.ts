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

const SENTENCE_ENDS = /[.!?。？！]\s|\n/g;
const CODE_SIGNS = /```|[{};]|=>|\(\)/g;
const FORMULA_SIGNS = /[=+\-*/^∫∑√≤≥\\]/g;
const LIST_ITEMS = /^\s*(?:[-*]|\d+)[.)]?\s/gm;
const CAPITAL = /\p{Lu}/u;
const LAST_ASCII = 127;

/** Writes the counts of a task and the conversation that it stands in. Linear in the text. */
export function formOf(text: string, turns: readonly Turn[], into: Float64Array): void {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const units = Math.max(1, text.length);
  const count = words.length;
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  const last = turns.findLastIndex(({ role }) => role === 'user');
  // of the last message counts what it is meant to say, not what it was padded with
  const conversation = turns.reduce(
    (sum, turn, at) => (at === last ? sum : sum + turn.text.length),
    text.length,
  );
  const signs = signsOf(text);
  into[0] = Math.log1p(text.length);
  into[1] = Math.log1p(count);
  into[2] = Math.log1p(conversation);
  into[3] = turns.length;
  into[4] = count / Math.max(1, matches(text, SENTENCE_ENDS));
  into[5] = count === 0 ? 0 : letters / count;
  into[6] = new Set(words.map((word) => word.toLowerCase())).size / Math.max(1, count);
  into[7] = signs.breaks;
  into[8] = signs.commas;
  into[9] = signs.questions;
  into[10] = signs.digits / units;
  into[11] = signs.capitals / units;
  into[12] = signs.foreign / units;
  into[13] = matches(text, CODE_SIGNS);
  into[14] = matches(text, FORMULA_SIGNS);
  into[15] = matches(text, LIST_ITEMS);
  into[16] = Math.log1p(longest);
}

function signsOf(
  text: string,
): Record<'breaks' | 'commas' | 'questions' | 'digits' | 'capitals' | 'foreign', number> {
  const signs = { breaks: 0, commas: 0, questions: 0, digits: 0, capitals: 0, foreign: 0 };
  for (let at = 0, end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    if (unit === 0x0a) signs.breaks += 1;
    else if (unit === 0x2c) signs.commas += 1;
    else if (unit === 0x3f) signs.questions += 1;
    else if (unit >= 0x30 && unit <= 0x39) signs.digits += 1;
    else if (unit >= 0x41 && unit <= 0x5a) signs.capitals += 1;
    else if (unit > LAST_ASCII) {
      signs.foreign += 1;
      if (unit < 0x590 && CAPITAL.test(text.charAt(at))) signs.capitals += 1;
    }
  }
  return signs;
}

const matches = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0;
