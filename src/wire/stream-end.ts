/** Decides when a stream of each operation is complete: an earlier end is a break. */
import type { Operation } from '../core/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { choiceStream, type Completeness } from './choice-stream.ts';
import { isCallForced } from './finish-reason.ts';
import { toolCallIds } from './tool-call-pieces.ts';

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
      return data;
    },
    isComplete: () => isComplete,
    closing: () => undefined,
    isAlike: () => true,
    isLast: isTerminal,
    hasDone: false,
  };
}

/**
 * @param callId of the call that is answered, for tool calls without ids
 * @param asked its body, for what a forced call ends with
 */
export function completeness(
  operation: Operation,
  callId: string,
  asked: JsonObject = {},
): Completeness {
  if (operation === 'responses' || operation === 'messages') return named();
  return choiceStream({
    isChat: operation === 'chat',
    newCallId: toolCallIds(callId),
    isCallForced: isCallForced(asked),
  });
}
