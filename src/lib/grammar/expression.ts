/** What a grammar says, as a tree: what its rules, terminals and regular expressions are read into. */

/** A code point, as `codePointAt` gives it. */
export type OneOf = (code: number) => boolean;

export type Expression =
  | { readonly kind: 'one'; readonly is: OneOf }
  | { readonly kind: 'all'; readonly parts: readonly Expression[] }
  | { readonly kind: 'any'; readonly of: readonly Expression[] }
  /** `most` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly what: Expression;
      readonly least: number;
      readonly most: number;
    }
  /** A rule or a terminal. */
  | { readonly kind: 'name'; readonly name: string }
  /** A text or a regular expression in the midst of a rule: a terminal without a name. `key` is as it was written. */
  | { readonly kind: 'token'; readonly key: string; readonly what: Expression };

export const NOTHING: Expression = { kind: 'all', parts: [] };

export const allOf = (parts: readonly Expression[]): Expression =>
  parts.length === 1 ? parts[0]! : { kind: 'all', parts };

export const anyOf = (of: readonly Expression[]): Expression =>
  of.length === 1 ? of[0]! : { kind: 'any', of };

export const optional = (what: Expression): Expression => ({
  kind: 'repeat',
  what,
  least: 0,
  most: 1,
});

export const starred = (what: Expression): Expression => ({
  kind: 'repeat',
  what,
  least: 0,
  most: Infinity,
});

/** A grammar, or a pattern in one, that is none, has more than is known here, or is too big. The message says which. */
export class GrammarError extends Error {}

interface Case {
  readonly ignoresCase: boolean;
}

/** Letter for letter. */
export const literal = (text: string, how: Case): Expression =>
  allOf(Array.from(text, (char) => ({ kind: 'one', is: oneChar(char, how) })));

function oneChar(char: string, how: Case): OneOf {
  const code = char.codePointAt(0) ?? 0;
  if (how.ignoresCase && char.toLowerCase() !== char.toUpperCase())
    return inClass(`[${escaped(code)}]`, how);
  return (other) => other === code;
}

/** A code point in a class of a JavaScript pattern. */
export const escaped = (code: number): string => `\\u{${code.toString(16)}}`;

const ASCII = 128;

/**
 * Of a class as JavaScript writes it. It only ever sees one character, so it cannot take long.
 * @throws GrammarError for a class that JavaScript does not know
 */
export function inClass(source: string, { ignoresCase }: Case): OneOf {
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^${source}$`, ignoresCase ? 'iv' : 'v');
  } catch {
    throw new GrammarError(`the class of characters ${source} is not known here`);
  }
  // 0: not asked yet, 1: no, 2: yes.
  const known = new Uint8Array(ASCII);
  return (code) => {
    if (code >= ASCII) return pattern.test(String.fromCodePoint(code));
    known[code] ||= pattern.test(String.fromCharCode(code)) ? 2 : 1;
    return known[code] === 2;
  };
}
