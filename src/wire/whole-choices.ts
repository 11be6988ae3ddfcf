/** The choices of a whole answer as OpenAI would have sent them, whatever a server calls or leaves out. */
import { isGiven, isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { finishReasonOf, reasonOfChoice } from './finish-reason.ts';
import { withPlainContent } from './plain-content.ts';
import { sentPiece, withoutIdleCalls } from './sorted-calls.ts';
import { callSorter } from './tool-call-pieces.ts';

export interface WholeChoicesOptions {
  readonly isChat: boolean;
  /** Gives an id for a tool call that has none. */
  readonly newCallId: () => string;
  /** The caller named the function to call. */
  readonly isCallForced: boolean;
}

/** Undefined where nothing is wrong with them. A whole answer has ended: without a finish reason it stopped. */
export function mendedChoices(
  choices: readonly Json[],
  options: WholeChoicesOptions,
): readonly Json[] | undefined {
  let isChanged = false;
  const mended = choices.map((choice: Json, place) => {
    const read = isObject(choice) ? mendedChoice(choice, place, options) : choice;
    isChanged ||= read !== choice;
    return read;
  });
  return isChanged ? mended : undefined;
}

function mendedChoice(
  choice: JsonObject,
  place: number,
  { isChat, newCallId, isCallForced }: WholeChoicesOptions,
): JsonObject {
  const given = choice['message'] ?? choice['delta'] ?? (isChat ? messageOf(choice) : undefined);
  const message = isObject(given) ? mendedMessage(given, newCallId) : given;
  const reason = reasonOf(choice, message, isCallForced);
  const index = typeof choice['index'] === 'number' ? choice['index'] : place;
  const isSame =
    index === choice['index'] &&
    reason === choice['finish_reason'] &&
    message === choice['message'];
  if (isSame) return choice;
  const { delta: _, ...others } = choice;
  return {
    index,
    ...others,
    ...(message === undefined ? {} : { message }),
    ...ended(index, reason),
  };
}

const ended = (index: number, finish_reason: string): JsonObject => ({ index, finish_reason });

/** A chat's text that stands where completions have theirs; who says nothing at all, as Gemini where thinking took all tokens, says null. */
const messageOf = ({ text }: JsonObject): JsonObject => ({
  role: 'assistant',
  content: typeof text === 'string' ? text : null,
});

function reasonOf(choice: JsonObject, message: Json | undefined, isCallForced: boolean): string {
  const given = finishReasonOf(choice) ?? impliedReason(message);
  if (!isObject(message)) return given;
  const hasCalled =
    objectsIn(message['tool_calls']).length > 0 || isObject(message['function_call']);
  const hasSpoken = textIn(message['content']) !== '';
  return reasonOfChoice(given, { hasCalled, hasSpoken, isCallForced });
}

function impliedReason(message: Json | undefined): string {
  if (!isObject(message)) return 'stop';
  if (objectsIn(message['tool_calls']).length > 0) return 'tool_calls';
  return isObject(message['function_call']) ? 'function_call' : 'stop';
}

function mendedMessage(sentMessage: JsonObject, newCallId: () => string): JsonObject {
  const plain = withPlainContent(sentMessage);
  const message = textIn(plain['role']) === '' ? { ...plain, role: 'assistant' } : plain;
  const sent = message['tool_calls'];
  if (!Array.isArray(sent)) return message;
  if (sent.length === 0) return withoutIdleCalls(message);
  const calls = callSorter(newCallId);
  let isChanged = false;
  const mended = sent.flatMap((call: Json, position) => {
    const called = isObject(call) ? call['function'] : undefined;
    const piece = sentPiece(call, position);
    if (!isObject(call) || !isObject(called) || piece === undefined) return [call];
    const placed = calls.place(piece);
    const [only] = placed;
    const isSame = placed.length === 1 && only?.id === call['id'] && isWritten(called['arguments']);
    if (isSame && isGiven(call['type'])) return [call];
    isChanged = true;
    return placed.map(({ id, name, args: text }) =>
      Object.assign({}, call, {
        id,
        type: 'function',
        function: { ...called, name, arguments: text.trim() === '' ? '{}' : text },
      }),
    );
  });
  return isChanged ? { ...message, tool_calls: mended } : message;
}

/** As OpenAI writes arguments: JSON always, `{}` where there are none. */
const isWritten = (args: Json | undefined): boolean =>
  typeof args === 'string' && args.trim() !== '';
