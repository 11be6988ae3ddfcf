/** Holds a stream back until its beginning was checked; what comes after is checked as it passes. */
import type { StreamEvent } from '../core/upstream.ts';
import type { Finding, Trial, Verdict, VerifyPolicy } from '../core/verify.ts';

/** Bytes. JSON and tool calls are held until they are complete, up to this. */
const MOST_HELD_BYTES = 65_536;

export interface Held {
  /** What is wrong with what was held. */
  readonly finding: Finding | undefined;
  /** Steps that were held, its end included. */
  readonly count: number;
  /** The same events, the held ones first. `return` closes the stream, also before anything was taken. */
  readonly events: AsyncIterator<StreamEvent>;
  /** What the checks say; of the whole answer once the stream is over. */
  verdict(): Verdict;
}

/**
 * Without `hold` nothing is held back.
 * @throws what the stream throws while it is held: then nothing was passed on
 */
export async function heldBack(
  events: AsyncIterator<StreamEvent>,
  trial: Trial,
  hold: VerifyPolicy['hold'] | undefined,
): Promise<Held> {
  if (hold === undefined) return passedOn(events, trial);
  const held: StreamEvent[] = [];
  let bytes = 0;
  let isOver = false;
  let next: Promise<IteratorResult<StreamEvent>> | undefined;
  const timer = holdTimer(hold.ms);
  try {
    for (;;) {
      next ??= events.next();
      const step = await (trial.pieces() === 0 ? next : timer.orLater(next));
      if (step === 'later') break;
      next = undefined;
      if (step.done === true) {
        isOver = true;
        break;
      }
      held.push(step.value);
      bytes += step.value.bytes.length;
      if (step.value.data !== undefined) trial.observe(step.value.data);
      const isEnough = trial.needsWhole ? bytes > MOST_HELD_BYTES : trial.pieces() >= hold.tokens;
      if (isEnough) break;
    }
  } finally {
    timer.stop();
  }
  const source = { events, trial, next, isOver };
  return afterwards(source, verdictOf(trial, isOver), held);
}

const passedOn = (events: AsyncIterator<StreamEvent>, trial: Trial): Held =>
  afterwards({ events, trial, next: undefined, isOver: false }, { kind: 'undecided' }, []);

interface Source {
  readonly events: AsyncIterator<StreamEvent>;
  readonly trial: Trial;
  /** Asked for while the beginning was held, and not come yet. */
  readonly next: Promise<IteratorResult<StreamEvent>> | undefined;
  /** Its end is among what was held. */
  readonly isOver: boolean;
}

/** The stream as it is passed on, and the verdict that follows it. */
function afterwards(
  { events, trial, next, isOver }: Source,
  first: Verdict,
  held: readonly StreamEvent[],
): Held {
  let verdict = first;
  let waiting = next;
  const finding = first.kind === 'fail' ? first : undefined;
  const takeNext = async (): Promise<IteratorResult<StreamEvent>> => {
    const step = await (waiting ?? events.next());
    waiting = undefined;
    if (step.done === true) verdict = finding ?? verdictOf(trial, true);
    else if (step.value.data !== undefined) trial.observe(step.value.data);
    return step;
  };
  const count = held.length + (isOver ? 1 : 0);
  const rest = { next: takeNext, isOver };
  return { finding, count, verdict: () => verdict, events: resumed(held, rest, events) };
}

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
    next: async () => {
      if (at < held.length) return { done: false, value: held[at++]! };
      return rest.isOver ? { done: true, value: undefined } : rest.next();
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
