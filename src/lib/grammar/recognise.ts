/**
 * Whether a text is of a grammar: Earley's recogniser over automata, whose rules take other rules and terminals as steps. Each terminal
 * is tried at each of its lengths, so that the answer is that of the grammar and of no lexer. Work is counted, and stops at a limit.
 */
import type { Automaton, Step } from './automaton.ts';
import type { OneOf } from './expression.ts';

export type Terminal = Automaton<OneOf>;

/** What a rule calls. */
export interface Called {
  readonly isTerminal: boolean;
  readonly index: number;
}

export interface Grammar {
  /** States of all rules are numbered together. */
  readonly steps: readonly (readonly Step<Called>[])[];
  /** By state, the rule that may end there; -1 for none. */
  readonly ends: readonly number[];
  /** By rule, the state where it begins. The first rule is the whole. */
  readonly starts: readonly number[];
  /** By rule, whether it may be of no characters. */
  readonly empties: readonly boolean[];
  readonly terminals: readonly Terminal[];
}

/** `unknown`: it would take more than the steps that are allowed. */
export type Found = 'fits' | 'differs' | 'unknown';

/** States and the places where their rules began, in turns. */
type Items = number[];

interface Work {
  stepsLeft: number;
  /** By state of a terminal, the last mark that it was given: it is reached once for each character. */
  readonly marks: Uint32Array;
  mark: number;
}

const workOf = (mostSteps: number, terminals: readonly Terminal[]): Work => ({
  stepsLeft: mostSteps,
  marks: new Uint32Array(terminals.reduce((most, { steps }) => Math.max(most, steps.length), 0)),
  mark: 0,
});

interface Reading extends Work {
  readonly grammar: Grammar;
  readonly codes: Uint32Array;
  /** By place, what was found to go on there. */
  readonly pending: (Items | undefined)[];
  /** By place and rule, who waits for a rule that began there: the state to go on with, and where its own rule began. */
  readonly waiting: (Map<number, Items> | undefined)[];
}

/** @param mostSteps some 20 to 50 million a second */
export function recognise(grammar: Grammar, text: string, mostSteps: number): Found {
  // No place takes less than one step, and what is made here is of the text's length.
  if (text.length > 2 * mostSteps) return 'unknown';
  const codes = Uint32Array.from(text, (char) => char.codePointAt(0) ?? 0);
  const reading: Reading = {
    grammar,
    codes,
    pending: Array.from({ length: codes.length + 1 }),
    waiting: Array.from({ length: codes.length + 1 }),
    ...workOf(mostSteps, grammar.terminals),
  };
  reading.pending[0] = [grammar.starts[0]!, 0];
  let isWhole = false;
  for (let place = 0; place <= codes.length; place += 1) {
    isWhole = readPlace(place, reading);
    if (reading.stepsLeft < 0) return 'unknown';
  }
  return isWhole ? 'fits' : 'differs';
}

/** @returns whether the text could end here */
function readPlace(place: number, reading: Reading): boolean {
  const items = reading.pending[place];
  if (items === undefined) return false;
  const { grammar, codes } = reading;
  const isNew = newPairs(items, codes.length + 1);
  const called = new Map<number, Items>();
  let isWhole = false;
  for (let at = 0; at < items.length && reading.stepsLeft >= 0; at += 2) {
    const state = items[at]!;
    const origin = items[at + 1]!;
    if (!isNew(at)) continue;
    reading.stepsLeft -= 1 + grammar.steps[state]!.length;
    const ended = grammar.ends[state]!;
    if (ended >= 0) {
      if (ended === 0 && origin === 0) isWhole = true;
      // Who waits for a rule that takes nothing goes on at once, below.
      if (origin < place) resume(reading.waiting[origin]?.get(ended), items, reading);
    }
    for (const step of grammar.steps[state]!) call(step, { place, origin, items, called }, reading);
  }
  for (const [terminal, waiting] of called) scan(terminal, place, waiting, reading);
  reading.pending[place] = undefined;
  return isWhole;
}

