/** Holds a stream back until its beginning was checked; what comes after is checked as it passes. */
import type { Operation } from '../core/call.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { GatewayError } from '../core/errors.ts';
import { closeIterator } from '../lib/iterators.ts';
import type { Soon } from '../lib/soon.ts';
import type { Trial, Verdict, VerifyPolicy } from '../core/verify.ts';
import { replacedEvent } from '../wire/replace-text.ts';

/** Bytes. JSON and tool calls are held until they are complete, up to this. */
const MOST_HELD_BYTES = 65_536;

export interface Held {
  /** What the checks say of what was held. */
  readonly first: Verdict;
  /** Too little of it came in time to be judged. */
  readonly wasShort: boolean;
  readonly isMended: boolean;
  /** Steps that were held, its end included. */
  readonly count: number;
  /** The same events, the held ones first. `return` closes the stream, also before anything was taken. */
  readonly events: AsyncIterator<StreamEvent>;
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

/**
 * @throws what the stream throws while it is held: then nothing was passed on
 */
export async function heldBack(
  events: AsyncIterator<StreamEvent>,
  trial: Trial,
  { hold, withdraws, mends }: Holding,
): Promise<Held> {
  if (hold === undefined) return passedOn({ events, trial, withdraws });
  const held: StreamEvent[] = [];
  let bytes = 0;
  let [isOver, isLate] = [false, false];
  let next: Promise<IteratorResult<StreamEvent>> | undefined;
  const timer = holdTimer(hold.ms);
  try {
    for (;;) {
      next ??= events.next();
      const isHurried = trial.pieces() > 0 && !trial.needsWhole;
      const step = await (isHurried ? timer.orLater(next) : next);
      isLate = step === 'later';
      if (step === 'later') break;
      next = undefined;
      if (step.done === true) {
        isOver = true;
        break;
      }
      held.push(step.value);
      bytes += step.value.bytes.length;
      if (step.value.data !== undefined) trial.observe(step.value.data);
      const isEnough = trial.needsWhole() ? bytes > MOST_HELD_BYTES : trial.pieces() >= hold.tokens;
      if (isEnough) break;
    }
  } finally {
    timer.stop();
  }
  const asHeld = { held, wasShort: isLate, mends };
  return checkedAs({ events, trial, withdraws, next, isOver }, asHeld);
}

interface AsHeld extends Pick<Holding, 'mends'> {
  readonly held: readonly StreamEvent[];
  readonly wasShort: boolean;
}

/** What was held is checked, and mended where that helps. */
function checkedAs(source: Source, { held, wasShort, mends }: AsHeld): Held {
  const { trial, isOver } = source;
  const first = verdictOf(trial, isOver);
  const replace = isOver && isBadJson(first) && mends !== undefined ? trial.mend() : undefined;
  if (mends === undefined || replace === undefined)
    return { ...afterwards(source, first, held), wasShort };
  const mended = held.map((event) => replacedEvent(event, mends, replace));
  return { ...afterwards(source, verdictOf(trial, true), mended), isMended: true };
}

export const isBadJson = (verdict: Verdict): boolean =>
  verdict.kind === 'fail' && verdict.check === 'json';

const passedOn = (source: Pick<Source, 'events' | 'trial' | 'withdraws'>): Held =>
  afterwards({ ...source, next: undefined, isOver: false }, { kind: 'undecided' }, []);

interface Source {
  readonly events: AsyncIterator<StreamEvent>;
  readonly trial: Trial;
  readonly withdraws: boolean;
  /** Asked for while the beginning was held, and not come yet. */
  readonly next: Promise<IteratorResult<StreamEvent>> | undefined;
  /** Its end is among what was held. */
  readonly isOver: boolean;
}

/** The stream as it is passed on, and the verdict that follows it. */
function afterwards(
  { events, trial, withdraws, next, isOver }: Source,
  first: Verdict,
  held: readonly StreamEvent[],
): Held {
  let verdict = first;
  let waiting = next;
  const finding = first.kind === 'fail' ? first : undefined;
  const watch = withdraws && finding === undefined ? watcher(trial) : undefined;
  const took = (step: IteratorResult<StreamEvent>): Soon<IteratorResult<StreamEvent>> => {
    waiting = undefined;
    if (step.done === true) verdict = finding ?? verdictOf(trial, true);
    else if (step.value.data !== undefined) trial.observe(step.value.data);
    const found = watch?.();
    if (found === undefined) return step;
    verdict = found;
    return closeIterator(events).then(() => {
      throw withdrawn(found);
    });
  };
  const takeNext = (): Promise<IteratorResult<StreamEvent>> =>
    (waiting ?? events.next()).then(took);
  const count = held.length + (isOver ? 1 : 0);
  const rest = { next: takeNext, isOver };
  const passed = resumed(held, rest, events);
  const asCame = { wasShort: false, isMended: false };
  return { first, ...asCame, count, verdict: () => verdict, events: passed };
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

interface Rest {
  next(): Promise<IteratorResult<StreamEvent>>;
  readonly isOver: boolean;
}

function resumed(
  held: readonly StreamEvent[],
  rest: Rest,
  events: AsyncIterator<StreamEvent>,
): AsyncIterator<StreamEvent> {
  let at = 0;
  return {
    next: () => {
      if (at < held.length) return Promise.resolve({ done: false, value: held[at++]! });
      return rest.isOver ? Promise.resolve({ done: true, value: undefined }) : rest.next();
    },
    return: async () => {
      at = held.length;
      await events.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** What the checks say of what came so far, or of all of it. */
export function verdictOf(trial: Trial, isComplete: boolean): Verdict {
  const finding = trial.find(isComplete);
  const doubt = trial.doubt();
  if (finding !== undefined) return { kind: 'fail', ...finding, ...doubt };
  return { kind: isComplete ? 'pass' : 'undecided', ...doubt };
}

/** Counts from the first question on; a stream that stands still is not held longer. */
function holdTimer(ms: number): {
  orLater<T>(promise: Promise<T>): Promise<T | 'later'>;
  stop(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  let later: Promise<'later'> | undefined;
  return {
    orLater: (promise) => {
      later ??= new Promise((resolve) => {
        timer = setTimeout(() => resolve('later'), ms);
      });
      return Promise.race([promise, later]);
    },
    stop: () => clearTimeout(timer),
  };
}
