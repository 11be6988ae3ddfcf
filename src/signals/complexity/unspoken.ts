/**
 * Program text and formulas of which a request says nothing. Where they are the matter, its words speak of code or of
 * mathematics, point at what stands there or share a name with it; a snippet that somebody appended does none of this.
 */
import { DOLLAR } from './characters.ts';
import { CODE_MARKS, COMMANDS, type Tally, WORDS } from './counters.ts';
import { joins } from './joining-words.ts';
import type { Line } from './layout.ts';

/** A line, and what of it is the task. */
export type KeptLine = Line & { readonly kept: string };

/** A request of fewer words says nothing of what stands beside it either way. */
const LEAST_WORDS = 4;
const OF_CODE = ['code', 'implement', 'predict'];
const OF_FORMULAS =
  'percent fraction divisible prove derive calculus algebra geometry probability number-theory calculate unknown'.split(
    ' ',
  );
/** What says that code is the matter, beside the concepts: what it does and does not, and words that point at it. */
const SPEAKS_OF_CODE =
  /cod[eigo]|func|funktion|fonction|script|program|python|java|c\+\+|\bsql\b|quer(?:y|ies)|consulta|regex|loop|compil|kompil|bug|error|erreur|fehler|erro\b|output|sa[ií]da|salida|stack|exce(?:p|ç)|clas[es]|m[eé]tod|method|test|return|variable|html|css|json|csv|pandas|\bapi\b|bash|shell|linux|docker|git|refactor|\bport\b|warning|prop\b|print|imprim|печат|вывод|true|false|null|undefined|\bnan\b|代码|函数|程序|コード|関数|エラー|코드|код|ошибк|функц|скрипт|\b(?:this|these|following|below|above|here|est[eo]s?|siguiente|ce(?:ci|tte)|suivant|voici|hier|quest[oa]|isto|isso|ess[ae])\b|\bdies|\bfolgend|这|これ|この|이|это/iu;
const NAME = /[\p{L}_]{4,}/gu;
/** Words of programming languages, which stand in sentences as well. */
const KEYWORDS = new Set(
  'for while const else case void from with true false this that then into return import function class public'.split(
    ' ',
  ),
);
/** Where what is said stands inside of the code: documentation comments, figures. */
const SAID_INSIDE = /"""|\'\'\'|\/\*|\[asy\]/;
const MOST_NAMES = 60;

interface Tallies {
  readonly question: Tally;
  readonly formulas: Tally;
}

/** `text` was cut into `lines`; gives the kinds of them that nothing speaks of. */
export function unspokenTest(
  concepts: readonly string[],
): (text: string, lines: readonly KeptLine[], tallies: Tallies) => ReadonlySet<Line['kind']> {
  const ofCode = OF_CODE.map((name) => concepts.indexOf(name));
  const ofFormulas = OF_FORMULAS.map((name) => concepts.indexOf(name));
  const names = ({ concepts: named }: Tally, all: readonly number[]): boolean =>
    all.some((at) => named[at]! > 0);
  return (text, lines, { question }) => {
    const unspoken = new Set<Line['kind']>();
    const { fields } = question;
    if (fields[WORDS]! < LEAST_WORDS) return unspoken;
    const prose = joined(lines, 'prose');
    const hasSigns = fields[COMMANDS]! + fields[DOLLAR]! > 0 || /[=^]/.test(prose);
    if (!hasSigns && !names(question, ofFormulas) && !isInSentence(lines)) unspoken.add('formula');
    const isSpoken =
      fields[CODE_MARKS]! > 0 || names(question, ofCode) || SPEAKS_OF_CODE.test(prose);
    if (!isSpoken && isBlock(lines) && !SAID_INSIDE.test(text)) {
      const code = joined(lines, 'code').match(NAME) ?? [];
      const said = new Set(prose.match(NAME));
      if (!code.slice(0, MOST_NAMES).some((name) => said.has(name) && !KEYWORDS.has(name)))
        unspoken.add('code');
    }
    return unspoken;
  };
}

const joined = (lines: readonly KeptLine[], kind: Line['kind']): string =>
  lines.flatMap((line) => (line.kind === kind ? [line.kept] : [])).join('\n');

/** Whether a formula is asked about, or stands behind a word that joins it or a colon: "what is the value of $2^5$". */
function isInSentence(lines: readonly KeptLine[]): boolean {
  return lines.some(({ kind, kept }, at) => {
    if (kind !== 'formula') return false;
    const before = lines[at - 1]?.kept.trimEnd() ?? '';
    return (
      kept.trimEnd().endsWith('?') ||
      before.endsWith(':') ||
      joins(before.slice(before.lastIndexOf(' ') + 1))
    );
  });
}

/** Whether the lines of code follow one another at the beginning or the end. */
function isBlock(lines: readonly KeptLine[]): boolean {
  const first = lines.findIndex(({ kind }) => kind === 'code');
  const last = lines.findLastIndex(({ kind }) => kind === 'code');
  if (first > 0 && last < lines.length - 1) return false;
  return lines.slice(first, last + 1).every(({ kind }) => kind === 'code');
}
