/** Reads one text into tallies: the question, its choices, its code. The scanner and its tables are made once. */
import { asideTest } from './asides.ts';
import { canonical } from './canonical.ts';
import { characters } from './characters.ts';
import { type Line, lines } from './layout.ts';
import { lexicon } from './lexicon.ts';
import { scanner } from './scan.ts';
import { clear, emptyTally, NUMBERS, pour, type Tally, WORDS } from './tally.ts';

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
  const isAside = asideTest(words.names);
  const said = new Set<number>();

  /** Puts the sentence that was just scanned where it counts. */
  const settle = (into: Tally): void => {
    const signature = scan.signature();
    if (into !== question) return pour(buffer, into);
    if (buffer.fields[WORDS]! >= LEAST_REPEATED_WORDS) {
      if (said.has(signature)) return clear(buffer);
      said.add(signature);
    }
    return pour(buffer, isAside(buffer) ? asides : into);
  };

  return {
    concepts: words.names,
    read: (given) => {
      for (const tally of [buffer, question, choices, code, asides]) clear(tally);
      scan.reset();
      said.clear();
      const text = canonical(given);
      const counts = { choice: 0, code: 0, figure: 0, prose: 0, template: 0, blank: 0 };
      let numericChoices = 0;
      for (const line of lines(text)) {
        counts[line.kind] += 1;
        const into = target(line, { question, choices, code });
        if (into === undefined) continue;
        scan.scan(text, line, () => settle(into));
        if (line.kind === 'choice' && isNumeric(buffer)) numericChoices += 1;
        settle(into);
      }
      if (question.fields[WORDS]! < 1) pour(asides, question);
      return {
        question,
        choices,
        code,
        choiceCount: counts.choice,
        numericChoices,
        codeLines: counts.code,
        figureLines: counts.figure,
        proseLines: counts.prose,
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
