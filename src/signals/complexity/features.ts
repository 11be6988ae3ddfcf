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
import * as t from './counters.ts';

/** What one text is made of, as its features see it. */
interface View {
  /** Fields of the question, of the choices under it, and of the code in it. */
  readonly q: t.Counts;
  readonly c: t.Counts;
  readonly k: t.Counts;
  readonly contents: Contents;
  readonly turns: number;
  /** How often concepts of mathematics, of programs and of reasoning are named in the question and its code. */
  readonly maths: number;
  readonly coding: number;
  readonly reasoning: number;
}

/** Most counts are 0, and a logarithm is a call. */
const log = (count: number): number => (count === 0 ? 0 : Math.log1p(count));
/** Evidence to belief: 0 at none, a half at `half`, towards 1. */
const belief = (evidence: number, half: number): number => evidence / (evidence + half);
const perWord = (count: number, words: number): number => count / Math.max(4, words);
const perChoice = (count: number, { contents }: View): number =>
  count / Math.max(1, contents.choiceCount);

const MATHS = [
  'algebra',
  'geometry',
  'probability',
  'number-theory',
  'calculus',
  'divisible',
  'fraction',
  'percent',
  'multiple',
  'howmany',
  'total',
  'calculate',
] as const;
const CODING = ['code'];
const REASONING = ['prove', 'derive', 'puzzle', 'algorithm', 'conditional'] as const;

/** Order matters: it is the order of the weights file. */
const SURFACE: readonly (readonly [name: string, of: (view: View) => number])[] = [
  ['words', ({ q }) => log(q[t.WORDS])],
  ['content', ({ q }) => log(q[t.CONTENT])],
  [
    'bulk',
    // choices and code are read as well, less carefully
    ({ q, c, k }) => log(q[t.CONTENT] + 0.7 * (c[t.WORDS] + k[t.WORDS])),
  ],
  ['sentences', ({ q }) => log(Math.max(1, q[t.SENTENCES]))],
  ['words-a-sentence', ({ q }) => log(q[t.WORDS] / Math.max(1, q[t.SENTENCES]))],
  ['long-words', ({ q }) => perWord(q[t.LONG], q[t.CONTENT])],
  ['letters-a-word', ({ q }) => (q[t.WORDS] === 0 ? 0 : q[t.LETTERS] / q[t.WORDS])],
  ['fresh', ({ q }) => perWord(q[t.FRESH], q[t.CONTENT])],
  ['digits', ({ q }) => log(q[DIGIT])],
  ['numbers', ({ q }) => log(q[t.NUMBERS])],
  ['fresh-numbers', ({ q }) => log(q[t.FRESH_NUMBERS])],
  ['big-numbers', ({ q }) => log(q[t.BIG_NUMBERS])],
  ['decimals', ({ q }) => log(q[t.DECIMALS])],
  ['percents', ({ q }) => log(q[PERCENT])],
  ['money', ({ q }) => log(q[t.MONEY] + q[CURRENCY])],
  ['operators', ({ q }) => log(q[OPERATOR])],
  ['brackets', ({ q }) => log(q[BRACKET])],
  ['commas', ({ q }) => log(q[COMMA])],
  ['quotes', ({ q }) => log(q[QUOTE])],
  ['math-signs', ({ q }) => log(Math.max(0, q[DOLLAR]))],
  ['commands', ({ q }) => log(q[t.COMMANDS])],
  ['hard-commands', ({ q }) => log(q[t.HARD_COMMANDS])],
  ['singles', ({ q }) => log(q[t.SINGLES])],
  ['capitalised', ({ q }) => log(q[t.CAPITALISED])],
  [
    'acronyms',
    // a text in capitals throughout is loud, not full of acronyms
    ({ q }) => (2 * q[t.ACRONYMS] > q[t.WORDS] ? 0 : log(q[t.ACRONYMS])),
  ],
  ['questions', ({ q }) => log(q[t.QUESTIONS])],
  ['gaps', ({ q }) => log(q[t.GAPS])],
  ['code-marks', ({ q }) => log(q[t.CODE_MARKS])],
  ['choices', ({ contents }) => (contents.choiceCount > 1 ? 1 : 0)],
  ['many-choices', ({ contents }) => (contents.choiceCount > 5 ? 1 : 0)],
  ['numeric-choices', (view) => perChoice(view.contents.numericChoices, view)],
  ['choice-words', (view) => log(perChoice(view.c[t.WORDS], view))],
  [
    'choice-math',
    (view) => log(perChoice(view.c[OPERATOR] + view.c[t.COMMANDS] + view.c[DOLLAR], view)),
  ],
  ['choice-numbers', (view) => log(perChoice(view.c[t.NUMBERS], view))],
  ['code-lines', ({ contents }) => log(contents.codeLines)],
  ['code-words', ({ k }) => log(k[t.WORDS])],
  ['code-signs', ({ k }) => log(k[OPERATOR] + k[BRACKET])],
  ['code-digits', ({ k }) => log(k[DIGIT])],
  ['figure', ({ contents }) => (contents.figureLines > 0 ? 1 : 0)],
  ['lines', ({ contents }) => log(contents.proseLines)],
  ['semicolons', ({ q }) => log(q[SEMICOLON])],
  ['number-share', ({ q }) => perWord(q[t.NUMBERS], q[t.WORDS])],
  ['sign-share', ({ q }) => perWord(q[OPERATOR] + q[BRACKET] + q[t.COMMANDS], q[t.WORDS])],
  ['turns', ({ turns }) => log(turns)],
  ['maths', ({ q, maths }) => belief(maths + q[t.COMMANDS] + q[t.FRESH_NUMBERS] / 2, 2)],
  ['coding', ({ contents, coding }) => belief(coding + contents.codeLines, 1)],
  ['reasoning', ({ reasoning }) => belief(reasoning, 1)],
];

const CONCEPT = 'concept:';

export const featureNames = (concepts: readonly string[]): string[] => [
  ...SURFACE.map(([name]) => name),
  ...concepts.map((name) => `${CONCEPT}${name}`),
];

export const isConcept = (feature: string): boolean => feature.startsWith(CONCEPT);

/** Fills an array of one number a feature, in the order of `featureNames`. */
export type Fill = (into: Float64Array, contents: Contents, turns: number) => void;

export function filler(concepts: readonly string[]): Fill {
  const placesOf = (names: readonly string[]) => names.map((name) => concepts.indexOf(name));
  const [maths, coding, reasoning] = [placesOf(MATHS), placesOf(CODING), placesOf(REASONING)];
  return (into, contents, turns) => {
    const { question, choices, code } = contents;
    const named = (places: readonly number[]): number => {
      let sum = 0;
      for (const at of places) sum += question.concepts[at]! + 0.5 * code.concepts[at]!;
      return sum;
    };
    const view = {
      q: question.fields,
      c: choices.fields,
      k: code.fields,
      contents,
      turns,
      maths: named(maths),
      coding: named(coding),
      reasoning: named(reasoning),
    };
    for (let at = 0; at < SURFACE.length; at += 1) into[at] = SURFACE[at]![1](view);
    const offered = Math.max(1, contents.choiceCount);
    for (let at = 0; at < concepts.length; at += 1) {
      const inChoices = choices.concepts[at]! / offered;
      const evidence = question.concepts[at]! + 0.5 * inChoices + 0.5 * code.concepts[at]!;
      into[SURFACE.length + at] = log(evidence);
    }
  };
}
