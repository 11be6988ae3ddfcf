/** Restricts the names in a condition: those of `modes` may use the key only. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { children } from './cel-ast.ts';
import type { Mistake } from './condition-errors.ts';

/** The first use of a top-level name of the vocabulary (`names`) that is not in `allowed`. */
export function scopeMistake(
  ast: ASTNode,
  names: ReadonlySet<string>,
  allowed: readonly string[],
): Mistake | undefined {
  for (const { name, start } of identifiers(ast)) {
    if (!names.has(name) || allowed.includes(name)) continue;
    return {
      offset: start,
      message: `\`${name}\` cannot be used here: a mode depends on \`${allowed.join('`, `')}\` only; write a rule instead`,
    };
  }
  return undefined;
}

function* identifiers(node: ASTNode): Generator<{ readonly name: string; readonly start: number }> {
  if (node.op === 'id') yield { name: node.args, start: node.start };
  for (const below of children(node.args)) yield* identifiers(below);
}
