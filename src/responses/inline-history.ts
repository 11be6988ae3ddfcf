/** Inlines stored history: writes the responses and items that a call refers to into its input. */
import type { Call } from '../core/call.ts';
import type { Deadline } from '../core/deadline.ts';
import { type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import { allKnown, bothKnown, whenKnown, type Soon } from '../lib/soon.ts';
import { tenantOf } from '../core/owners.ts';
import type { ResponseStore, StoredResponse } from '../core/stored-responses.ts';
import { itemsUpTo, typeOf } from './conversation.ts';

/**
 * Returns the call itself if it refers to nothing stored here: a response or an item that only an
 * upstream knows is left to that upstream.
 */
export function inlineHistory(
  call: Call,
  store: ResponseStore,
  deadline: Deadline = call.stateDeadline,
): Soon<Call> {
  const { caller } = call;
  const own = asItems(call.body['input']);
  const resolved = (item: JsonObject): Soon<JsonObject> =>
    typeOf(item) === 'item_reference'
      ? whenKnown(
          store.item(tenantOf(caller), textIn(item['id']), deadline),
          (kept) => kept ?? item,
        )
      : item;
  const previousId = call.body['previous_response_id'];
  const previous =
    typeof previousId === 'string' ? store.load(tenantOf(caller), previousId, deadline) : undefined;
  return whenKnown(bothKnown(allKnown(own.map(resolved)), previous), ([input, found]) => {
    if (found !== undefined) return continuing(call, input, found);
    const isChanged = input.some((item, at) => item !== own[at]);
    return isChanged ? withBody(call, { ...call.body, input }) : call;
  });
}

function continuing(call: Call, input: readonly JsonObject[], previous: StoredResponse): Call {
  const { previous_response_id: previousId, ...rest } = call.body;
  const before = itemsUpTo(previous);
  return {
    ...withBody(call, { ...rest, input: [...before, ...input] }),
    previousResponseId: textIn(previousId),
    previousItems: before.length,
  };
}

const asItems = (input: Json | undefined): readonly JsonObject[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : objectsIn(input);

const withBody = (call: Call, body: JsonObject): Call => ({
  ...call,
  body,
  payload: Buffer.from(JSON.stringify(body)),
});
