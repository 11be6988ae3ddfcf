/** A call that needs none of the state we keep: what it refers to is written out in its input. */
import type { Call } from '../core/call.ts';
import { type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import { itemsUpTo, typeOf } from './conversation.ts';

/**
 * The call itself where it speaks of nothing that is kept here: a response or an item that only an
 * upstream knows is left for that upstream to find.
 */
export function standalone(call: Call, store: ResponseStore): Call {
  const { previous_response_id: previousId, ...rest } = call.body;
  const resolved = (item: JsonObject): JsonObject =>
    (typeOf(item) === 'item_reference' && store.item(call.caller.name, textIn(item['id']))) || item;
  const own = asItems(call.body['input']);
  const input = own.map(resolved);
  const previous =
    typeof previousId === 'string' ? store.load(call.caller.name, previousId) : undefined;
  if (previous === undefined || typeof previousId !== 'string') {
    const isChanged = input.some((item, at) => item !== own[at]);
    return isChanged ? withBody(call, { ...call.body, input }) : call;
  }
  const body = { ...rest, input: [...itemsUpTo(previous), ...input] };
  return { ...withBody(call, body), previousResponseId: previousId };
}

const asItems = (input: Json | undefined): readonly JsonObject[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : objectsIn(input);

const withBody = (call: Call, body: JsonObject): Call => ({
  ...call,
  body,
  payload: Buffer.from(JSON.stringify(body)),
});
