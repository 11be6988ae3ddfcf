/**
 * Compiles conditions that only compare numbers, such as `signals.pii >= 0.5 && request.tools > 0`, to plain functions: most conditions
 * are such, and are evaluated several times a request. All others are left to CEL.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Situation } from '../core/policy.ts';
import { pathOf } from './cel-ast.ts';
import type { Branch } from './cel-context.ts';
import type { Fact } from './vocabulary.ts';

/** Undefined where a number that would decide is missing: then CEL says what comes of it. */
export type PlainTruth = (situation: Situation) => boolean | undefined;

/** Undefined for a condition that does anything else. */
export function plainTruth(node: ASTNode, tree: Branch): PlainTruth | undefined {
  const { op } = node;
  if (op === '&&' || op === '||') {
    const [left, right] = node.args.map((side) => plainTruth(side, tree));
    if (left === undefined || right === undefined) return undefined;
    return both(left, right, op === '||');
  }
  const isOrder = op === '<' || op === '<=' || op === '>' || op === '>=';
  return isOrder ? comparison(op, node.args, tree) : undefined;
}

/** `decisive` on one side decides, whatever the other is: false for "and", true for "or". */
const both =
  (left: PlainTruth, right: PlainTruth, decisive: boolean): PlainTruth =>
  (situation) => {
    const first = left(situation);
    if (first === decisive) return decisive;
    const second = right(situation);
    if (second === decisive) return decisive;
    return first === undefined ? undefined : second;
  };

type Order = '<' | '<=' | '>' | '>=';

const TURNED: Readonly<Record<Order, Order>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function comparison(
  op: Order,
  [left, right]: readonly [ASTNode, ASTNode],
  tree: Branch,
): PlainTruth | undefined {
  const fact = numberFact(left, tree);
  const limit = literal(right);
  if (fact !== undefined && limit !== undefined) return compared(fact, op, limit);
  const [turnedFact, turnedLimit] = [numberFact(right, tree), literal(left)];
  return turnedFact === undefined || turnedLimit === undefined
    ? undefined
    : compared(turnedFact, TURNED[op], turnedLimit);
}

function compared({ read }: Fact, op: Order, limit: number): PlainTruth {
  const known = (compare: (value: number) => boolean): PlainTruth => {
    return (situation) => {
      const value = valueOf(read, situation);
      return typeof value === 'number' ? compare(value) : undefined;
    };
  };
  switch (op) {
    case '<':
      return known((value) => value < limit);
    case '<=':
      return known((value) => value <= limit);
    case '>':
      return known((value) => value > limit);
    case '>=':
      return known((value) => value >= limit);
  }
}

/** What throws is not known, either. */
function valueOf(read: Fact['read'], situation: Situation): unknown {
  try {
    return read(situation);
  } catch {
    return undefined;
  }
}

function numberFact(node: ASTNode, tree: Branch): Fact | undefined {
  const path = pathOf(node);
  let found: Fact | Branch | undefined = path.length === 0 ? undefined : tree;
  for (const step of path) found = found instanceof Map ? found.get(step) : undefined;
  return found instanceof Map || found?.type !== 'number' ? undefined : found;
}

/** A number that is written; whole ones are exact up to 2 ** 53. */
function literal(node: ASTNode): number | undefined {
  if (node.op !== 'value') return undefined;
  const { args } = node;
  if (typeof args === 'number') return args;
  return typeof args === 'bigint' && Number.isSafeInteger(Number(args)) ? Number(args) : undefined;
}
