/** Server-sent events, as OpenAI's APIs frame them: written, mapped and closed. `sse.ts` reads them. */
import type { StreamEvent } from '../core/upstream.ts';
import { closeIterator } from '../lib/iterators.ts';
import { textIn, type JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';

const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/** How many bytes of a plain event without a name stand before its JSON. */
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

/** What becomes of the events of one stream. An event never waits; only the end may, for state to be kept. */
export interface EventStep {
  /** What goes on in place of this event: the same, another, several or none. */
  push(event: StreamEvent): readonly StreamEvent[];
  /** After the last one. Throwing here is a break, not an end. */
  end?(): Soon<readonly StreamEvent[]>;
  /** What still goes out before a break is passed on. */
  fail?(error: unknown): readonly StreamEvent[];
}

const NONE: readonly StreamEvent[] = [];

/**
 * The events with `step` applied, pulled one at a time: nothing is read ahead of the caller. A break, of the
 * stream or of the step, closes the stream and rejects once, after what `fail` gives. `return` closes the stream
 * and drops what waits.
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
  return {
    next: async () => {
      while (at >= waiting.length && !isOver) {
        try {
          const next = await events.next();
          // Closed while this one was waited for.
          if (isOver) break;
          const made = madeOf(step, next);
          const ready = made instanceof Promise ? await made : made;
          if (isOver) break;
          waiting = ready;
          isOver = next.done === true;
          at = 0;
          // Nearly always: nothing is made anew for an event that goes on as it came.
          if (waiting[0] === next.value && next.done !== true) {
            at = 1;
            return next;
          }
        } catch (error) {
          if (isOver) throw error;
          await breakOff(error);
        }
      }
      const value = waiting[at];
      at += 1;
      return value === undefined ? finish() : { done: false, value };
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

/** Nothing where the step fails at this too. */
function restOf(step: EventStep, error: unknown): readonly StreamEvent[] {
  try {
    return step.fail?.(error) ?? NONE;
  } catch {
    return NONE;
  }
}

/** Whatever goes wrong in closing: the failure that came first is the one that is passed on. */
async function closeQuietly(events: AsyncIterator<StreamEvent>): Promise<void> {
  try {
    await closeIterator(events);
  } catch {}
}
