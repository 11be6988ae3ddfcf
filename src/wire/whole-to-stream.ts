/** A whole chat answer or completion as the stream that would have said the same. */
import type { StreamEvent } from '../core/upstream.ts';
import { isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';
import { dataEvent, DONE } from './events.ts';
import { tellsUsage, usageIn } from './usage.ts';

export interface ChunksOptions {
  readonly isChat: boolean;
  /** Else the usage is given with no bytes, for the record alone. */
  readonly wantsUsage: boolean;
}

/** For each choice what it says and why it ended, then the usage, then `[DONE]`. */
export function streamOfWhole(
  body: JsonObject,
  { isChat, wantsUsage }: ChunksOptions,
): readonly StreamEvent[] {
  const { choices, usage: _usage, ...shared } = body;
  const usage = usageIn(body);
  const like = { ...shared, object: isChat ? 'chat.completion.chunk' : 'text_completion' };
  const events = objectsIn(choices).flatMap((choice, position) =>
    (isChat ? chatPieces(choice, position) : textPieces(choice, position)).map((piece) =>
      dataEvent({ ...like, choices: [piece] }),
    ),
  );
  if (usage !== undefined) {
    const counted = dataEvent({ ...like, choices: [], usage });
    events.push(wantsUsage && tellsUsage(body) ? counted : { ...counted, bytes: Buffer.alloc(0) });
  }
  return [...events, DONE];
}

function chatPieces({ message, ...choice }: JsonObject, position: number): readonly JsonObject[] {
  const { finish_reason: reason, index = position, logprobs = null, ...others } = choice;
  const delta = isObject(message) ? numberedCalls(message) : {};
  return [
    { ...others, index, delta, logprobs, finish_reason: null },
    { index, delta: {}, logprobs: null, finish_reason: reason ?? null },
  ];
}

function textPieces(choice: JsonObject, position: number): readonly JsonObject[] {
  const { finish_reason: reason, index = position, logprobs = null, ...others } = choice;
  return [
    { ...others, index, logprobs, finish_reason: null },
    { index, text: '', logprobs: null, finish_reason: reason ?? null },
  ];
}

/** A message as the only piece of itself: the tool calls of a stream are numbered. */
export function numberedCalls(message: JsonObject): JsonObject {
  const calls: Json | undefined = message['tool_calls'];
  if (!Array.isArray(calls)) return message;
  const numbered = objectsIn(calls).map((call, index) => Object.assign({}, call, { index }));
  return { ...message, tool_calls: numbered };
}
