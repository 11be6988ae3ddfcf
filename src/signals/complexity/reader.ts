/** Reads one text into tallies: the question, its choices, its code. The scanner and its tables are made once. */
import { offTaskTest } from './off-task.ts';
import { canonical } from './canonical.ts';
import { withoutWordsAboutItself } from './about-itself.ts';
import { withoutScholarlyTail } from './scholarly-tail.ts';
import { withoutWordStrings } from './word-strings.ts';
import { type Characters, characters } from './characters.ts';
import { type Line, lines } from './layout.ts';
import { type KeptLine, saidIn, withoutUnspoken } from './kept-lines.ts';
import { unspokenTest } from './unspoken.ts';
import { type Lexicon, lexicon } from './lexicon.ts';
import { type Scanner, scanner } from './scan.ts';
import { NUMBERS, Tally, WORDS } from './counters.ts';

export interface Contents {
  /** The text as it is meant, without what is beside the task. */
  readonly said: string;
  readonly question: Tally;
  readonly choices: Tally;
  readonly code: Tally;
  readonly choiceCount: number;
  /** Choices that were passed over. */
  readonly choicesLeft: number;
  /** Choices that hold more digits than words: the answer is computed. */
  readonly numericChoices: number;
  readonly codeLines: number;
  readonly figureLines: number;
  readonly proseLines: number;
}

export interface Reader {
  /** The tallies are the reader's own and are overwritten by the next text. */
  read(text: string, without?: 'choices'): Contents;
  readonly concepts: readonly string[];
}

/** Sentences of fewer words may well stand twice. */
const LEAST_REPEATED_WORDS = 4;

/** What readers look up, and may share. */
export interface ReaderTables {
  readonly chars: Characters;
  readonly words: Lexicon;
}

/** Some 5 ms. */
export function readerTables(): ReaderTables {
  const chars = characters();
  return { chars, words: lexicon(chars) };
}

/**
 * Takes off what else does not belong to a text, which was counted: `mayName` tells whether one of some concepts may be
 * named in it.
 */
export type Guard = (text: string, mayName: (concepts: readonly number[]) => boolean) => string;

export function reader(tables = readerTables(), guard: Guard = (text) => text): Reader {
  const { chars, words } = tables;
  const tallies = emptyTallies(words.names.length);
  const scan = scanner(chars, words, tallies.buffer);
  const sentences = settler(scan, tallies, offTaskTest(words.names));
  const glue = words.names.indexOf('glue');
  const unspokenOf = unspokenTest(words.names);
  const countLines = lineCounter({ scan, sentences, tallies });
  const { question, choices, code, formulas, asides } = tallies;
  const counted = [question, choices, code, formulas, asides];

  return {
    concepts: words.names,
    read: (given, without) => {
      const meant = asMeant(given);
      let found = countLines(meant, without);
      const text = guard(meant, (concepts) => found.passedOver > 0 || names(counted, concepts));
      if (text !== meant) found = countLines(text, without);
      const { kinds, kept, choicesLeft } = found;
      const unspoken = unspokenOf(text, kept, question);
      if (unspoken.has('code')) code.clear();
      if (!unspoken.has('formula')) formulas.pourInto(question);
      const said = saidIn(kept, unspoken);
      // without a word of a language that is known nothing tells what is beside the task
      const isKnown = (question.concepts[glue]! > 0 && said !== '') || choicesLeft > 0;
      if (question.fields[WORDS] < 1) asides.pourInto(question);
      return {
        said: isKnown ? said : withoutUnspoken(text, kept, unspoken),
        question,
        choices,
        code,
        choiceCount: kinds.choice,
        choicesLeft,
        numericChoices: found.numericChoices,
        codeLines: unspoken.has('code') ? 0 : kinds.code,
        figureLines: kinds.figure,
        proseLines: found.proseLines,
      };
    },
  };
}

/** Whether one of the concepts is named in one of the tallies. */
function names(tallies: readonly Tally[], concepts: readonly number[]): boolean {
  for (const tally of tallies) for (const at of concepts) if (tally.concepts[at]! > 0) return true;
  return false;
}

interface Counting {
  readonly scan: Scanner;
  readonly sentences: Settler;
  readonly tallies: Tallies;
}

