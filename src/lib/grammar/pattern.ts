/**
 * Reads regular expressions as far as they are regular: what OpenAI's grammars allow of Rust's. No look-around, no references back, no
 * word boundaries; anchors only around the whole. A lazy repeat stands for the same texts as a greedy one.
 */
import {
  allOf,
  anyOf,
  escaped,
  GrammarError,
  inClass,
  NOTHING,
  optional,
  starred,
  type Expression,
} from './expression.ts';

interface Reading {
  readonly source: string;
  at: number;
  /** Groups that are open. */
  depth: number;
  flags: Flags;
}

interface Flags {
  readonly ignoresCase: boolean;
  readonly dotIsAll: boolean;
}

const MOST_DEPTH = 100;

/**
 * @param flags of `imsu`
 * @throws GrammarError for what is no regular expression, or is not regular
 */
export function readPattern(source: string, flags: string): Expression {
  const reading: Reading = { source, at: 0, depth: 0, flags: withFlags(NO_FLAGS, { on: flags }) };
  const read = alternatives(reading);
  if (reading.at < source.length) throw notKnown(reading);
  return read;
}

const NO_FLAGS: Flags = { ignoresCase: false, dotIsAll: false };

/** Of the letters `imsu`; one that is turned on and off is off. */
function withFlags(flags: Flags, { on, off = '' }: { on: string; off?: string }): Flags {
  const other = /[^imsu]/.exec(on + off);
  if (other !== null)
    throw new GrammarError(`the flag '${other[0]}' of a regular expression is not known here`);
  return {
    ignoresCase: !off.includes('i') && (on.includes('i') || flags.ignoresCase),
    dotIsAll: !off.includes('s') && (on.includes('s') || flags.dotIsAll),
  };
}

function notKnown({ source, at }: Reading): GrammarError {
  const sign = source.slice(at, at + 4);
  return new GrammarError(
    sign === ''
      ? 'a regular expression ends too early'
      : `'${sign}' in a regular expression is not known here`,
  );
}

function alternatives(reading: Reading): Expression {
  const { flags } = reading;
  const of = [sequence(reading)];
  while (reading.source[reading.at] === '|') {
    reading.at += 1;
    of.push(sequence(reading));
  }
  reading.flags = flags;
  return anyOf(of);
}

function sequence(reading: Reading): Expression {
  const { source } = reading;
  const parts: Expression[] = [];
  if (reading.depth === 0 && source[reading.at] === '^') reading.at += 1;
  while (reading.at < source.length && !')|'.includes(source[reading.at]!)) {
    if (isLastAnchor(reading)) reading.at += 1;
    else parts.push(repeated(atom(reading), reading));
  }
  return allOf(parts);
}

const isLastAnchor = ({ source, at, depth }: Reading): boolean =>
  depth === 0 && source[at] === '$' && (at + 1 === source.length || source[at + 1] === '|');

const COUNTS = /\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/y;

function repeated(what: Expression, reading: Reading): Expression {
  const { source } = reading;
  let all = what;
  for (;;) {
    const sign = source[reading.at];
    if (sign === '*') all = starred(all);
    else if (sign === '+') all = { kind: 'repeat', what: all, least: 1, most: Infinity };
    else if (sign === '?') all = optional(all);
    else if (sign === '{') {
      const counts = matchAt(COUNTS, reading);
      if (counts === undefined) throw notKnown(reading);
      all = counted(all, counts);
      reading.at += counts[0].length - 1;
    } else return all;
    reading.at += 1;
    if (source[reading.at] === '?') reading.at += 1;
  }
}

function counted(what: Expression, [, from, comma, to]: RegExpExecArray): Expression {
  const least = Number(from);
  let most = Infinity;
  if (comma === undefined) most = least;
  else if (to !== undefined) most = Number(to);
  if (most < least) throw new GrammarError(`a repeat of ${least} to ${most} times is none`);
  return { kind: 'repeat', what, least, most };
}

function matchAt(pattern: RegExp, { source, at }: Reading): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}

function atom(reading: Reading): Expression {
  const { source, flags } = reading;
  const sign = source[reading.at]!;
  if (sign === '(') return group(reading);
  if (sign === '[') return one(charClass(reading), flags);
  if ('*+?{^$'.includes(sign)) throw notKnown(reading);
  if (sign === '.') {
    reading.at += 1;
    return one(flags.dotIsAll ? String.raw`[^]` : String.raw`[^\n]`, flags);
  }
  if (sign === '\\') return one(`[${escape(reading)}]`, flags);
  const code = source.codePointAt(reading.at)!;
  reading.at += String.fromCodePoint(code).length;
  return one(`[${escaped(code)}]`, flags);
}

