/** Grammars of custom tools: what an input is checked by where the server that wrote it knows functions only. */
import { automaton } from '../lib/grammar/automaton.ts';
import { GrammarError, type OneOf } from '../lib/grammar/expression.ts';
import { compileLark } from '../lib/grammar/lark.ts';
import { readPattern } from '../lib/grammar/pattern.ts';
import { recognise, recogniseTerminal, type Found } from '../lib/grammar/recognise.ts';
import { recentlyUsed } from '../lib/recently-used.ts';

export interface Grammar {
  /** `regex` or `lark`, in OpenAI's API. */
  readonly syntax: string;
  readonly definition: string;
}

/** What can be said of an input: it is of the grammar, it is not, or that would take too long to find out. */
export type InputCheck = (input: string) => Found;

/** Some 70 ms, and a patch of 160 kB. */
const MOST_STEPS = 1_000_000;
const MOST_PATTERN_UNITS = 10_000;
/** To draw a regular expression: each state, and each step between two. */
const MOST_ROOM = 30_000;

/** Clients offer the same tools with each request. A grammar takes some megabytes at most. */
const known = recentlyUsed<string, Checkable>(16);

/** `why` not, for a grammar by which nothing can be checked here. */
type Checkable = { readonly check: InputCheck } | { readonly why: string };

/** Regular expressions as Rust has them, Lark as OpenAI takes it, and neither if it is too big. */
export function inputCheck({ syntax, definition }: Grammar): Checkable {
  const key = `${syntax} ${definition}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const checkable = compiled(syntax, definition);
  known.set(key, checkable);
  return checkable;
}

function compiled(syntax: string, definition: string): Checkable {
  try {
    if (syntax === 'lark') return { check: larkCheck(definition) };
    if (syntax === 'regex') return { check: patternCheck(definition) };
    return { why: 'its syntax is neither `regex` nor `lark`' };
  } catch (error) {
    if (error instanceof GrammarError) return { why: error.message };
    throw error;
  }
}

function larkCheck(definition: string): InputCheck {
  const grammar = compileLark(definition);
  return (input) => recognise(grammar, input, MOST_STEPS);
}

function patternCheck(definition: string): InputCheck {
  if (definition.length > MOST_PATTERN_UNITS) throw new GrammarError('it is too long');
  const whole = automaton<OneOf>(
    readPattern(definition, ''),
    (part) => (part.kind === 'one' ? part.is : undefined),
    { left: MOST_ROOM },
  );
  return (input) => recogniseTerminal(whole, input, MOST_STEPS);
}
