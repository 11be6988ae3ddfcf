/**
 * Finds program text and formulas that the request does not mention. Where they are the matter, its words speak of code or mathematics,
 * point at them, or share a name with them; an appended snippet has none of that.
 */
import { DOLLAR } from './characters.ts';
import { CODE_MARKS, COMMANDS, type Tally, WORDS } from './counters.ts';
import { joins } from './word-lists.ts';
import type { KeptLine } from './kept-lines.ts';
import type { Line } from './layout.ts';

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
const SAID_INSIDE = /"""|'''|\/\*|\[asy\]/;
const MOST_NAMES = 60;

const NONE: ReadonlySet<Line['kind']> = new Set();

/** `text` was cut into `lines`, of which the prose was counted as `question`; gives the kinds that it does not speak of. */
export function unspokenTest(
  concepts: readonly string[],
): (text: string, lines: readonly KeptLine[], question: Tally) => ReadonlySet<Line['kind']> {
  const ofCode = OF_CODE.map((name) => concepts.indexOf(name));
  const ofFormulas = OF_FORMULAS.map((name) => concepts.indexOf(name));
  return (text, lines, question) => {
    const hasCode = has(lines, 'code');
    const hasFormula = has(lines, 'formula');
    if ((!hasCode && !hasFormula) || question.fields[WORDS] < LEAST_WORDS) return NONE;
    const unspoken = new Set<Line['kind']>();
    const prose = joined(lines, 'prose');
    if (hasFormula && !isOfFormulas(question, prose, ofFormulas) && !isInSentence(lines))
      unspoken.add('formula');
    if (hasCode && !isOfCode(question, prose, ofCode) && isApart(text, lines, prose))
      unspoken.add('code');
    return unspoken;
  };
}

/** Whether the code is a block at one end, has nothing said inside, and no name that the prose has as well. */
function isApart(text: string, lines: readonly KeptLine[], prose: string): boolean {
  if (!isBlock(lines) || SAID_INSIDE.test(text)) return false;
  const code = joined(lines, 'code').match(NAME) ?? [];
  const said = new Set(prose.match(NAME));
  return !code.slice(0, MOST_NAMES).some((name) => said.has(name) && !KEYWORDS.has(name));
}

const has = (lines: readonly KeptLine[], wanted: Line['kind']): boolean =>
  lines.some(({ kind }) => kind === wanted);

const names = ({ concepts }: Tally, all: readonly number[]): boolean =>
  all.some((at) => concepts[at]! > 0);

const isOfFormulas = (question: Tally, prose: string, concepts: readonly number[]): boolean =>
  question.fields[COMMANDS] + question.fields[DOLLAR] > 0 ||
  /[=^]/.test(prose) ||
  names(question, concepts);

const isOfCode = (question: Tally, prose: string, concepts: readonly number[]): boolean =>
  question.fields[CODE_MARKS] > 0 || names(question, concepts) || SPEAKS_OF_CODE.test(prose);

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