const one = (source: string, { ignoresCase }: Flags): Expression => ({
  kind: 'one',
  is: inClass(source, { ignoresCase }),
});

const GROUP = /\((?:\?(?:P?<\w{1,50}>|([imsu]*)(?:-([imsu]+))?([:)])))?/y;

function group(reading: Reading): Expression {
  const opening = matchAt(GROUP, reading);
  if (opening === undefined || reading.source[reading.at + opening[0].length] === '?')
    throw notKnown(reading);
  const [text, on = '', off = '', end] = opening;
  reading.at += text.length;
  const { flags } = reading;
  reading.flags = withFlags(flags, { on, off });
  // Holds until the group around it ends.
  if (end === ')') return NOTHING;
  reading.depth += 1;
  if (reading.depth > MOST_DEPTH) throw new GrammarError('its groups are too deep');
  const inside = alternatives(reading);
  if (reading.source[reading.at] !== ')') throw notKnown(reading);
  reading.at += 1;
  reading.depth -= 1;
  reading.flags = flags;
  return inside;
}

/** As Rust and Python have them: of all of Unicode. */
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['d', String.raw`\p{Nd}`],
  ['D', String.raw`\P{Nd}`],
  ['s', String.raw`\p{White_Space}`],
  ['S', String.raw`\P{White_Space}`],
  ['w', String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`],
  ['W', String.raw`[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
  ['a', 7],
  ['0', 0],
]);
const BY_NUMBER = /\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[xu]\{[\dA-Fa-f]{1,6}\})/y;
const PROPERTY = /\\[pP](?:\{\^?[\w=]{1,60}\}|[A-Z])/y;

/** What may stand in a class of JavaScript for an escape. */
function escape(reading: Reading): string {
  const number = matchAt(BY_NUMBER, reading)?.[0];
  if (number !== undefined) {
    reading.at += number.length;
    return escaped(codeIn(number));
  }
  const property = matchAt(PROPERTY, reading)?.[0];
  if (property !== undefined) {
    reading.at += property.length;
    return property.length === 3 ? `\\${property[1]}{${property[2]}}` : property;
  }
  const known = escapedLetter(reading.source[reading.at + 1] ?? '');
  if (known === undefined) throw notKnown(reading);
  reading.at += 2;
  return known;
}

const MOST_CODE = 0x10_ff_ff;

/**
 * Of an escape by number: `\x41`, `\u0041`, `\u{41}`, `\U00000041`.
 * @throws GrammarError for a number beyond those of characters
 */
export function codeIn(written: string): number {
  const code = parseInt(written.replaceAll(/[^\dA-Fa-f]/g, ''), 16);
  if (code > MOST_CODE) throw new GrammarError('a character of such a number is none');
  return code;
}

function escapedLetter(letter: string): string | undefined {
  const control = CONTROLS.get(letter);
  if (control !== undefined) return escaped(control);
  return SHORTHANDS.get(letter) ?? punctuation(letter);
}

const punctuation = (sign: string): string | undefined =>
  /^[!-/:-@[-`{-~ ]$/.test(sign) ? escaped(sign.charCodeAt(0)) : undefined;

/** The class as JavaScript writes it. A `[` in it is another class in Rust, and itself in Python. */
function charClass(reading: Reading): string {
  const { source } = reading;
  reading.at += 1;
  const isNot = source[reading.at] === '^';
  if (isNot) reading.at += 1;
  let inside = '';
  let isFirst = true;
  while (isFirst || source[reading.at] !== ']') {
    inside += member(reading);
    isFirst = false;
  }
  reading.at += 1;
  return `[${isNot ? '^' : ''}${inside}]`;
}

function member(reading: Reading): string {
  const from = inClassChar(reading);
  const { source } = reading;
  if (source[reading.at] !== '-' || source[reading.at + 1] === ']') return from;
  reading.at += 1;
  return `${from}-${inClassChar(reading)}`;
}

function inClassChar(reading: Reading): string {
  const { source } = reading;
  const code = source.codePointAt(reading.at);
  const sign = source[reading.at];
  if (code === undefined || sign === '[' || isSetOperation(source, reading.at))
    throw notKnown(reading);
  if (sign === '\\') return escape(reading);
  reading.at += String.fromCodePoint(code).length;
  return escaped(code);
}

const isSetOperation = (source: string, at: number): boolean =>
  ['&&', '--', '~~'].includes(source.slice(at, at + 2));
