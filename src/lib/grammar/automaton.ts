/** Expressions as automata without empty steps. */
import { GrammarError, type Expression } from './expression.ts';

/** `on` is what the step takes: a character, or what a rule calls. */
export interface Step<On> {
  readonly on: On;
  readonly to: number;
}

/** State 0 is where it begins. */
export interface Automaton<On> {
  readonly steps: readonly (readonly Step<On>[])[];
  readonly isEnd: readonly boolean[];
}

/** What a grammar may still cost to be compiled: repeats of repeats are written short and become long. */
export interface Room {
  left: number;
}

/** Takes so many states. @throws GrammarError where fewer are left */
export function take(room: Room, amount = 1): void {
  room.left -= amount;
  if (room.left < 0) throw new GrammarError('it is too big');
}

/** What stands in an expression for one step; undefined for what is made of others. */
export type StepOf<On> = (expression: Expression) => On | undefined;

interface Drawing<On> {
  readonly steps: Step<On>[][];
  /** Steps that take nothing. */
  readonly empty: number[][];
  readonly stepOf: StepOf<On>;
  readonly room: Room;
}

/** @throws GrammarError if there is no room for it */
export function automaton<On>(
  expression: Expression,
  stepOf: StepOf<On>,
  room: Room,
): Automaton<On> {
  const drawing: Drawing<On> = { steps: [], empty: [], stepOf, room };
  const start = newState(drawing);
  const end = draw(expression, start, drawing);
  return withoutEmpty(drawing, end);
}

function newState<On>({ steps, empty, room }: Drawing<On>): number {
  take(room);
  empty.push([]);
  return steps.push([]) - 1;
}

/** @returns the state where it ends, from which nothing goes yet but back into it */
function draw<On>(expression: Expression, from: number, drawing: Drawing<On>): number {
  take(drawing.room);
  const on = drawing.stepOf(expression);
  if (on !== undefined) {
    const to = newState(drawing);
    drawing.steps[from]!.push({ on, to });
    return to;
  }
  switch (expression.kind) {
    case 'all':
      return expression.parts.reduce((at, part) => draw(part, at, drawing), from);
    case 'any': {
      const end = newState(drawing);
      for (const one of expression.of)
        join(draw(one, beside(from, drawing), drawing), end, drawing);
      return end;
    }
    case 'repeat':
      return drawRepeat(expression, from, drawing);
    case 'one':
    case 'name':
    case 'token':
      throw new GrammarError('it names what it does not define');
  }
}

function drawRepeat<On>(
  { what, least, most }: Extract<Expression, { kind: 'repeat' }>,
  from: number,
  drawing: Drawing<On>,
): number {
  let at = from;
  for (let time = 0; time < least; time += 1) at = draw(what, at, drawing);
  const end = beside(at, drawing);
  if (most === Infinity) {
    join(draw(what, end, drawing), end, drawing);
    return end;
  }
  for (let time = least; time < most; time += 1) {
    at = draw(what, at, drawing);
    join(at, end, drawing);
  }
  return end;
}

/** A state that is reached with it. */
function beside<On>(from: number, drawing: Drawing<On>): number {
  const state = newState(drawing);
  join(from, state, drawing);
  return state;
}

const join = <On>(from: number, to: number, { empty }: Drawing<On>): void => {
  empty[from]!.push(to);
};

function withoutEmpty<On>(drawing: Drawing<On>, end: number): Automaton<On> {
  const { steps, empty, room } = drawing;
  const places = new Map([[0, 0]]);
  const found: { steps: Step<On>[]; isEnd: boolean }[] = [];
  const placeOf = (state: number): number => {
    const known = places.get(state) ?? places.size;
    places.set(state, known);
    return known;
  };
  // States that are found on the way are looked at later: a Map goes on with what is added to it.
  for (const [state] of places) {
    const reached = reachedFrom(state, empty);
    const own: Step<On>[] = [];
    for (const one of reached) {
      take(room, 1 + steps[one]!.length);
      own.push(...steps[one]!.map(({ on, to }) => ({ on, to: placeOf(to) })));
    }
    found.push({ steps: own, isEnd: reached.has(end) });
  }
  return { steps: found.map((one) => one.steps), isEnd: found.map(({ isEnd }) => isEnd) };
}

function reachedFrom(state: number, empty: readonly (readonly number[])[]): ReadonlySet<number> {
  const reached = new Set([state]);
  for (const one of reached) for (const next of empty[one]!) reached.add(next);
  return reached;
}
