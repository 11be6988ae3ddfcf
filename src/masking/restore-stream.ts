/** Puts back what was masked while an answer streams by. */
import type { StreamEvent } from '../core/upstream.ts';
import { closeIterator } from '../lib/iterators.ts';

/** Turns the events of one stream into those that the caller gets. */
export interface EventRestorer {
  push(event: StreamEvent): readonly StreamEvent[];
  /** What is still held back when nothing more comes. */
  end(): readonly StreamEvent[];
}

/** The same events with everything restored. What was held back comes out before an end or a break. */
export function restoredEvents(
  events: AsyncIterator<StreamEvent>,
  restorer: EventRestorer,
): AsyncIterator<StreamEvent> {
  const ready: StreamEvent[] = [];
  let end: { readonly error?: unknown } | undefined;
  const ended = (how: { readonly error?: unknown }): void => {
    end = how;
    ready.push(...restorer.end());
  };
  const fill = async (): Promise<void> => {
    try {
      const step = await events.next();
      if (step.done === true) ended({});
      else ready.push(...restorer.push(step.value));
    } catch (error) {
      ended({ error });
    }
  };
  return {
    next: async () => {
      for (;;) {
        const value = ready.shift();
        if (value !== undefined) return { done: false, value };
        if (end === undefined) {
          await fill();
          continue;
        }
        if ('error' in end) throw end.error;
        return { done: true, value: undefined };
      }
    },
    return: async () => {
      end ??= {};
      ready.length = 0;
      return await closeIterator(events);
    },
  };
}
