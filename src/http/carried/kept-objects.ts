/** Reads the ids of new objects out of an answer as it passes. */
import type { Answer, EventStream } from '../../core/upstream.ts';
import { closeIterator } from '../../lib/iterators.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { mapEvents } from '../../wire/events.ts';
import { sseSplitter } from '../../wire/sse.ts';
import { readJson } from '../../lib/json-chunks.ts';

/** Called with each object, and with each one inside it. */
type Own = (object: JsonObject) => void;

/** The same answer; `own` is called with each object before the caller gets it. */
export function keepObjects(answer: Answer, own: Own): Answer {
  switch (answer.kind) {
    case 'whole':
      own(answer.body);
      return answer;
    case 'stream':
      return { ...answer, events: keepEvents(answer.events, own) };
    case 'raw':
      if (answer.status >= 400) return answer;
      return { ...answer, chunks: keepChunks(answer.headers['content-type'] ?? '', answer, own) };
  }
}

function keepEvents(events: EventStream, own: Own): EventStream {
  const observe = eventObserver(own);
  return mapEvents(events, {
    push: (event) => {
      if (event.data !== undefined) observe(event.data);
      return event;
    },
  });
}

/** Members of an event that hold an object of its own. */
const HELD = ['response', 'message', 'item', 'delta'] as const;

/** All chunks of a chat repeat its id; it is reported once. */
function eventObserver(own: Own): (data: JsonObject) => void {
  let last: unknown;
  return (data) => {
    if (data['id'] !== last || data['choices'] === undefined) own(data);
    last = data['id'];
    for (const member of HELD) {
      const held = data[member];
      if (isObject(held)) own(held);
    }
  };
}

type Chunks = AsyncIterator<Uint8Array>;

function keepChunks(type: string, { chunks }: { readonly chunks: Chunks }, own: Own): Chunks {
  if (/^text\/event-stream\b/i.test(type)) return keepSse(chunks, own);
  if (!/json/i.test(type)) return chunks;
  let whole: Promise<Uint8Array> | undefined;
  let isOver = false;
  return {
    next: async () => {
      if (isOver) return { done: true, value: undefined };
      whole ??= readJson(chunks).then(({ bytes, body }) => {
        if (body !== undefined) own(body);
        return bytes;
      });
      const value = await whole;
      isOver = true;
      return { done: false, value };
    },
    return: () => closeIterator(chunks),
  };
}

function keepSse(chunks: Chunks, own: Own): Chunks {
  const splitter = sseSplitter();
  const observe = eventObserver(own);
  return {
    next: async () => {
      const step = await chunks.next();
      if (step.done !== true) {
        for (const { data } of splitter.push(Buffer.from(step.value))) {
          const event = data === undefined ? undefined : parsed(data);
          if (event !== undefined) observe(event);
        }
      }
      return step;
    },
    return: () => closeIterator(chunks),
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
