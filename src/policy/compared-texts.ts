/** Checks the texts that facts are compared with: `domain == "pasword-reset"` would otherwise always be false. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { suggestion } from '../lib/suggest.ts';
import { children, pathOf } from './cel-ast.ts';
import type { Mistake } from './condition-errors.ts';
import { celName } from './vocabulary.ts';

/** All texts that the fact of this name can be or hold; undefined where any may come. */
export type ValuesOf = (path: readonly string[]) => readonly string[] | undefined;

/** The first literal that is compared with a fact which is never so. */
export function comparedTextMistake(ast: ASTNode, valuesOf: ValuesOf): Mistake | undefined {
  for (const { path, values, literal } of comparisons(ast, valuesOf)) {
    const text = literal.args;
    if (typeof text !== 'string' || values.includes(text)) continue;
    const named = values.filter((value) => value !== '');
    const what =
      path[0] === 'domain' ? 'this policy has no domain' : `\`${celName(path)}\` is never`;
    return { offset: literal.start, message: `${what} \`${text}\`; ${suggestion(text, named)}` };
  }
  return undefined;
}

type Literal = Extract<ASTNode, { op: 'value' }>;

interface Comparison {
  readonly path: readonly string[];
  readonly values: readonly string[];
  readonly literal: Literal;
}

function* comparisons(node: ASTNode, valuesOf: ValuesOf): Generator<Comparison> {
  if (node.op === '==' || node.op === '!=' || node.op === 'in') {
    const [left, right] = node.args;
    for (const [fact, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const path = pathOf(fact);
      const values = path.length === 0 ? undefined : valuesOf(path);
      if (values === undefined) continue;
      for (const literal of literals(other)) yield { path, values, literal };
    }
  }
  for (const below of children(node.args)) yield* comparisons(below, valuesOf);
}

function literals(node: ASTNode): Literal[] {
  if (node.op === 'value') return [node];
  return node.op === 'list' ? node.args.flatMap(literals) : [];
}
