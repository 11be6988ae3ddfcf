/**
 * Bounds the time of a condition. It is evaluated for every request, a viewer may have one simulated, and nothing can interrupt it, so
 * conditions that could take long are refused when they are read.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { matchSteps } from '../lib/match-steps.ts';
import { children, pathOf } from './cel-ast.ts';
import type { Mistake } from './condition-errors.ts';

/** Nodes that are evaluated, some tens of nanoseconds each. */
const MOST_STEPS = 50_000;
/** Steps of one match. */
const MOST_MATCH_STEPS = 1e8;
/** Names, labels and lists of the vocabulary are shorter. */
const LONGEST_FACT = 100;

const WALKS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

interface Called {
  readonly name: string;
  readonly of: ASTNode;
  readonly given: readonly ASTNode[];
}

/** `of.name(given)`. */
function calledOn({ op, args }: ASTNode): Called | undefined {
  if (op !== 'rcall') return undefined;
  const [name, of, given] = args;
  return { name, of, given: children(given) };
}

/** What may take too long in a condition, if anything does. */
export function costMistake(ast: ASTNode): Mistake | undefined {
  for (const node of within(ast)) {
    const called = calledOn(node);
    if (called === undefined) continue;
    const { start: offset } = node;
    if (called.name === 'bind')
      return { offset, message: '`cel.bind` cannot be used: write the value where it is used' };
    const message = called.name === 'matches' ? matchMistake(called, ast) : undefined;
    if (message !== undefined) return { offset, message };
  }
  if (stepsOf(ast) <= MOST_STEPS) return undefined;
  return {
    offset: ast.start,
    message:
      'a condition must be quick, and this one may take too long: walk over fewer or shorter lists, none within another',
  };
}

function matchMistake({ of, given: [pattern] }: Called, ast: ASTNode): string | undefined {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string')
    return 'the pattern of `matches` must be a text that stands there';
  const longest = isFact(of) ? LONGEST_FACT : sizeOf(ast);
  if (matchSteps(pattern.args, longest) <= MOST_MATCH_STEPS) return undefined;
  return 'the pattern of `matches` may take too long: repeat no group, and use `*`, `+`, `?`, `|` or `{n,m}` fewer times';
}

/** The body of a walk counts as often as there may be items. */
function stepsOf(node: ASTNode): number {
  const called = calledOn(node);
  if (called === undefined || !WALKS.has(called.name))
    return children(node.args).reduce((sum, below) => sum + stepsOf(below), 1);
  const items = Math.max(LONGEST_FACT / 5, sizeOf(called.of));
  const body = called.given.reduce((sum, below) => sum + stepsOf(below), 1);
  return stepsOf(called.of) + items * body;
}

/** Nodes and characters: no list or text that is made of them is longer. */
function sizeOf(node: ASTNode): number {
  if (node.op === 'value') return typeof node.args === 'string' ? node.args.length + 1 : 1;
  const called = calledOn(node);
  const own = children(node.args).reduce((sum, below) => sum + sizeOf(below), 1);
  return called !== undefined && WALKS.has(called.name) ? own * sizeOf(called.of) : own;
}

/** `key.name`; what has no point may be the item of a walk. */
const isFact = (node: ASTNode): boolean => pathOf(node).length > 1;

function* within(node: ASTNode): Generator<ASTNode> {
  yield node;
  for (const below of children(node.args)) yield* within(below);
}
