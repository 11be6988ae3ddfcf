/** The signs that a grammar in Lark's notation is made of. */
import { GrammarError } from './expression.ts';

type SignKind =
  | 'name'
  | 'text'
  | 'pattern'
  | 'number'
  | 'directive'
  | 'modifier'
  | 'repeat'
  | 'sign'
  | 'end';

export interface Sign {
  readonly kind: SignKind;
  readonly text: string;
}

const BLANK = /\s+|\/\/[^\n]*|#[^\n]*|\\ *\n/y;
/** In the order in which they are tried. A `?` before a small letter belongs to the rule that it begins. */
const SIGNS: readonly (readonly [SignKind, RegExp])[] = [
  ['modifier', /[!?]{1,2}(?=[_a-z])/y],
  ['name', /_{0,2}(?:[a-z][_a-z0-9]*|[A-Z][_A-Z0-9]*)/y],
  ['text', /"(?:\\.|[^"\\\n])*"i?/y],
  ['pattern', /\/(?!\/)(?:\\.|[^/\\\n])*\/[imslux]*/y],
  ['number', /[+-]?\d+/y],
  ['directive', /%[a-z]+/y],
  ['repeat', /[+*?]/y],
  ['sign', /->|\.\.|[.:|~,()[\]]/y],
];

/** @throws GrammarError for what is no sign of a grammar, or of none that is known here, such as `{` for templates */
export function signsOf(definition: string): readonly Sign[] {
  const signs: Sign[] = [];
  let at = 0;
  while (at < definition.length) {
    const blank = matchAt(BLANK, definition, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const sign = signAt(definition, at);
    signs.push(sign);
    at += sign.text.length;
  }
  return signs;
}

function signAt(definition: string, at: number): Sign {
  for (const [kind, pattern] of SIGNS) {
    const text = matchAt(pattern, definition, at);
    if (text !== undefined) return { kind, text };
  }
  throw new GrammarError(`what begins with '${definition[at]}' is not known here`);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
