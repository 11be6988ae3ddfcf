/** The numbers that the model reads: lengths, signs and concepts, alike in every language. */
import {
  BRACKET,
  COMMA,
  CURRENCY,
  DIGIT,
  DOLLAR,
  OPERATOR,
  PERCENT,
  QUOTE,
  SEMICOLON,
} from './characters.ts';
import type { Contents } from './reader.ts';
import * as tally from './tally.ts';

const SURFACE = [
  'words',
  'content',
  'sentences',
  'words-a-sentence',
  'long-words',
  'letters-a-word',
  'fresh',
  'digits',
  'numbers',
  'big-numbers',
  'decimals',
  'percents',
  'money',
  'operators',
  'brackets',
  'commas',
  'quotes',
  'math-signs',
  'commands',
  'hard-commands',
  'singles',
  'capitalised',
  'acronyms',
  'questions',
  'gaps',
  'code-marks',
  'choices',
  'numeric-choices',
  'choice-words',
  'choice-math',
  'choice-numbers',
  'code-lines',
  'code-words',
  'code-signs',
  'code-digits',
  'figure',
  'lines',
  'semicolons',
  'number-share',
  'sign-share',
  'turns',
] as const;

export const surfaceNames: readonly string[] = SURFACE;

export const featureNames = (concepts: readonly string[]): string[] => [
  ...SURFACE,
  ...concepts.map((name) => `concept:${name}`),
];

const log = Math.log1p;

/** Fills `into` (one number a feature, the order of `featureNames`). */
export function fill(into: Float64Array, contents: Contents, turns: number): void {
  const { question, choices, code } = contents;
  const q = question.fields;
  const c = choices.fields;
  const k = code.fields;
  const words = q[tally.WORDS]!;
  const content = q[tally.CONTENT]!;
  const sentences = Math.max(1, q[tally.SENTENCES]!);
  const perChoice = Math.max(1, contents.choiceCount);
  const values = [
    log(words),
    log(content),
    log(sentences),
    log(words / sentences),
    q[tally.LONG]! / Math.max(4, content),
    words === 0 ? 0 : q[tally.LETTERS]! / words,
    q[tally.FRESH]! / Math.max(4, content),
    log(q[DIGIT]!),
    log(q[tally.NUMBERS]!),
    log(q[tally.BIG_NUMBERS]!),
    log(q[tally.DECIMALS]!),
    log(q[PERCENT]!),
    log(q[tally.MONEY]! + q[CURRENCY]!),
    log(q[OPERATOR]!),
    log(q[BRACKET]!),
    log(q[COMMA]!),
    log(q[QUOTE]!),
    log(Math.max(0, q[DOLLAR]!)),
    log(q[tally.COMMANDS]!),
    log(q[tally.HARD_COMMANDS]!),
    log(q[tally.SINGLES]!),
    log(q[tally.CAPITALISED]!),
    log(q[tally.ACRONYMS]!),
    log(q[tally.QUESTIONS]!),
    log(q[tally.GAPS]!),
    log(q[tally.CODE_MARKS]!),
    contents.choiceCount > 1 ? 1 : 0,
    contents.numericChoices / perChoice,
    log(c[tally.WORDS]! / perChoice),
    log((c[OPERATOR]! + c[tally.COMMANDS]! + c[DOLLAR]!) / perChoice),
    log(c[tally.NUMBERS]! / perChoice),
    log(contents.codeLines),
    log(k[tally.WORDS]!),
    log(k[OPERATOR]! + k[BRACKET]!),
    log(k[DIGIT]!),
    contents.figureLines > 0 ? 1 : 0,
    log(contents.proseLines),
    log(q[SEMICOLON]!),
    q[tally.NUMBERS]! / Math.max(4, words),
    (q[OPERATOR]! + q[BRACKET]! + q[tally.COMMANDS]!) / Math.max(4, words),
    log(turns),
  ];
  into.set(values);
  const base = values.length;
  for (let at = 0; at < question.concepts.length; at += 1) {
    into[base + at] = log(
      question.concepts[at]! + (0.5 * choices.concepts[at]!) / perChoice + 0.5 * code.concepts[at]!,
    );
  }
}
