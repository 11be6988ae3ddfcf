/** Error messages for conditions: what is wrong, and what to write instead. */
import { ParseError, TypeError as CelTypeError, type ASTNode } from '@marcbachmann/cel-js';
import { meant, nearest, possible, suggestion } from '../lib/suggest.ts';
import { isNode, pathOf } from './cel-ast.ts';
import type { Branch } from './cel-context.ts';
import { celName } from './vocabulary.ts';
import { own } from '../lib/own.ts';

export interface Mistake {
  /** Position in the condition, in characters. */
  readonly offset: number;
  readonly message: string;
}

interface VocabularyNames {
  readonly tree: Branch;
  readonly functions: readonly string[];
}

export function explainCelError(error: unknown, source: string, names: VocabularyNames): Mistake {
  if (!(error instanceof ParseError || error instanceof CelTypeError)) {
    const why = error instanceof Error ? error.message.split('\n')[0] : 'it cannot be read';
    return { offset: 0, message: `not a valid condition: ${why}` };
  }
  // Declared as `ErrorLocation | ASTNode`; for a type error it is always the node.
  const node = isNode(error.node) ? error.node : undefined;
  const start = error.range?.start ?? 0;
  if (error instanceof ParseError) return parseMistake(error, start, source);
  const offset = node?.op === '[]' ? node.args[1].start : start;
  return { offset, message: typeMistake(error, node, names) };
}

/** Operators of other languages that CEL does not have. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\b(and|AND)\b/, 'write `&&` for and'],
  [/\b(or|OR)\b/, 'write `||` for or'],
  [/\b(not|NOT)\b/, 'write `!` for not'],
  [/(?<![=!<>])=(?!=)/, 'write `==` to compare'],
  [/<>/, 'write `!=` for unequal'],
  [/(?<![\w.\])])\.\d/, 'write numbers with a digit before the point: `0.5`'],
];

function parseMistake(error: ParseError, offset: number, source: string): Mistake {
  const code = withoutTexts(source);
  for (const [pattern, advice] of FOREIGN) {
    const found = pattern.exec(code);
    if (found !== null) return { offset: found.index, message: `not a valid condition: ${advice}` };
  }
  return { offset, message: `not a valid condition: ${error.summary}` };
}

/** Keeps the length, so that positions stay correct. */
const withoutTexts = (source: string): string =>
  source.replaceAll(/"[^"]*"|'[^']*'/g, (text) => '_'.repeat(text.length));

function typeMistake(
  error: CelTypeError,
  node: ASTNode | undefined,
  names: VocabularyNames,
): string {
  switch (error.code) {
    case 'unknown_variable':
      return unknownName(pathOf(node), names.tree);
    case 'no_such_key':
      return unknownName(pathOf(node), names.tree);
    case 'no_such_overload':
      return mismatch(error.summary);
    case 'no_matching_overload':
      return badCall(error.summary, names.functions);
    case 'invalid_macro_argument':
      return `${plain(error.summary)}: \`has\` takes a dotted name, as in \`has(signals.pii)\``;
    default:
      return plain(error.summary);
  }
}

/** All steps of `path` but the last exist. */
function unknownName(path: readonly string[], tree: Branch): string {
  const above = path.slice(0, -1);
  const last = path.at(-1) ?? '';
  const siblings = [...branchAt(tree, above).keys()];
  const near = nearest(last, siblings);
  const known = near === undefined ? findBelow(tree, last) : celName([...above, near]);
  const options = siblings.map((name) => celName([...above, name]));
  const advice = known === undefined ? possible(options) : meant(known);
  return `unknown name \`${celName(path)}\`; ${advice}`;
}

function branchAt(tree: Branch, path: readonly string[]): Branch {
  let branch = tree;
  for (const step of path) {
    const below = branch.get(step);
    if (!(below instanceof Map)) return new Map();
    branch = below;
  }
  return branch;
}

/** The same name in another group: `inputTokens` is a common mistake for `request.inputTokens`. */
function findBelow(tree: Branch, name: string): string | undefined {
  for (const [group, branch] of tree) {
    if (!(branch instanceof Map)) continue;
    const near = nearest(name, [...branch.keys()]);
    if (near !== undefined) return celName([group, near]);
  }
  return undefined;
}

function mismatch(summary: string): string {
  const binary = /^no such overload: (\S+(?:<.*>)?) (\S+) (\S+(?:<.*>)?)$/.exec(summary);
  if (binary === null) return plain(summary);
  const [, left = '', operator = '', right = ''] = binary;
  return `\`${operator}\` cannot be used between ${typeWords(left)} and ${typeWords(right)}`;
}

function badCall(summary: string, functions: readonly string[]): string {
  const called = /'(?:.*\.)?(\w+)\(/.exec(summary)?.[1] ?? '';
  if (functions.includes(called)) return plain(summary);
  return `unknown function \`${called}\`; ${suggestion(called, [...new Set(functions)])}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  double: 'a number',
  int: 'a number',
  string: 'a text',
  bool: 'true or false',
};

/** A CEL type in words for policy authors. */
export function typeWords(type: string): string {
  if (type.startsWith('$')) return `all of \`${type.slice(1)}\` (name one of its members)`;
  return own(TYPE_WORDS, type) ?? `a ${type}`;
}

/** The library's message, without the `$` of declared type names. */
function plain(summary: string): string {
  return summary.replaceAll(/'\$?([\w.<>, -]+)'/g, (_, type: string) => `'${type}'`);
}
