/**
 * A situation as CEL's evaluation context: objects with getters, one class per group of names, so that
 * evaluating a condition reads only the facts that it mentions.
 */
import type { Environment } from '@marcbachmann/cel-js';
import type { Situation } from '../core/policy.ts';
import type { Fact, FactType } from './vocabulary.ts';

const CEL_TYPE: Readonly<Record<FactType, string>> = {
  number: 'double',
  text: 'string',
  truth: 'bool',
  texts: 'list<string>',
  labels: 'map<string, string>',
};

/** Names, each with a fact or with further names. */
export type Branch = Map<string, Fact | Branch>;

type Read = (situation: Situation) => unknown;
type CelContext = new (situation: Situation) => object;

/** Names that would shadow what the CEL library recognises a context object by. */
const UNUSABLE = new Set(['constructor', '__proto__', 'prototype']);

export function factTree(facts: readonly Fact[]): Branch {
  const tree: Branch = new Map();
  for (const fact of facts) {
    if (fact.path.some((step) => UNUSABLE.has(step))) continue;
    let branch = tree;
    for (const step of fact.path.slice(0, -1)) {
      const found = branch.get(step);
      const next: Branch = found instanceof Map ? found : new Map();
      branch.set(step, next);
      branch = next;
    }
    branch.set(fact.path.at(-1) ?? '', fact);
  }
  return tree;
}

/** The fact of a whole name; undefined for a group of names, and for what is in none. */
export function factAt(tree: Branch, path: readonly string[]): Fact | undefined {
  let found: Fact | Branch | undefined = tree;
  for (const step of path) found = found instanceof Map ? found.get(step) : undefined;
  return found instanceof Map ? undefined : found;
}

/** Declares every name of `tree`. Returns the class of the evaluation context. */
export function declareContext(environment: Environment, tree: Branch): CelContext {
  const reads = new Map<string, Read>();
  for (const [name, node] of tree) {
    const { type, read } = declare(environment, `$${name}`, node);
    environment.registerVariable(name, type);
    reads.set(name, read);
  }
  return contextClass(reads);
}

function declare(
  environment: Environment,
  typeName: string,
  node: Fact | Branch,
): { readonly type: string; readonly read: Read } {
  if (!(node instanceof Map)) return { type: CEL_TYPE[node.type], read: (s) => node.read(s) };
  const fields: Record<string, string> = {};
  const reads = new Map<string, Read>();
  for (const [name, below] of node) {
    const { type, read } = declare(environment, `${typeName}.${name}`, below);
    fields[name] = type;
    reads.set(name, read);
  }
  const Ctor = contextClass(reads);
  environment.registerType(typeName, { ctor: Ctor, fields });
  return { type: typeName, read: (situation) => new Ctor(situation) };
}

const SITUATION = Symbol('situation');

/** A class, because the CEL library identifies an object's type by its constructor. */
function contextClass(reads: ReadonlyMap<string, Read>): CelContext {
  const Ctor = class {
    readonly [SITUATION]: Situation;
    constructor(situation: Situation) {
      this[SITUATION] = situation;
    }
  };
  for (const [name, read] of reads) {
    Object.defineProperty(Ctor.prototype, name, {
      get(this: InstanceType<typeof Ctor>) {
        return read(this[SITUATION]);
      },
    });
  }
  return Ctor;
}
