/** Holds a stream back until its beginning was checked; what comes after is checked as it passes. */
import type { Operation } from '../core/call.ts';
import type { EventStream, StreamEvent } from '../core/upstream.ts';
import { GatewayError } from '../core/errors.ts';
import { Flow, type Receiver } from '../lib/flow.ts';
import type { Soon } from '../lib/soon.ts';
import type { Trial, Verdict, VerifyPolicy } from '../core/verify.ts';
import { mapEvents, showTo, type EventStep } from '../wire/events.ts';
import { replacedEvent } from '../wire/replace-text.ts';

/** Bytes. JSON and tool calls are held until they are complete, up to this. */
const MOST_HELD_BYTES = 65_536;

export interface Held {
  /** What the checks say of what was held. */
  readonly first: Verdict;
  /** Too little of it came in time to be judged. */
  readonly wasShort: boolean;
  readonly isMended: boolean;
  /** The same events, the held ones first, as one batch. */
  readonly events: EventStream;
  /** What the checks say; of the whole answer once the stream is over. */
  verdict(): Verdict;
}

export interface Holding {
  /** Without it nothing is held back. */
  readonly hold: VerifyPolicy['hold'] | undefined;
  /** What is found afterwards ends the stream. */
  readonly withdraws: boolean;
  /** The API whose events these are, where what stands around demanded JSON is taken away. */
  readonly mends: Operation | undefined;
}

/** Rejects with what the stream breaks with while it is held: then nothing was passed on. */
export function heldBack(events: EventStream, trial: Trial, holding: Holding): Soon<Held> {
  const { hold, withdraws, mends } = holding;
  if (hold === undefined) {
    const passed = watched(events, trial, { first: { kind: 'undecided' }, withdraws });
    return { first: passed.verdict(), wasShort: false, isMended: false, ...passed };
  }
  return beginningOf(events, trial, hold).then((beginning) => {
    const { first, held, isMended } = checked(beginning, trial, mends);
    const { rest, isOver, wasShort } = beginning;
    const after = isOver
      ? { events: rest, verdict: () => first }
      : watched(rest, trial, { first, withdraws });
    const resumed = new ResumedEvents(held, after.events, isOver);
    return { first, wasShort, isMended, events: resumed, verdict: after.verdict };
  });
}

/** What was held is checked, and mended where that helps. */
function checked({ held, isOver }: Beginning, trial: Trial, mends: Operation | undefined) {
  const first = verdictOf(trial, isOver);
  const replace = isOver && isBadJson(first) && mends !== undefined ? trial.mend() : undefined;
  if (mends === undefined || replace === undefined) return { first, held, isMended: false };
  const mended = held.map((event) => replacedEvent(event, mends, replace));
  return { first: finalVerdict(trial), held: mended, isMended: true };
}

export const isBadJson = (verdict: Verdict): boolean =>
  verdict.kind === 'fail' && verdict.check === 'json';

interface Beginning {
  readonly held: readonly StreamEvent[];
  /** What comes after it. */
  readonly rest: EventStream;
  /** Nothing comes after it. */
  readonly isOver: boolean;
  /** Nothing more came before the time limit. */
  readonly wasShort: boolean;
}

