/** The choices of a whole answer as OpenAI would have sent them, whatever a server calls or leaves out. */
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { finishReasonOf } from './finish-reason.ts';
import { withPlainContent } from './plain-content.ts';
import { callSorter } from './tool-call-pieces.ts';

/**
 * Undefined where nothing is wrong with them. A whole answer has ended: without a finish reason it stopped.
 * @param newCallId gives an id for a tool call that has none.
 */
export function mendedChoices(
  choices: readonly Json[],
  newCallId: () => string,
): readonly Json[] | undefined {
  let isChanged = false;
  const mended = choices.map((choice: Json) => {
    const read = isObject(choice) ? mendedChoice(choice, newCallId) : choice;
    isChanged ||= read !== choice;
    return read;
  });
  return isChanged ? mended : undefined;
}

function mendedChoice(choice: JsonObject, newCallId: () => string): JsonObject {
  const given = choice['message'] ?? choice['delta'];
  const message = isObject(given) ? mendedMessage(given, newCallId) : given;
  const reason = finishReasonOf(choice) ?? impliedReason(message);
  if (reason === choice['finish_reason'] && message === choice['message']) return choice;
  const { delta: _, ...others } = choice;
  return { ...others, ...(message === undefined ? {} : { message }), finish_reason: reason };
}

function impliedReason(message: Json | undefined): string {
  if (!isObject(message)) return 'stop';
  if (objectsIn(message['tool_calls']).length > 0) return 'tool_calls';
  return isObject(message['function_call']) ? 'function_call' : 'stop';
}

function mendedMessage(sentMessage: JsonObject, newCallId: () => string): JsonObject {
  const message = withPlainContent(sentMessage);
  const sent = message['tool_calls'];
  if (!Array.isArray(sent)) return message;
  const calls = callSorter(newCallId);
  let isChanged = false;
  const mended = sent.flatMap((call: Json, position) => {
    const called = isObject(call) ? call['function'] : undefined;
    // A custom tool's input is no JSON.
    if (!isObject(call) || !isObject(called)) return [call];
    const args = called['arguments'];
    const placed = calls.place({
      index: position,
      id: textIn(call['id']),
      name: textIn(called['name']),
      args: isObject(args) ? JSON.stringify(args) : textIn(args),
    });
    const [only] = placed;
    const isSame = placed.length === 1 && only?.id === call['id'] && !isObject(args);
    if (isSame && call['type'] !== undefined) return [call];
    isChanged = true;
    return placed.map(({ id, name, args: text }) =>
      Object.assign({}, call, {
        id,
        type: 'function',
        function: { ...called, name, arguments: text },
      }),
    );
  });
  return isChanged ? { ...message, tool_calls: mended } : message;
}
