/**
 * Finds text that a machine wrote: rows of a table, log lines, hashes, traces, JSON on one line, long lists of numbers. It stands beside a
 * task and says little about how hard the task is.
 */
import { isDigit, isLetter } from '../../lib/ascii.ts';
import { occurs } from '../../lib/occurrences.ts';
import { unitAt, unitReader } from '../../lib/text-units.ts';

/** Shorter runs of lines of one shape are left alone. */
const LEAST_LINES = 5;
/** So many shapes may take turns: a diff's lines with and without a plus. */
const SHAPES = 2;
/** Where fewer letters are left, the first lines of each run stay: they are what is spoken of. */
const LEAST_LETTERS = 20;
const KEPT = 2;
/** Figures and signs that a sentence does not have so many of. */
const MARK = /[|,;:{}[\]()<>/\\=_+#$%&*"-]/;
const LEAST_MARKS = 3;
/** A letter of a list of choices: what stands behind it is the question. */
const CHOICE = /^\s*[([]?[A-Ja-j][)\].:：、．]\s/;
/** JSON on one line: shorter is an example. */
const LEAST_JSON_UNITS = 200;
/** More than ten numbers one after the other. */
const NUMBERS =
  /(?<![\p{L}\p{N}.])(?:[-+]?\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?%?[\s,;|]{1,4}){11,}(?:[-+]?\d+(?:[.,:]\d+)*(?:e[-+]?\d+)?%?)?/giu;
const NUMBERS_KEPT = 24;
/** Of digits, in what `NUMBERS` finds. */
const LEAST_NUMBERS = 11;

/** The text without it; where little else is said, with its beginning. Linear in the text. */
export function withoutMachineText(text: string): string {
  const hasNumbers = hasDigits(text, LEAST_NUMBERS);
  if (!hasNumbers && !mayHaveRuns(text)) return text;
  const lines = text.split('\n');
  const runs = lines.length < LEAST_LINES ? jsonLines(lines) : runsOf(lines);
  if (runs.length === 0 && !hasNumbers) return text;
  const none = joined(lines, runs, 0).replace(NUMBERS, ' ');
  if (none === text) return text;
  if (lettersIn(none) >= LEAST_LETTERS) return none;
  return joined(lines, runs, KEPT).replace(NUMBERS, (found) => found.slice(0, NUMBERS_KEPT));
}

/** It has lines enough, or one that may be JSON. */
function mayHaveRuns(text: string): boolean {
  if (text.length >= LEAST_JSON_UNITS && (text.includes('}') || text.includes(']'))) return true;
  return occurs(text, '\n', LEAST_LINES - 1);
}

/** Lines from `from` up to `to`. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/** So few lines are no run. */
const jsonLines = (lines: readonly string[]): readonly Run[] =>
  lines.flatMap((line, at) => (isJson(line) ? [{ from: at, to: at + 1 }] : []));

const unitsOf = unitReader();

function hasDigits(text: string, least: number): boolean {
  const units = unitsOf(text);
  let digits = 0;
  for (let at = 0, end = text.length; at < end && digits < least; at += 1) {
    if (isDigit(units[at]!)) digits += 1;
  }
  return digits >= least;
}

function runsOf(lines: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  let from = 0;
  let shapes: readonly string[] = [];
  const end = (to: number): void => {
    if (to - from >= LEAST_LINES) runs.push({ from, to });
    from = to;
  };
  lines.forEach((line, at) => {
    if (isJson(line)) {
      end(at);
      runs.push({ from: at, to: at + 1 });
      from = at + 1;
      shapes = [];
      return;
    }
    const shape = shapeOf(line);
    if (shapes.includes(shape)) return;
    if (shape === '' || shapes.length === SHAPES || shapes.length === 0) {
      end(at);
      shapes = [];
    }
    if (shape === '') from = at + 1;
    else shapes = [...shapes, shape];
  });
  end(lines.length);
  return runs;
}

/** The shape of a line: what varies from row to row is made equal. Empty for what a person may have written. */
function shapeOf(line: string): string {
  const plain = line.trim();
  const most = mostMarks(plain);
  // with so few marks only a figure or an id by itself has a shape
  if (most === 0 || (most < LEAST_MARKS && plain.includes(' '))) return '';
  if (CHOICE.test(line)) return '';
  const shape = withoutVarying(plain);
  return mostMarks(shape) >= LEAST_MARKS || shape === '0' ? shape : '';
}

/** Letters and digits mixed and digits become 0, words a: what one row of a table has in place of another's. */
function withoutVarying(line: string): string {
  let [shape, from, at] = ['', 0, 0];
  const { length } = line;
  while (at < length) {
    const begin = at;
    let hasDigit = false;
    for (let size = varyingAt(line, at); size > 0; size = varyingAt(line, at)) {
      hasDigit ||= isDigit(unitAt(line, at));
      at += size;
    }
    if (at === begin) at += 1;
    else {
      shape += line.slice(from, begin) + (hasDigit ? '0' : 'a');
      from = at;
    }
  }
  return shape + line.slice(from);
}

/** The units of the letter or digit that stands there; 0 where none does. */
function varyingAt(line: string, at: number): number {
  const unit = unitAt(line, at);
  if (!(unit >= KINDS.length)) return isLetter(unit) || isDigit(unit) ? 1 : 0;
  const sign = String.fromCodePoint(line.codePointAt(at)!);
  return LETTER.test(sign) ? sign.length : 0;
}

const LETTER = /\p{L}/u;

/** How many of `MARK` its shape has at most: a figure is one for each digit that follows none. */
function mostMarks(line: string): number {
  let marks = 0;
  let before = 0;
  for (let at = 0, end = line.length; at < end; at += 1) {
    const unit = unitAt(line, at);
    const kind = unit < KINDS.length ? KINDS[unit]! : 0;
    if (kind === SIGN || (kind === FIGURE && before !== FIGURE)) marks += 1;
    before = kind;
  }
  return marks;
}

const [SIGN, FIGURE] = [1, 2];
/** By ASCII code. */
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  if (isDigit(unit)) return FIGURE;
  return MARK.test(String.fromCharCode(unit)) ? SIGN : 0;
});

function isJson(line: string): boolean {
  if (line.length < LEAST_JSON_UNITS) return false;
  const plain = line.trim();
  return /^[[{].*[\]}]$/.test(plain) && /"\s*:|\d\s*,\s*[-\d]/.test(plain);
}

function joined(lines: readonly string[], runs: readonly Run[], kept: number): string {
  if (runs.length === 0) return lines.join('\n');
  const left: string[] = [];
  let next = 0;
  for (const { from, to } of runs) {
    left.push(...lines.slice(next, Math.min(to, from + kept)));
    next = to;
  }
  return [...left, ...lines.slice(next)].join('\n');
}

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0;
