/** What a request continues: its own input as items with ids, behind everything that was said before. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import type { ResponseStore, StoredResponse } from '../core/stored-responses.ts';
import type { NewId } from './response-object.ts';

export interface Conversation {
  /** What this request itself sent. */
  readonly inputItems: readonly JsonObject[];
  /** All of it, oldest first. */
  readonly items: readonly JsonObject[];
}

interface Context {
  readonly caller: string;
  readonly store: ResponseStore;
  readonly newId: NewId;
}

/**
 * Of a call that may have been made standalone, and then has all of it in its input already.
 * Throws in OpenAI's words for an id that is not known here; as another upstream may know it, the
 * next target is tried first.
 */
export function conversationOf({ body, previousResponseId }: Call, context: Context): Conversation {
  const items = itemsOf(body['input'], context);
  if (previousResponseId !== undefined) {
    const before = context.store.load(context.caller, previousResponseId);
    return { items, inputItems: items.slice(before === undefined ? 0 : itemsUpTo(before).length) };
  }
  const previousId = body['previous_response_id'];
  if (typeof previousId !== 'string') return { inputItems: items, items };
  const previous = context.store.load(context.caller, previousId);
  if (previous === undefined) throw unknownResponse(previousId);
  return { inputItems: items, items: [...itemsUpTo(previous), ...items] };
}

/** Everything up to and with an answer. */
export const itemsUpTo = ({ conversation, response }: StoredResponse): readonly JsonObject[] => [
  ...conversation,
  ...objectsIn(response['output']),
];

/** An item's type: easy messages and references may leave it out. */
export const typeOf = (item: JsonObject): string =>
  textIn(item['type']) || ('role' in item ? 'message' : 'item_reference');

function itemsOf(input: Json | undefined, context: Context): readonly JsonObject[] {
  if (typeof input === 'string')
    return [messageItem({ role: 'user', content: input }, context.newId)];
  return objectsIn(input).map((item) => itemOf(item, context));
}

const ID_PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
};

function itemOf(item: JsonObject, context: Context): JsonObject {
  const type = typeOf(item);
  if (type === 'item_reference') return referred(textIn(item['id']), context);
  if (type === 'message') return messageItem(item, context.newId);
  const prefix = ID_PREFIXES[type] ?? 'item';
  return {
    ...item,
    id: item['id'] ?? context.newId(prefix),
    status: item['status'] ?? 'completed',
  };
}

function referred(id: string, { caller, store }: Context): JsonObject {
  const item = store.item(caller, id);
  if (item !== undefined) return item;
  const message = `Item with id '${id}' not found. It was not stored here (\`store: false\`, or too long ago): send the item itself in its place.`;
  throw notFound(message, { status: 404, param: 'input', code: null });
}

/** The full form of a message: with a type, an id, a status and its text as parts. */
function messageItem(item: JsonObject, newId: NewId): JsonObject {
  const { content } = item;
  const textType = item['role'] === 'assistant' ? 'output_text' : 'input_text';
  const members = textType === 'output_text' ? { annotations: [], logprobs: [] } : {};
  return {
    ...item,
    type: 'message',
    id: item['id'] ?? newId('msg'),
    status: item['status'] ?? 'completed',
    content:
      typeof content === 'string' ? [{ type: textType, text: content, ...members }] : content,
  };
}

/** OpenAI answers 400 here, unlike for `GET /v1/responses/{id}`. */
export const unknownResponse = (id: string): UpstreamError =>
  notFound(`Previous response with id '${id}' not found.`, {
    status: 400,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });

function notFound(
  message: string,
  wire: { readonly status: number; readonly param: string; readonly code: string | null },
): UpstreamError {
  const { status, param, code } = wire;
  return new UpstreamError('not_capable', message, {
    status,
    wire: { message, type: 'invalid_request_error', param, code },
  });
}
