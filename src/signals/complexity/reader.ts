/** Reads one text into tallies: the question, its choices, its code. The scanner and its tables are made once. */
import { offTaskTest } from './off-task.ts';
import { canonical } from './canonical.ts';
import { characters } from './characters.ts';
import { type Line, lines } from './layout.ts';
import { lexicon } from './lexicon.ts';
import { scanner } from './scan.ts';
import { clear, emptyTally, NUMBERS, pour, type Tally, WORDS } from './counters.ts';

export interface Contents {
  readonly question: Tally;
  readonly choices: Tally;
  readonly code: Tally;
  readonly choiceCount: number;
  /** Choices that hold more digits than words: the answer is computed. */
  readonly numericChoices: number;
  readonly codeLines: number;
  readonly figureLines: number;
  readonly proseLines: number;
}

export interface Reader {
  /** The tallies are the reader's own and are overwritten by the next text. */
  read(text: string): Contents;
  readonly concepts: readonly string[];
}

/** Sentences of fewer words may well stand twice. */
const LEAST_REPEATED_WORDS = 4;

export function reader(): Reader {
  const chars = characters();
  const words = lexicon(chars);
  const size = words.names.length;
  const buffer = emptyTally(size);
  const question = emptyTally(size);
  const choices = emptyTally(size);
  const code = emptyTally(size);
  const asides = emptyTally(size);
  const scan = scanner(chars, words, buffer);
  const isAside = offTaskTest(words.names);
  const said = new Set<number>();

  /** Puts the sentence that was just scanned where it counts; tells whether it belongs to the question. */
  const settle = (into: Tally): boolean => {
    const signature = scan.signature();
    const isRepeated = into === question && said.has(signature);
    if (buffer.fields[WORDS]! >= LEAST_REPEATED_WORDS) {
      if (isRepeated) clear(buffer);
      said.add(signature);
    }
    const isBeside = into === question && isAside(buffer);
    pour(buffer, isBeside ? asides : into);
    return into === question && !isBeside;
  };

  return {
    concepts: words.names,
    read: (given) => {
      for (const tally of [buffer, question, choices, code, asides]) clear(tally);
      scan.reset();
      said.clear();
      const text = canonical(given);
      const kinds = { choice: 0, code: 0, figure: 0, prose: 0, template: 0, blank: 0 };
      let numericChoices = 0;
      let questionLines = 0;
      for (const line of lines(text)) {
        kinds[line.kind] += 1;
        const into = target(line, { question, choices, code });
        if (into === undefined) continue;
        let counts = false;
        scan.scan(text, line, () => (counts = settle(into) || counts));
        if (line.kind === 'choice' && isNumeric(buffer)) numericChoices += 1;
        if (settle(into) || counts) questionLines += 1;
      }
      if (question.fields[WORDS]! < 1) pour(asides, question);
      return {
        question,
        choices,
        code,
        choiceCount: kinds.choice,
        numericChoices,
        codeLines: kinds.code,
        figureLines: kinds.figure,
        proseLines: Math.max(1, questionLines),
      };
    },
  };
}

function target(
  { kind }: Line,
  into: { question: Tally; choices: Tally; code: Tally },
): Tally | undefined {
  if (kind === 'prose') return into.question;
  if (kind === 'choice') return into.choices;
  return kind === 'code' ? into.code : undefined;
}

/** The choice's own letter is one of its words. */
const isNumeric = ({ fields }: Tally): boolean =>
  fields[NUMBERS]! > 0 && fields[WORDS]! - 1 <= fields[NUMBERS]! * 2;
