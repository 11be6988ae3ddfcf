/** Grammars in Lark's notation, compiled for `recognise`. */
import { automaton, take, type Automaton, type Room, type Step } from './automaton.ts';
import { allOf, anyOf, GrammarError, starred, type Expression, type OneOf } from './expression.ts';
import { COMMON } from './lark-common.ts';
import { isTerminalName, readLark, type LarkGrammar } from './lark-reader.ts';
import type { Called, Grammar, Terminal } from './recognise.ts';

/** States, steps and what is looked at to draw them: some megabytes. */
const MOST_ROOM = 30_000;
const MOST_UNITS = 30_000;
const MOST_DEPTH = 50;

interface Compiling {
  readonly lark: LarkGrammar;
  readonly terminals: Terminal[];
  /** By name, or by how it is written. */
  readonly terminalPlaces: Map<string, number>;
  readonly rulePlaces: Map<string, number>;
  readonly room: Room;
}

/** @throws GrammarError for what is no grammar, has more than is known here, or is too big */
export function compileLark(definition: string): Grammar {
  if (definition.length > MOST_UNITS) throw new GrammarError('it is too long');
  const lark = readLark(definition);
  if (!lark.definitions.has('start')) throw new GrammarError('it has no rule `start`');
  const compiling: Compiling = {
    lark,
    terminals: [],
    terminalPlaces: new Map(),
    rulePlaces: new Map([[WHOLE, 0]]),
    room: { left: MOST_ROOM },
  };
  const rules: Automaton<Called>[] = [];
  // Rules that are found on the way are compiled later: a Map goes on with what is added to it.
  for (const [name] of compiling.rulePlaces) rules.push(compileRule(name, compiling));
  return together(rules, compiling);
}

/** No name of a rule. */
const WHOLE = '';
const IGNORED = '%ignore';

function compileRule(name: string, compiling: Compiling): Automaton<Called> {
  const { lark, room } = compiling;
  const ignored = lark.ignored.length > 0;
  const expression =
    name === WHOLE ? ({ kind: 'name', name: 'start' } as const) : lark.definitions.get(name)!;
  const spaced = ignored ? spacedOut(expression) : expression;
  const whole = name === WHOLE && ignored ? allOf([spaced, starred(IGNORABLE)]) : spaced;
  return automaton(whole, (part) => calledBy(part, compiling), room);
}

const IGNORABLE: Expression = { kind: 'name', name: IGNORED };

/** With what is ignored before each terminal. */
function spacedOut(expression: Expression): Expression {
  switch (expression.kind) {
    case 'all':
      return allOf(expression.parts.map(spacedOut));
    case 'any':
      return anyOf(expression.of.map(spacedOut));
    case 'repeat':
      return { ...expression, what: spacedOut(expression.what) };
    case 'name':
      return isTerminalName(expression.name) ? allOf([starred(IGNORABLE), expression]) : expression;
    case 'one':
    case 'token':
      return allOf([starred(IGNORABLE), expression]);
  }
}

function calledBy(part: Expression, compiling: Compiling): Called | undefined {
  if (part.kind === 'token')
    return { isTerminal: true, index: terminalOf(part.key, () => part.what, compiling) };
  if (part.kind !== 'name') return undefined;
  const { name } = part;
  const { lark, rulePlaces } = compiling;
  if (name === IGNORED)
    return { isTerminal: true, index: terminalOf(IGNORED, () => ignorable(lark), compiling) };
  if (isTerminalName(name))
    return { isTerminal: true, index: terminalOf(name, () => part, compiling) };
  if (!lark.definitions.has(name))
    throw new GrammarError('it names a rule that it does not define');
  const index = rulePlaces.get(name) ?? rulePlaces.size;
  rulePlaces.set(name, index);
  return { isTerminal: false, index };
}

const ignorable = ({ ignored }: LarkGrammar): Expression => anyOf(ignored);

function terminalOf(
  key: string,
  expression: () => Expression,
  { lark, terminals, terminalPlaces, room }: Compiling,
): number {
  const known = terminalPlaces.get(key);
  if (known !== undefined) return known;
  const whole = inlined(expression(), lark, { room, depth: 0 });
  const place = terminals.push(automaton(whole, oneOf, room)) - 1;
  terminalPlaces.set(key, place);
  return place;
}

const oneOf = (part: Expression): OneOf | undefined => (part.kind === 'one' ? part.is : undefined);

interface Inlining {
  readonly room: Room;
  readonly depth: number;
}

/** Terminals are made of characters alone: those that it names are put in their place. */
function inlined(expression: Expression, lark: LarkGrammar, inlining: Inlining): Expression {
  take(inlining.room);
  const inside = (one: Expression): Expression => inlined(one, lark, inlining);
  switch (expression.kind) {
    case 'one':
      return expression;
    case 'token':
      return inside(expression.what);
    case 'all':
      return allOf(expression.parts.map(inside));
    case 'any':
      return anyOf(expression.of.map(inside));
    case 'repeat':
      return { ...expression, what: inside(expression.what) };
    case 'name': {
      const depth = inlining.depth + 1;
      if (depth > MOST_DEPTH) throw new GrammarError('a terminal names itself');
      const named = terminalNamed(expression.name, lark);
      return inlined(named.expression, named.lark, { ...inlining, depth });
    }
  }
}

let common: LarkGrammar | undefined;

function terminalNamed(
  name: string,
  lark: LarkGrammar,
): { readonly expression: Expression; readonly lark: LarkGrammar } {
  if (!isTerminalName(name)) throw new GrammarError('a terminal names a rule');
  const own = lark.definitions.get(name);
  if (own !== undefined) return { expression: own, lark };
  common ??= readLark(COMMON);
  const expression = common.definitions.get(lark.imports.get(name) ?? '');
  if (expression === undefined)
    throw new GrammarError('it names a terminal that it neither defines nor imports');
  return { expression, lark: common };
}

function together(rules: readonly Automaton<Called>[], { terminals }: Compiling): Grammar {
  const steps: (readonly Step<Called>[])[] = [];
  const ends: number[] = [];
  const starts: number[] = [];
  for (const [rule, own] of rules.entries()) {
    const first = steps.length;
    starts.push(first);
    for (const out of own.steps) steps.push(out.map(({ on, to }) => ({ on, to: first + to })));
    ends.push(...own.isEnd.map((isEnd) => (isEnd ? rule : -1)));
  }
  return { steps, ends, starts, terminals, empties: emptiesOf(rules, terminals) };
}

/** By rule, whether it may be of no characters: looked for until no more are found. */
function emptiesOf(
  rules: readonly Automaton<Called>[],
  terminals: readonly Terminal[],
): readonly boolean[] {
  const empties = rules.map(() => false);
  const isEmpty = ({ isTerminal, index }: Called): boolean =>
    isTerminal ? terminals[index]!.isEnd[0]! : empties[index]!;
  let known = -1;
  while (empties.filter(Boolean).length > known) {
    known = empties.filter(Boolean).length;
    for (const [rule, own] of rules.entries()) empties[rule] ||= endsByEmpty(own, isEmpty);
  }
  return empties;
}

function endsByEmpty(
  { steps, isEnd }: Automaton<Called>,
  isEmpty: (called: Called) => boolean,
): boolean {
  const reached = new Set([0]);
  for (const state of reached) {
    if (isEnd[state] === true) return true;
    for (const { on, to } of steps[state]!) if (isEmpty(on)) reached.add(to);
  }
  return false;
}