/** Most places have a few items, for which a set would cost more than it saves. */
const FEW = 16;

/** Whether the pair that begins at an index is not among those before it; to be asked of each in turn. */
function newPairs(items: Items, places: number): (at: number) => boolean {
  const keyOf = (at: number): number => items[at]! * places + items[at + 1]!;
  let seen: Set<number> | undefined;
  return (at) => {
    if (at >= FEW) {
      seen ??= new Set(Array.from({ length: FEW / 2 }, (_, pair) => keyOf(2 * pair)));
      const { size } = seen;
      return seen.add(keyOf(at)).size > size;
    }
    for (let other = 0; other < at; other += 2)
      if (items[other] === items[at] && items[other + 1] === items[at + 1]) return false;
    return true;
  };
}

function resume(waiting: Items | undefined, items: Items, reading: Reading): void {
  if (waiting === undefined) return;
  reading.stepsLeft -= waiting.length / 2;
  for (const value of waiting) items.push(value);
}

interface Place {
  readonly place: number;
  readonly origin: number;
  readonly items: Items;
  /** By terminal, who waits for it. */
  readonly called: Map<number, Items>;
}

function call({ on, to }: Step<Called>, at: Place, reading: Reading): void {
  const { grammar, waiting } = reading;
  const { index, isTerminal } = on;
  if (isTerminal) {
    const terminal = grammar.terminals[index]!;
    if (canBegin(terminal, at.place, reading)) add(at.called, index, to, at.origin);
    if (terminal.isEnd[0] === true) at.items.push(to, at.origin);
    return;
  }
  const rules = (waiting[at.place] ??= new Map<number, Items>());
  if (!rules.has(index)) at.items.push(grammar.starts[index]!, at.place);
  add(rules, index, to, at.origin);
  if (grammar.empties[index] === true) at.items.push(to, at.origin);
}

function canBegin({ steps }: Terminal, place: number, reading: Reading): boolean {
  if (place === reading.codes.length) return false;
  const code = reading.codes[place]!;
  reading.stepsLeft -= steps[0]!.length;
  return steps[0]!.some(({ on }) => on(code));
}

function add(lists: Map<number, Items>, key: number, state: number, origin: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [state, origin]);
  else list.push(state, origin);
}

/** Lets go on, at each place where the terminal may end, who waits for it. */
function scan(index: number, from: number, waiting: Items, reading: Reading): void {
  const { grammar, codes, pending } = reading;
  const terminal = grammar.terminals[index]!;
  let states = FIRST;
  for (let place = from; place < codes.length && states.length > 0; place += 1) {
    states = statesAfter(codes[place]!, terminal, states, reading);
    if (reading.stepsLeft < 0) return;
    if (isAtEnd(terminal, states)) resume(waiting, (pending[place + 1] ??= []), reading);
  }
}

const FIRST: readonly number[] = [0];

function statesAfter(
  code: number,
  { steps }: Terminal,
  states: readonly number[],
  work: Work,
): readonly number[] {
  const { marks } = work;
  work.mark += 1;
  const next: number[] = [];
  for (const state of states) {
    work.stepsLeft -= 1 + steps[state]!.length;
    for (const { on, to } of steps[state]!) {
      if (marks[to] === work.mark || !on(code)) continue;
      marks[to] = work.mark;
      next.push(to);
    }
  }
  return next;
}

function isAtEnd({ isEnd }: Terminal, states: readonly number[]): boolean {
  for (const state of states) if (isEnd[state] === true) return true;
  return false;
}

/** Whether the whole text is of one terminal. */
export function recogniseTerminal(terminal: Terminal, text: string, mostSteps: number): Found {
  const work = workOf(mostSteps, [terminal]);
  let states = FIRST;
  for (const char of text) {
    states = statesAfter(char.codePointAt(0) ?? 0, terminal, states, work);
    if (states.length === 0) return 'differs';
    if (work.stepsLeft < 0) return 'unknown';
  }
  return isAtEnd(terminal, states) ? 'fits' : 'differs';
}