/** Counts each line of a text where it belongs. */
function lineCounter({ scan, sentences, tallies }: Counting) {
  /** Counts one line, and gives what of it is the task. */
  const readLine = (text: string, line: Line, into: Tally): { kept: string; counts: boolean } => {
    let [kept, counts, { from }] = ['', false, line];
    // what follows a sentence that is left out, up to `from`: joined as late as may be, since most lines stay whole
    let begun = from;
    const end = (to: number): void => {
      const isTask = sentences.settle(into);
      counts ||= isTask;
      if (!isTask && into === tallies.question) {
        kept += text.slice(begun, from);
        begun = to;
      }
      from = to;
    };
    scan.scan(text, line, end);
    end(line.to);
    const rest = text.slice(begun, from);
    return { kept: kept === '' ? rest : kept + rest, counts };
  };

  const all = Object.values(tallies);
  return (text: string, without: 'choices' | undefined) => {
    for (const tally of all) tally.clear();
    sentences.reset();
    const kinds = { choice: 0, code: 0, formula: 0, figure: 0, prose: 0, template: 0, blank: 0 };
    let [numericChoices, questionLines, choicesLeft] = [0, 0, 0];
    const kept: KeptLine[] = [];
    for (const line of lines(text)) {
      const { from, to, kind, goesOn } = line;
      const isChoice = kind === 'choice';
      if (without === 'choices' && isChoice) {
        choicesLeft += 1;
        continue;
      }
      kinds[kind] += 1;
      const into = target(line, tallies);
      if (into === undefined) continue;
      const before = isChoice ? digitsAndWords(into) : undefined;
      const read = readLine(text, line, into);
      if (before !== undefined && isNumeric(before, digitsAndWords(into))) numericChoices += 1;
      if (read.counts) questionLines += 1;
      kept.push({ from, to, kind, goesOn, kept: read.kept });
    }
    const proseLines = Math.max(1, questionLines);
    const passedOver = choicesLeft + kinds.template + kinds.figure;
    return { kinds, kept, numericChoices, choicesLeft, passedOver, proseLines };
  };
}

/** The order matters: strings of words end where scholarly ones were taken off. */
const asMeant = (text: string): string =>
  withoutWordStrings(withoutScholarlyTail(withoutWordsAboutItself(canonical(text))));

interface Tallies {
  /** Of the sentence that is being scanned. */
  readonly buffer: Tally;
  readonly question: Tally;
  readonly choices: Tally;
  readonly code: Tally;
  readonly formulas: Tally;
  readonly asides: Tally;
}

const emptyTallies = (size: number): Tallies => ({
  buffer: new Tally(size),
  question: new Tally(size),
  choices: new Tally(size),
  code: new Tally(size),
  formulas: new Tally(size),
  asides: new Tally(size),
});

interface Settler {
  settle(into: Tally): boolean;
  reset(): void;
}

/** Puts each sentence that was just scanned where it counts; tells whether it belongs to the question. */
function settler(
  scan: Scanner,
  { buffer, question, asides }: Tallies,
  isAside: (sentence: Tally) => boolean,
): Settler {
  const signatures = new Set<number>();
  return {
    reset: () => {
      scan.reset();
      signatures.clear();
    },
    settle: (into) => {
      const signature = scan.signature();
      const isRepeated = into === question && signatures.has(signature);
      if (buffer.fields[WORDS] >= LEAST_REPEATED_WORDS) {
        if (isRepeated) buffer.clear();
        signatures.add(signature);
      }
      const isBeside = into === question && isAside(buffer);
      buffer.pourInto(isBeside ? asides : into);
      return into === question && !isBeside;
    },
  };
}

function target({ kind }: Line, into: Tallies): Tally | undefined {
  if (kind === 'prose') return into.question;
  if (kind === 'choice') return into.choices;
  if (kind === 'formula') return into.formulas;
  return kind === 'code' ? into.code : undefined;
}

type Counted = readonly [numbers: number, words: number];
const digitsAndWords = ({ fields }: Tally): Counted => [fields[NUMBERS], fields[WORDS]];

/** What a choice added: its own letter is one of its words. */
const isNumeric = ([numbers, words]: Counted, [allNumbers, allWords]: Counted): boolean =>
  allNumbers > numbers && allWords - words - 1 <= (allNumbers - numbers) * 2;
