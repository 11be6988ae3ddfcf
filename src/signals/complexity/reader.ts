/** Reads one text into tallies: the question, its choices, its code. The scanner and its tables are made once. */
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

export function reader(): Reader {
  const chars = characters();
  const words = lexicon(chars);
  const size = words.names.length;
  const buffer = emptyTally(size);
  const question = emptyTally(size);
  const choices = emptyTally(size);
  const code = emptyTally(size);
  const scan = scanner(chars, words, buffer);

  return {
    concepts: words.names,
    read: (text) => {
      for (const tally of [buffer, question, choices, code]) clear(tally);
      scan.reset();
      const counts = { choice: 0, code: 0, figure: 0, prose: 0, template: 0, blank: 0 };
      let numericChoices = 0;
      for (const line of lines(text)) {
        counts[line.kind] += 1;
        const into = target(line, { question, choices, code });
        if (into === undefined) continue;
        scan.scan(text, line, () => pour(buffer, into));
        if (line.kind === 'choice' && isNumeric(buffer)) numericChoices += 1;
        pour(buffer, into);
      }
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
