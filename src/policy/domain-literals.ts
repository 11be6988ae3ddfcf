/** Checks the domains that conditions name: `domain == "pasword-reset"` would otherwise always be false. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { suggestion } from '../lib/suggest.ts';
import { children } from './cel-ast.ts';
import type { Mistake } from './condition-errors.ts';

/** The first literal compared with `domain` that is no domain of the policy. */
export function domainMistake(ast: ASTNode, domains: readonly string[]): Mistake | undefined {
  for (const literal of comparedWithDomain(ast)) {
    const name = literal.args;
    if (typeof name !== 'string' || name === '' || domains.includes(name)) continue;
    return {
      offset: literal.start,
      message: `this policy has no domain \`${name}\`; ${suggestion(name, domains)}`,
    };
  }
  return undefined;
}

function* comparedWithDomain(node: ASTNode): Generator<Extract<ASTNode, { op: 'value' }>> {
  if (node.op === '==' || node.op === '!=' || node.op === 'in') {
    const [left, right] = node.args;
    if (isDomain(left)) yield* literals(right);
    else if (isDomain(right)) yield* literals(left);
  }
  for (const below of children(node.args)) yield* comparedWithDomain(below);
}

const isDomain = (node: ASTNode): boolean => node.op === 'id' && node.args === 'domain';

function literals(node: ASTNode): Extract<ASTNode, { op: 'value' }>[] {
  if (node.op === 'value') return [node];
  return node.op === 'list' ? node.args.flatMap(literals) : [];
}
