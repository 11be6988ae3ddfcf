/** The form of a request in counts that mean the same in every language: lengths, structure, digits, signs. */
import type { Turn } from '../../core/signal.ts';
import * as s from './form-signs.ts';
import { signCounter } from './form-signs.ts';
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
  const signsOf = signCounter();
  const wordsOf = wordCounter();
  return (text, turns, into) => {
    const signs = signsOf(text);
    const { words, letters, longest, distinct } = wordsOf(text, signs[s.IDEOGRAPHS]! > 0);
    const count = words + WORDS_PER_IDEOGRAPH * signs[s.IDEOGRAPHS]!;
    const units =
      text.length +
      (UNITS_PER_IDEOGRAPH - 1) * signs[s.IDEOGRAPHS]! +
      (UNITS_PER_SYLLABLE - 1) * signs[s.SYLLABLES]!;
    const wide = units / Math.max(1, text.length);
    into[0] = Math.log1p(units);
    into[1] = Math.log1p(count);
    into[2] = Math.log1p(unitsOf(text, turns) * wide);
    into[3] = turns.length;
    into[4] = count / Math.max(1, signs[s.ENDS]!);
    into[5] = count === 0 ? 0 : (letters + UNITS_PER_IDEOGRAPH * signs[s.IDEOGRAPHS]!) / count;
    into[6] = words === 0 ? 1 : distinct / words;
    into[7] = signs[s.BREAKS]!;
    into[8] = signs[s.COMMAS]!;
    into[9] = signs[s.QUESTIONS]!;
    into[10] = signs[s.DIGITS]! / Math.max(1, units);
    into[11] = signs[s.CAPITALS]! / Math.max(1, units);
    into[12] = signs[s.FOREIGN]! / Math.max(1, text.length);
    into[13] = signs[s.CODE]!;
    into[14] = signs[s.FORMULAS]!;
    into[15] = signs[s.ITEMS]!;
    into[16] = Math.log1p(longest === 0 && count > 0 ? USUAL_WORD : longest);
  };
}

/** Of a conversation: of its last message counts what it is meant to say, not what it was padded with. */
function unitsOf(said: string, turns: readonly Turn[]): number {
  const last = turns.findLastIndex(({ role }) => role === 'user');
  let units = said.length;
  for (let at = 0; at < turns.length; at += 1) if (at !== last) units += turns[at]!.text.length;
  return units;
}
