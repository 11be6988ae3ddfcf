/** Classifies the lines of a prompt: the question, the choices under it, code, figures, and the template around them. */
import { isSpace } from '../../lib/spaces.ts';
import { unitAt } from '../../lib/text-units.ts';

type LineKind = 'prose' | 'choice' | 'code' | 'formula' | 'figure' | 'template' | 'blank';

export interface Line {
  readonly from: number;
  readonly to: number;
  readonly kind: LineKind;
  /** What follows stands in the same line of the text. */
  readonly goesOn: boolean;
}

const CHOICE = /^\s*[([]?([A-Ja-j])[)\].:：、．]\s*\S/;
const FENCE = /^\s*(```|~~~)/;
/** Asymptote figures, as competition problems carry them. */
const FIGURE_OPENS = /^\s*\[asy\]/;
const FIGURE_CLOSES = /\[\/asy\]\s*$/;
/** `Answer:`, `Respuesta:`, `答案：`: a label with nothing behind it. */
const LABEL_ONLY =
  /^\s*(?:(?![\u3041-\u9fff])[\p{L}\p{M}]{1,14}( [\p{L}\p{M}]{1,14}){0,3}|[\u3041-\u9fff]{1,4})\s*[:：]\s*$/u;
/** "… a single choice from "A" or "B" or "C"": letters in quotes, listed. */
const CHOICE_DEMAND = /["'“「(]A["'”」)]\W+\S{1,6}\W+["'“「(]?B["'”」)]?/;
const CODE_START =
  /^\s*(def |class |import |from \w+ import|for .*[:{]\s*$|while .*[:{]\s*$|if .*[:{]\s*$|else\b.*[:{]\s*$|elif |return\b|function |const |let |var |public |private |static |#include|assert |print\(|@\w+|>>> |\/\/|\/\*|\*\/|SELECT |INSERT |UPDATE |CREATE TABLE)/;
/** What it ends with, and the last signs of that. */
const CODE_END = /[;{}]\s*$|\)\s*:\s*$/;
const CODE_LASTS = ';{}:';
const CODE_SIGNS = /\w\(.*\)|[=!<>]=|=>|->|\w\[\w*\]|\w = \S/;

/** Splits a text into lines, each with what it is. Linear in the text. */
export function lines(text: string): Line[] {
  const found: Line[] = [];
  const mayHaveFormula = text.includes('\\') || text.includes('$');
  const state: State = { fence: false, figure: false, choice: 0 };
  let from = 0;
  while (from <= text.length) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    const isOnly = from === 0 && to === text.length && text.charCodeAt(0) !== 0x5b;
    const line = text.slice(from, to);
    const mayEndInFormula = mayHaveFormula && !state.fence && !state.figure;
    const tail = mayEndInFormula ? from + formulaIn(line) : to;
    const prose = tail === to ? line : text.slice(from, tail);
    const kind = isOnly ? proseOrCode(prose) : kindOf(prose, state);
    addParts(found, { from, tail, to, kind });
    from = to + 1;
  }
  return found;
}

/** A line, or what stands before the formula at `tail` that it ends with and the formula. */
function addParts(
  found: Line[],
  { from, tail, to, kind }: { from: number; tail: number; to: number; kind: LineKind },
): void {
  if (tail === to || (kind !== 'prose' && kind !== 'blank')) {
    found.push({ from, to, kind, goesOn: false });
    return;
  }
  found.push({ from, to: tail, kind, goesOn: true });
  found.push({ from: tail, to, kind: 'formula', goesOn: false });
}

/** A formula of TeX: what opens it, and the signs that one has. */
const OPENS_FORMULA = /\$|\\(?:\(|\[|[a-z]{2,})/gi;
const FORMULA_SIGN = /[=^_{<>]|\\(?:le|ge|in|sum|int)/;
/** Of what it is: words that are no commands are no part of it. */
const COMMAND = /\\[a-z]+|\\?text\{[^{}]*\}/gi;
const MOST_WORDS_IN_FORMULA = 1;
/** A line may begin with a formula and go on in words. */
const LEAST_WORDS_BEFORE = 4;
const FORMULA_REACH = 400;

/** Where a formula begins that a line ends with, behind some words or alone; the line's length where none does. */
function formulaIn(line: string): number {
  const from = Math.max(0, line.length - FORMULA_REACH);
  for (const { index } of line.slice(from).matchAll(OPENS_FORMULA)) {
    const formula = line.slice(from + index);
    const words = formula.replace(COMMAND, ' ').match(/\p{L}{3,}/gu)?.length ?? 0;
    if (words > MOST_WORDS_IN_FORMULA) continue;
    const before = line.slice(0, from + index);
    const isBeside =
      before.trim() === '' || (before.match(/\p{L}{2,}/gu)?.length ?? 0) >= LEAST_WORDS_BEFORE;
    return isBeside && FORMULA_SIGN.test(formula) ? before.length : line.length;
  }
  return line.length;
}

interface State {
  fence: boolean;
  figure: boolean;
  /** The letter of the last choice, 1 for A; 0 before the first. */
  choice: number;
}

function kindOf(line: string, state: State): LineKind {
  if (state.figure || FIGURE_OPENS.test(line)) {
    state.figure = !FIGURE_CLOSES.test(line);
    return 'figure';
  }
  if (FENCE.test(line)) {
    state.fence = !state.fence;
    return 'blank';
  }
  if (state.fence) return 'code';
  const last = lastSign(line);
  if (last === '') return 'blank';
  if (isChoice(line, state)) return 'choice';
  if ((last === ':' || last === '：') && LABEL_ONLY.test(line)) return 'template';
  return CHOICE_DEMAND.test(line) ? 'template' : proseOrCode(line, last);
}

/** Before white space at its end; empty where it holds nothing else. */
function lastSign(line: string): string {
  let at = line.length - 1;
  while (at >= 0 && isSpace(unitAt(line, at))) at -= 1;
  return line.charAt(at);
}

const proseOrCode = (line: string, last = lastSign(line)): 'code' | 'prose' =>
  isCode(line, last) ? 'code' : 'prose';

function isChoice(line: string, state: State): boolean {
  const letter = CHOICE.exec(line)?.[1]?.toUpperCase();
  if (letter === undefined) return false;
  const place = letter.charCodeAt(0) - 64;
  if (place !== 1 && place !== state.choice + 1) return false;
  state.choice = place;
  return true;
}

function isCode(line: string, last: string): boolean {
  const endsAsCode = CODE_LASTS.includes(last) && CODE_END.test(line);
  if (CODE_START.test(line)) return endsAsCode || line.length < 60 || CODE_SIGNS.test(line);
  return endsAsCode && (CODE_SIGNS.test(line) || /^\s*[{}]/.test(line));
}
