/**
 * Lets what arrives in one turn of the event loop go on together. The same code then runs many times in a row, and is still in the
 * processor's caches: over sockets each stage otherwise runs once between other code, at about twice the cost (measured).
 */
export interface TurnBarrier {
  /** Calls this, in order of arrival, once this turn has read everything that is ready; at once where there is nothing to wait for. */
  pass(goOn: () => void): void;
}

export interface TurnOptions {
  /** Released in one turn; the rest waits for the next, so that a burst does not block the loop. */
  readonly atMost: number;
  /** Whether no other request could arrive in this turn: a lone one does not wait. */
  readonly isAlone: () => boolean;
}

export function turnBarrier({ atMost, isAlone }: TurnOptions): TurnBarrier {
  let waiting: (() => void)[] = [];
  const release = (): void => {
    const released = waiting;
    waiting = released.splice(atMost);
    if (waiting.length > 0) setImmediate(release);
    for (const goOn of released) goOn();
  };
  return {
    pass: (goOn) => {
      if (isAlone()) goOn();
      else if (waiting.push(goOn) === 1) setImmediate(release);
    },
  };
}

/**
 * Awaited between two stages of what goes on in one turn: all do the first before any does the second, so that a stage is still in the
 * processor's caches when the next request comes to it.
 */
export const nextStage: Promise<void> = Promise.resolve();

/** Work of several stages that are plain calls. */
export interface Staged {
  /** Does the next stage; false when none is left. Must not throw. */
  next(): boolean;
}

/**
 * The same for many stages in a row, without a promise for each: of all that enters in one turn each does its first before any its
 * second. The clock is read once a stage: nothing runs between the end of one and the beginning of the next.
 */
export class Stages {
  /** When the stage began that runs, monotonic milliseconds; who runs it sets it to when it ended. */
  nowMs = 0;
  #entered: Staged[] = [];

  enter(work: Staged): void {
    if (this.#entered.push(work) === 1) void nextStage.then(this.#go);
  }

  readonly #go = (): void => {
    let left = this.#entered;
    this.#entered = [];
    this.nowMs = performance.now();
    while (left.length > 0) left = left.filter(goesOn);
  };
}

const goesOn = (work: Staged): boolean => work.next();

/** Bytes, or characters: what is done to more at once keeps others waiting for milliseconds. */
const LARGE = 1_000_000;

/** Of bytes or characters. */
export const isLarge = (size: number): boolean => size >= LARGE;

/** Between two steps of work on something large, so that others are served in between; undefined where it is small. */
export const betweenSteps = (size: number): Promise<void> | undefined =>
  isLarge(size) ? otherTurn() : undefined;

/** Resolves in another turn of the event loop, after what is ready now. */
export const otherTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
