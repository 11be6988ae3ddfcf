/** Writes, maps and closes server-sent events as OpenAI's APIs frame them. `sse.ts` reads them. */
import type { StreamEvent } from '../core/upstream.ts';
import { closeIterator } from '../lib/iterators.ts';
import { textIn, type JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';

const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/** Bytes before the JSON of a plain event without a name. */
export const DATA_OFFSET = DATA.length;

/** The last event of a chat stream. */
export const DONE: StreamEvent = { bytes: Buffer.from('data: [DONE]\n\n'), done: true };

/** An event of a chat or completion stream. */
export const dataEvent = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`),
  data,
});

/** An event of `/v1/responses`: its `event:` line repeats the `type`, as OpenAI sends it. */
export const namedEvent = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`event: ${textIn(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`),
  data,
});

/** @param json must hold no line feed. */
export function frame(json: Uint8Array, name: string | undefined): Buffer {
  return name === undefined
    ? Buffer.concat([DATA, json, END])
    : Buffer.concat([Buffer.from(`event: ${name}\n`), DATA, json, END]);
}

/** Maps the events of one stream. `push` is synchronous; only `end` may wait, until state is stored. */
export interface EventStep {
  /** The events that replace this one: itself, another, several or none. */
  push(event: StreamEvent): readonly StreamEvent[];
  /** Called after the last event. Throwing here is a break, not an end. */
  end?(): Soon<readonly StreamEvent[]>;
  /** The events to send before a break rejects. */
  fail?(error: unknown): readonly StreamEvent[];
  /** Called exactly once, before the caller learns of it: at the end (`isDone`), at a break (`error`), or where the stream is left. */
  closed?(error: unknown, isDone: boolean): void;
}

const NONE: readonly StreamEvent[] = [];

/**
 * The events with `step` applied, pulled one at a time: nothing is read ahead of the caller. A break, of the stream or of the
 * step, closes the stream and rejects once, after the events of `fail`. `return` closes the stream and drops waiting events.
 */
export const mapEvents = (
  events: AsyncIterator<StreamEvent>,
  step: EventStep,
): AsyncIterator<StreamEvent> => new MappedEvents(events, step);

type Step = IteratorResult<StreamEvent>;

/** Without asynchronous functions: a stream crosses several of these for each of its events. */
class MappedEvents implements AsyncIterator<StreamEvent> {
  readonly #events: AsyncIterator<StreamEvent>;
  readonly #step: EventStep;
  #waiting = NONE;
  #at = 0;
  #isOver = false;
  #isClosed = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(events: AsyncIterator<StreamEvent>, step: EventStep) {
    this.#events = events;
    this.#step = step;
  }

  next(): Promise<Step> {
    try {
      return Promise.resolve(this.#given());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  return(): Promise<Step> {
    this.#close(undefined, false);
    this.#isOver = true;
    this.#broken = undefined;
    this.#waiting = NONE;
    return closeIterator(this.#events);
  }

  #given(): Soon<Step> {
    const value = this.#waiting[this.#at];
    if (value === undefined)
      return this.#isOver ? this.#end() : this.#events.next().then(this.#came, this.#failed);
    this.#at += 1;
    return { done: false, value };
  }

  #end(): Step {
    const broken = this.#broken;
    this.#close(broken?.error, broken === undefined);
    if (broken === undefined) return { done: true, value: undefined };
    this.#broken = undefined;
    throw broken.error;
  }

  #close(error: unknown, isDone: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#step.closed?.(error, isDone);
  }

  readonly #came = (came: Step): Soon<Step> => {
    // Closed while this event was awaited.
    if (this.#isOver) return this.#given();
    try {
      const made = madeOf(this.#step, came);
      if (!(made instanceof Promise)) return this.#ready(came, made);
      return made.then((ready) => this.#ready(came, ready), this.#failed);
    } catch (error) {
      return this.#failed(error);
    }
  };

  #ready(came: Step, made: readonly StreamEvent[]): Soon<Step> {
    if (this.#isOver) return this.#given();
    this.#waiting = made;
    this.#isOver = came.done === true;
    this.#at = 0;
    // The common case: an unchanged event allocates nothing.
    if (made[0] !== came.value || came.done === true) return this.#given();
    this.#at = 1;
    return came;
  }

  readonly #failed = (error: unknown): Promise<Step> => {
    if (this.#isOver) throw error;
    this.#broken = { error };
    this.#isOver = true;
    this.#waiting = restOf(this.#step, error);
    this.#at = 0;
    return closeQuietly(this.#events).then(() => this.#given());
  };
}

const madeOf = (step: EventStep, next: IteratorResult<StreamEvent>): Soon<readonly StreamEvent[]> =>
  next.done === true ? (step.end?.() ?? NONE) : step.push(next.value);

/** Empty if the step's `fail` throws too. */
function restOf(step: EventStep, error: unknown): readonly StreamEvent[] {
  try {
    return step.fail?.(error) ?? NONE;
  } catch {
    return NONE;
  }
}

/** Ignores failures of closing: the first failure is the one that rejects. */
async function closeQuietly(events: AsyncIterator<StreamEvent>): Promise<void> {
  try {
    await closeIterator(events);
  } catch {}
}
