/** Tells the lines of a prompt apart: the question, the choices under it, code, figures, and the template around them. */

type LineKind = 'prose' | 'choice' | 'code' | 'figure' | 'template' | 'blank';

export interface Line {
  readonly from: number;
  readonly to: number;
  readonly kind: LineKind;
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
const CODE_END = /[;{}]\s*$|\)\s*:\s*$/;
const CODE_SIGNS = /\w\(.*\)|[=!<>]=|=>|->|\w\[\w*\]|\w = \S/;

/** Splits a text into lines, each with what it is. Linear in the text. */
export function lines(text: string): Line[] {
  const found: Line[] = [];
  const state: State = { fence: false, figure: false, choice: 0 };
  let from = 0;
  while (from <= text.length) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    if (from === 0 && to === text.length && text.charCodeAt(0) !== 0x5b) {
      return [{ from, to, kind: isCode(text) ? 'code' : 'prose' }];
    }
    found.push({ from, to, kind: kindOf(text.slice(from, to), state) });
    from = to + 1;
  }
  return found;
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
  if (line.trim() === '') return 'blank';
  if (isChoice(line, state)) return 'choice';
  if (LABEL_ONLY.test(line) || CHOICE_DEMAND.test(line)) return 'template';
  return isCode(line) ? 'code' : 'prose';
}

function isChoice(line: string, state: State): boolean {
  const letter = CHOICE.exec(line)?.[1]?.toUpperCase();
  if (letter === undefined) return false;
  const place = letter.charCodeAt(0) - 64;
  if (place !== 1 && place !== state.choice + 1) return false;
  state.choice = place;
  return true;
}

function isCode(line: string): boolean {
  if (CODE_START.test(line))
    return CODE_SIGNS.test(line) || CODE_END.test(line) || line.length < 60;
  return CODE_END.test(line) && (CODE_SIGNS.test(line) || /^\s*[{}]/.test(line));
}
