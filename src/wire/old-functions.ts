/** A chat with `functions`, which OpenAI replaced by tools, as one with tools, and its answer turned back: servers of small models know tools alone. */
import type { StreamEvent } from '../core/upstream.ts';
import { isGiven, isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { dataEvent, type EventStep } from './events.ts';

/** Whether a chat offers `functions`, and no tools beside them. */
export const hasOldFunctions = ({ functions, tools }: JsonObject): boolean =>
  Array.isArray(functions) && functions.length > 0 && !isGiven(tools);

/** The members of the request that change; undefined removes one. */
export function oldFunctionsAsTools(body: JsonObject): Readonly<Record<string, Json | undefined>> {
  const { functions, function_call: choice, messages } = body;
  return {
    functions: undefined,
    function_call: undefined,
    tools: objectsIn(functions).map((one) => ({ type: 'function', function: one })),
    ...(choice === undefined || choice === null ? {} : { tool_choice: asToolChoice(choice) }),
    ...(Array.isArray(messages) ? { messages: withCalls(messages) } : {}),
  };
}

const asToolChoice = (choice: Json): Json =>
  isObject(choice) ? { type: 'function', function: { name: textIn(choice['name']) } } : choice;

const idOf = (call: number): string => `call_${call}`;

/** A result belongs to the call before it: there is one in a turn. */
function withCalls(messages: readonly Json[]): readonly Json[] {
  let calls = 0;
  return messages.map((message: Json) => {
    if (!isObject(message)) return message;
    const { function_call: called, ...others } = message;
    if (isObject(called)) {
      calls += 1;
      const call = { id: idOf(calls), type: 'function', function: called };
      return { ...others, content: others['content'] ?? null, tool_calls: [call] };
    }
    if (message['role'] !== 'function') return message;
    const { name: _name, ...result } = others;
    return { ...result, role: 'tool', tool_call_id: idOf(calls) };
  });
}

/** A whole answer with the call of a function where the server called a tool. */
export const withOldCall = (body: JsonObject): JsonObject => ({
  ...body,
  choices: objectsIn(body['choices']).map((choice) => turnedBack(choice, 'message')),
});

/** The same for the events of a stream. */
export const oldCallStep: EventStep = {
  push: (event: StreamEvent) => {
    const { data } = event;
    const choices = objectsIn(data?.['choices']);
    if (event.text !== undefined || data === undefined || !choices.some(isAboutCalls)) return event;
    return dataEvent({ ...data, choices: choices.map((choice) => turnedBack(choice, 'delta')) });
  },
};

const isAboutCalls = ({ delta, finish_reason: reason }: JsonObject): boolean =>
  reason === 'tool_calls' || (isObject(delta) && 'tool_calls' in delta);

function turnedBack(choice: JsonObject, member: 'message' | 'delta'): JsonObject {
  const said = choice[member];
  const ended = choice['finish_reason'] === 'tool_calls' ? { finish_reason: 'function_call' } : {};
  if (!isObject(said) || !('tool_calls' in said)) return { ...choice, ...ended };
  const { tool_calls: calls, ...others } = said;
  // Further ones have no place.
  const first = objectsIn(calls).find(({ index }) => (index ?? 0) === 0);
  const called = isObject(first?.['function']) ? { function_call: first['function'] } : {};
  return { ...choice, [member]: { ...others, ...called }, ...ended };
}
