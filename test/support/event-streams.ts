/** Streams of events that follow a script, and a way to take one event after the other of any. */
import type { EventStream, StreamEvent } from '../../src/core/upstream.ts';
import { Flow, pulled, type Source } from '../../src/lib/flow.ts';

/** These events at once, then the end; an error breaks it there. `cancelled` is told where it is left before. */
export function scriptedEvents(
  steps: readonly (StreamEvent | Error)[],
  cancelled: () => void = () => {},
): EventStream {
  const flow = new Flow<StreamEvent>({ cancel: cancelled });
  for (const step of steps) {
    if (step instanceof Error) flow.ended(step);
    else flow.receive(step);
  }
  flow.ended();
  return flow;
}

/** Its break is thrown once, and `return` leaves it. */
export function iterated<T extends object>(source: Source<T>): AsyncIterator<T> {
  const reading = pulled(source);
  return {
    next: async () => {
      try {
        const value = await reading.read();
        return value === undefined ? { done: true, value } : { done: false, value };
      } catch (error) {
        reading.close();
        throw error;
      }
    },
    return: async () => {
      reading.cancel();
      return { done: true, value: undefined };
    },
  };
}
