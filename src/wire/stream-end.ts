/** Decides when a stream of each operation is complete: an earlier end is a break. */
import type { Operation } from '../core/call.ts';
import { isObject, type JsonObject } from '../lib/json.ts';

export interface Completeness {
  /** Observes an event that is passed on. */
  see(data: JsonObject): void;
  /** True if everything that began has ended. */
  isComplete(): boolean;
  /** True if the stream ends with this event, although the connection may stay open. */
  isLast(data: JsonObject): boolean;
  /** True if the stream ends with `data: [DONE]`. */
  readonly hasDone: boolean;
}

/** Complete with a finish reason for every choice that began. */
function choices(): Completeness {
  const open = new Set<number>();
  let finished = 0;
  return {
    see: (data) => {
      const list = data['choices'];
      if (!Array.isArray(list)) return;
      for (const choice of list) {
        if (!isObject(choice)) continue;
        const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
        if (typeof choice['finish_reason'] !== 'string' || choice['finish_reason'] === '') {
          open.add(index);
          continue;
        }
        finished += 1;
        open.delete(index);
      }
    },
    isComplete: () => finished > 0 && open.size === 0,
    isLast: () => false,
    hasDone: true,
  };
}

const TERMINAL = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'message_stop',
]);

const isTerminal = ({ type }: JsonObject): boolean =>
  typeof type === 'string' && TERMINAL.has(type);

/** Complete with the last named event, which says how the answer ended. */
function named(): Completeness {
  let isComplete = false;
  return {
    see: (data) => {
      isComplete ||= isTerminal(data);
    },
    isComplete: () => isComplete,
    isLast: isTerminal,
    hasDone: false,
  };
}

export const completeness = (operation: Operation): Completeness =>
  operation === 'responses' || operation === 'messages' ? named() : choices();
