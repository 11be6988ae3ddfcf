/** Helpers for the CEL library's syntax tree. */
import type { ASTNode } from '@marcbachmann/cel-js';

export function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The steps of `a.b["c"]`; empty for a node that is not a name. */
export function pathOf(node: ASTNode | undefined): readonly string[] {
  if (node?.op === 'id') return [node.args];
  if (node?.op === '.') return [...pathOf(node.args[0]), node.args[1]];
  if (node?.op !== '[]') return [];
  const [above, step] = node.args;
  const isName = step.op === 'value' && typeof step.args === 'string';
  return isName ? [...pathOf(above), step.args] : [];
}

/** The child nodes in a node's `args`, for any operator. */
export function children(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(children);
  return isNode(args) ? [args] : [];
}