/** Reads as much of the stream as its checks need. */
function beginningOf(
  events: EventStream,
  trial: Trial,
  { tokens, ms }: VerifyPolicy['hold'],
): Promise<Beginning> {
  const held: StreamEvent[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const rest = new Flow<StreamEvent>(events);
  const isEnough = (): boolean =>
    trial.needsWhole() ? bytes > MOST_HELD_BYTES : trial.pieces() >= tokens;
  return new Promise((resolve, reject) => {
    let isHeld = false;
    const release = (why: 'enough' | 'late' | 'over'): void => {
      clearTimeout(timer);
      isHeld = true;
      if (why !== 'over') events.hold();
      resolve({ held, rest, isOver: why === 'over', wasShort: why === 'late' });
    };
    // Counts from the first piece on; a stream that stands still is not held longer.
    const late = (): void => {
      if (!isHeld && !trial.needsWhole()) release('late');
    };
    events.pushTo({
      receive: (event) => {
        if (isHeld) return rest.receive(event);
        held.push(event);
        bytes += event.bytes.length;
        showTo(trial, event);
        if (isEnough()) release('enough');
        else if (trial.pieces() > 0) timer ??= setTimeout(late, ms);
      },
      batchEnd: () => rest.batchEnd(),
      ended: (error) => {
        clearTimeout(timer);
        rest.ended(error);
        if (error !== undefined) reject(error);
        else if (!isHeld) release('over');
      },
    });
  });
}

interface Watching {
  /** What the checks say of what came before. */
  readonly first: Verdict;
  readonly withdraws: boolean;
}

/** The stream as it is passed on, and the verdict that follows it. */
function watched(events: EventStream, trial: Trial, { first, withdraws }: Watching) {
  let verdict = first;
  const finding = first.kind === 'fail' ? first : undefined;
  const watch = withdraws && finding === undefined ? watcher(trial) : undefined;
  const withdraw = (): void => {
    const found = watch?.();
    if (found === undefined) return;
    verdict = found;
    throw withdrawn(found);
  };
  const step: EventStep = {
    push: (event) => {
      showTo(trial, event);
      withdraw();
      return event;
    },
    end: () => {
      verdict = finding ?? finalVerdict(trial);
      withdraw();
      return [];
    },
  };
  return { events: mapEvents(events, step), verdict: () => verdict };
}

type Failed = Extract<Verdict, { kind: 'fail' }>;

/**
 * Looks at what has come so far each time that it has doubled, and at all of it before its last event is passed on:
 * a loop is stopped while it runs.
 */
function watcher(trial: Trial): () => Failed | undefined {
  let next = 2 * Math.max(1, trial.pieces());
  let isOver = false;
  return () => {
    const isDue = trial.pieces() >= next || trial.isOver();
    if (isOver || !isDue) return undefined;
    next *= 2;
    isOver = trial.isOver();
    const verdict = verdictOf(trial, isOver);
    return verdict.kind === 'fail' ? verdict : undefined;
  };
}

const withdrawn = ({ check, reason }: Failed): GatewayError =>
  new GatewayError(
    'gateway_answer_withdrawn',
    `The answer is withdrawn: it failed the check '${check}' (${reason}). What came of it is not to be used; ask again, or ask the large model.`,
  );

/** What was held as one batch, then the rest. */
class ResumedEvents implements EventStream {
  readonly #held: readonly StreamEvent[];
  readonly #rest: EventStream;
  readonly #isOver: boolean;
  #isLeft = false;

  /** @param isOver nothing follows what was held but its end */
  constructor(held: readonly StreamEvent[], rest: EventStream, isOver: boolean) {
    this.#held = held;
    this.#rest = rest;
    this.#isOver = isOver;
  }

  pushTo(receiver: Receiver<StreamEvent>): void {
    for (const event of this.#held) if (!this.#isLeft) receiver.receive(event);
    if (!this.#isOver && !this.#isLeft) receiver.batchEnd();
    if (!this.#isLeft) this.#rest.pushTo(receiver);
  }

  hold(): void {
    this.#rest.hold();
  }

  release(): void {
    this.#rest.release();
  }

  cancel(): void {
    this.#isLeft = true;
    this.#rest.cancel();
  }
}

/** What the checks say of a whole answer. */
export const finalVerdict = (trial: Trial): Verdict => verdictOf(trial, true);

/** @param isComplete nothing more will come, else the checks are asked of what came so far */
function verdictOf(trial: Trial, isComplete: boolean): Verdict {
  const finding = trial.find(isComplete);
  const doubt = trial.doubt();
  if (finding !== undefined) return { kind: 'fail', ...finding, ...doubt };
  return { kind: isComplete ? 'pass' : 'undecided', ...doubt };
}
