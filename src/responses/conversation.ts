/** Builds a request's conversation: its own input as items with ids, after the stored history. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import { allKnown, whenKnown, type Soon } from '../lib/soon.ts';
import { PREVIOUS_RESPONSE_STATUS, previousResponseNotFound } from '../wire/response-not-found.ts';
import { tenantOf } from '../core/owners.ts';
import type { ResponseStore, StoredResponse } from '../core/stored-responses.ts';
import type { NewId } from './response-object.ts';
import { own } from '../lib/own.ts';

export interface Conversation {
  /** The input of this request. */
  readonly inputItems: readonly JsonObject[];
  /** The whole conversation, oldest first. */
  readonly items: readonly JsonObject[];
}

interface Context {
  readonly store: ResponseStore;
  readonly newId: NewId;
}

/**
 * The conversation of a call. After `inlineHistory` its input already holds all of it. Throws, or rejects, with OpenAI's error
 * for an id that is not known here, or not in time; another upstream may know it, so the next target is tried first.
 */
export function conversationOf(call: Call, context: Context): Soon<Conversation> {
  return whenKnown(itemsOf(call, context), (items) => {
    if (call.previousResponseId !== undefined) {
      return { items, inputItems: items.slice(call.previousItems ?? 0) };
    }
    const previousId = call.body['previous_response_id'];
    if (typeof previousId !== 'string') return { inputItems: items, items };
    return whenKnown(previousOf(call, previousId, context), (previous) => {
      if (previous === undefined) throw unknownResponse(previousId);
      return { inputItems: items, items: [...itemsUpTo(previous), ...items] };
    });
  });
}

function previousOf(call: Call, id: string, { store }: Context): Soon<StoredResponse | undefined> {
  const { stateDeadline: deadline, caller } = call;
  return deadline.known('responses', store.load(tenantOf(caller), id, deadline), notKnown);
}

const notKnown = (): undefined => undefined;

/** All items up to and including an answer. */
export const itemsUpTo = ({ conversation, response }: StoredResponse): readonly JsonObject[] => [
  ...conversation,
  ...objectsIn(response['output']),
];

/** An item's type: messages and references may leave it out. */
export const typeOf = (item: JsonObject): string =>
  textIn(item['type']) || ('role' in item ? 'message' : 'item_reference');

function itemsOf(call: Call, context: Context): Soon<readonly JsonObject[]> {
  const { input } = call.body;
  if (typeof input === 'string')
    return [messageItem({ role: 'user', content: input }, context.newId)];
  return allKnown(objectsIn(input).map((item) => itemOf(item, call, context)));
}

const ID_PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  reasoning: 'rs',
};

function itemOf(item: JsonObject, call: Call, context: Context): Soon<JsonObject> {
  const type = typeOf(item);
  if (type === 'item_reference') return referred(textIn(item['id']), call, context);
  if (type === 'message') return messageItem(item, context.newId);
  const prefix = own(ID_PREFIXES, type) ?? 'item';
  return {
    ...item,
    id: item['id'] ?? context.newId(prefix),
    status: item['status'] ?? 'completed',
  };
}

function referred(id: string, call: Call, { store }: Context): Soon<JsonObject> {
  const { stateDeadline: deadline, caller } = call;
  const found = deadline.known('responses', store.item(tenantOf(caller), id, deadline), notKnown);
  return whenKnown(found, (item) => item ?? unknownItem(id));
}

/** @throws UpstreamError, as an upstream with stored state would answer */
export function unknownItem(id: string): never {
  const message = `Item with id '${id}' not found. It was not stored here (\`store: false\`, or too long ago): send the item itself in its place.`;
  const wire = { message, type: 'invalid_request_error', param: 'input', code: null };
  throw new UpstreamError('not_capable', message, { status: 404, wire });
}

/** The full form of a message: type, id, status and text parts. */
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

export const unknownResponse = (id: string): UpstreamError => {
  const wire = previousResponseNotFound(id);
  return new UpstreamError('not_capable', wire.message, { status: PREVIOUS_RESPONSE_STATUS, wire });
};
