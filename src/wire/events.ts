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
}

const NONE: readonly StreamEvent[] = [];

/**
 * The events with `step` applied, pulled one at a time: nothing is read ahead of the caller. A break, of the stream or of the
 * step, closes the stream and rejects once, after the events of `fail`. `return` closes the stream and drops waiting events.
 */
export function mapEvents(
  events: AsyncIterator<StreamEvent>,
  step: EventStep,
): AsyncIterator<StreamEvent> {
  let waiting = NONE;
  let at = 0;
  let isOver = false;
  let broken: { readonly error: unknown } | undefined;

  const breakOff = async (error: unknown): Promise<void> => {
    broken = { error };
    isOver = true;
    waiting = restOf(step, error);
    at = 0;
    await closeQuietly(events);
  };
  const finish = (): IteratorResult<StreamEvent> => {
    if (broken === undefined) return { done: true, value: undefined };
    const { error } = broken;
    broken = undefined;
    throw error;
  };
  type Step = IteratorResult<StreamEvent>;
  const given = (): Soon<Step> => {
    const value = waiting[at];
    if (value === undefined) return isOver ? finish() : events.next().then(came, failed);
    at += 1;
    return { done: false, value };
  };
  const failed = (error: unknown): Promise<Step> => {
    if (isOver) throw error;
    return breakOff(error).then(given);
  };
  const ready = (next: Step, made: readonly StreamEvent[]): Soon<Step> => {
    if (isOver) return given();
    waiting = made;
    isOver = next.done === true;
    at = 0;
    // The common case: an unchanged event allocates nothing.
    if (waiting[0] !== next.value || next.done === true) return given();
    at = 1;
    return next;
  };
  const came = (next: Step): Soon<Step> => {
    // Closed while this event was awaited.
    if (isOver) return given();
    try {
      const made = madeOf(step, next);
      if (!(made instanceof Promise)) return ready(next, made);
      return made.then((events) => ready(next, events), failed);
    } catch (error) {
      return failed(error);
    }
  };
  return {
    next: () => {
      try {
        return Promise.resolve(given());
      } catch (error) {
        return Promise.reject(error);
      }
    },
    return: () => {
      isOver = true;
      broken = undefined;
      waiting = NONE;
      return closeIterator(events);
    },
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
