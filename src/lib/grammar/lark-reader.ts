/** Reads a grammar in Lark's notation, as far as OpenAI takes it: no templates, no priorities that matter, no imports but of `common`. */
import {
  allOf,
  anyOf,
  escaped,
  GrammarError,
  inClass,
  literal,
  optional,
  starred,
  type Expression,
} from './expression.ts';
import { signsOf, type Sign } from './lark-signs.ts';
import { codeIn, readPattern } from './pattern.ts';

export interface LarkGrammar {
  /** By name: small letters for rules, capitals for terminals. */
  readonly definitions: ReadonlyMap<string, Expression>;
  /** By the name under which it is imported, the name in `common`. */
  readonly imports: ReadonlyMap<string, string>;
  /** What may stand before any terminal, and at the end. */
  readonly ignored: readonly Expression[];
}

interface Reading {
  readonly signs: readonly Sign[];
  at: number;
  depth: number;
  /** In a terminal, texts and patterns are parts of it. */
  isTerminal: boolean;
}

const MOST_DEPTH = 100;
const END: Sign = { kind: 'end', text: '' };

/** @throws GrammarError for what is no such grammar */
export function readLark(definition: string): LarkGrammar {
  const reading: Reading = { signs: signsOf(definition), at: 0, depth: 0, isTerminal: false };
  const definitions = new Map<string, Expression>();
  const imports = new Map<string, string>();
  const ignored: Expression[] = [];
  while (next(reading) !== END) {
    const { kind, text } = next(reading);
    if (kind !== 'directive') readDefinition(reading, definitions);
    else {
      reading.at += 1;
      if (text === '%ignore') ignored.push(alternatives(reading));
      else if (text === '%import') readImport(reading, imports);
      else throw new GrammarError(`${text} is not known here`);
    }
  }
  return { definitions, imports, ignored };
}

const next = ({ signs, at }: Reading): Sign => signs[at] ?? END;

function isNext(reading: Reading, text: string): boolean {
  const is = next(reading).kind === 'sign' && next(reading).text === text;
  if (is) reading.at += 1;
  return is;
}

function expect(reading: Reading, text: string): void {
  if (!isNext(reading, text)) throw new GrammarError(`a '${text}' is missing`);
}

function readName(reading: Reading): string {
  const { kind, text } = next(reading);
  if (kind !== 'name') throw new GrammarError('a name is missing');
  reading.at += 1;
  return text;
}

function readDefinition(reading: Reading, definitions: Map<string, Expression>): void {
  if (next(reading).kind === 'modifier') reading.at += 1;
  const name = readName(reading);
  if (definitions.has(name)) throw new GrammarError('a name is defined twice');
  readPriority(reading);
  expect(reading, ':');
  reading.isTerminal = isTerminalName(name);
  definitions.set(name, alternatives(reading));
  reading.isTerminal = false;
}

export const isTerminalName = (name: string): boolean => /^_*[A-Z]/.test(name);

/** It says which reading is taken of several, and not whether there is one. */
function readPriority(reading: Reading): void {
  if (isNext(reading, '.')) readNumber(reading);
}

function readNumber(reading: Reading): number {
  const { kind, text } = next(reading);
  if (kind !== 'number') throw new GrammarError('a number is missing');
  reading.at += 1;
  return Number(text);
}

function readImport(reading: Reading, imports: Map<string, string>): void {
  if (readName(reading) !== 'common')
    throw new GrammarError('an import from elsewhere than `common` is not known here');
  if (isNext(reading, '.')) {
    const name = readName(reading);
    imports.set(isNext(reading, '->') ? readName(reading) : name, name);
    return;
  }
  expect(reading, '(');
  do {
    const name = readName(reading);
    imports.set(name, name);
  } while (isNext(reading, ','));
  expect(reading, ')');
}

function alternatives(reading: Reading): Expression {
  const of = [sequence(reading)];
  while (isNext(reading, '|')) of.push(sequence(reading));
  return anyOf(of);
}

function sequence(reading: Reading): Expression {
  const parts: Expression[] = [];
  while (isPart(reading)) parts.push(repeated(atom(reading), reading));
  // The name of an alternative changes the tree alone.
  if (isNext(reading, '->')) readName(reading);
  return allOf(parts);
}

/** A name before a colon begins the next definition. */
function isPart({ signs, at }: Reading): boolean {
  const { kind, text } = signs[at] ?? END;
  if (kind === 'name') return ![':', '.'].includes(signs[at + 1]?.text ?? '');
  return kind === 'text' || kind === 'pattern' || text === '(' || text === '[';
}

function repeated(what: Expression, reading: Reading): Expression {
  let all = what;
  for (;;) {
    const { kind, text } = next(reading);
    if (kind === 'repeat') {
      reading.at += 1;
      if (text === '?') all = optional(all);
      else if (text === '*') all = starred(all);
      else all = { kind: 'repeat', what: all, least: 1, most: Infinity };
    } else if (isNext(reading, '~')) all = counted(all, reading);
    else return all;
  }
}

function counted(what: Expression, reading: Reading): Expression {
  const least = readNumber(reading);
  const most = isNext(reading, '..') ? readNumber(reading) : least;
  if (least < 0 || most < least) throw new GrammarError('a repeat of such a number is none');
  return { kind: 'repeat', what, least, most };
}

function atom(reading: Reading): Expression {
  if (isNext(reading, '(')) return inBrackets(reading, ')');
  if (isNext(reading, '[')) return optional(inBrackets(reading, ']'));
  const { kind, text } = next(reading);
  reading.at += 1;
  if (kind === 'name') return { kind: 'name', name: text };
  if (kind === 'pattern') return asToken(text, patternOf(text), reading);
  if (isNext(reading, '..')) {
    const { kind: other, text: to } = next(reading);
    reading.at += 1;
    if (other !== 'text') throw new GrammarError('the end of a range is missing');
    return asToken(`${text}..${to}`, rangeOf(text, to), reading);
  }
  return asToken(text, literal(textOf(text), { ignoresCase: text.endsWith('i') }), reading);
}

const asToken = (key: string, what: Expression, { isTerminal }: Reading): Expression =>
  isTerminal ? what : { kind: 'token', key, what };

function inBrackets(reading: Reading, closing: string): Expression {
  reading.depth += 1;
  if (reading.depth > MOST_DEPTH) throw new GrammarError('its brackets are too deep');
  const inside = alternatives(reading);
  expect(reading, closing);
  reading.depth -= 1;
  return inside;
}

function patternOf(written: string): Expression {
  const end = written.lastIndexOf('/');
  return readPattern(written.slice(1, end), written.slice(end + 1));
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['f', '\f'],
  ['"', '"'],
  ['\\', '\\'],
]);
const ESCAPE = /\\(?:(x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})|(.))/gu;

/** What else is escaped stands for itself and its backslash, as in Python. */
const textOf = (written: string): string =>
  written
    .slice(1, written.lastIndexOf('"'))
    .replaceAll(ESCAPE, (all, number?: string, sign = '') =>
      number === undefined ? (ESCAPES.get(sign) ?? all) : String.fromCodePoint(codeIn(number)),
    );

function rangeOf(from: string, to: string): Expression {
  const [least, most] = [from, to].map((written) => escaped(onlyChar(textOf(written))));
  return { kind: 'one', is: inClass(`[${least}-${most}]`, { ignoresCase: false }) };
}

function onlyChar(text: string): number {
  const code = text.codePointAt(0);
  if (code === undefined || String.fromCodePoint(code) !== text)
    throw new GrammarError('a range goes from one character to another');
  return code;
}
