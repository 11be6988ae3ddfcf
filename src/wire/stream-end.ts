/** When a stream of each operation is complete: an end that comes earlier is a break, not an end. */
import type { Operation } from '../core/call.ts';
import { isObject, type JsonObject } from '../lib/json.ts';

export interface Completeness {
  /** Looks at an event that is being passed on. */
  see(data: JsonObject): void;
  /** Everything that was begun has ended. */
  isComplete(): boolean;
  /** The stream ends with this event, although the connection may stay open. */
  isLast(data: JsonObject): boolean;
  /** Ends with `data: [DONE]`. */
  readonly hasDone: boolean;
}

/** One finish reason for every choice that was begun (with `n` choices, `n` of them). */
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

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed']);

const isTerminal = ({ type }: JsonObject): boolean =>
  typeof type === 'string' && TERMINAL.has(type);

/** Named events, the last of which says how it ended. */
function response(): Completeness {
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
  operation === 'responses' ? response() : choices();
