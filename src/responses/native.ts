/** Calls an upstream's native `/responses`: tracks who holds which state, and inlines state that is stored here. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import { allKnown, whenKnown, type Soon } from '../lib/soon.ts';
import { tenantOf } from '../core/owners.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { Answer, EventStream, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { mapEvents, namedEvent } from '../wire/events.ts';
import { typeOf, unknownItem, unknownResponse } from './conversation.ts';
import { isOwnId } from '../core/own-ids.ts';

interface Options {
  readonly store: ResponseStore;
  readonly abort: AbortSignal;
}

/**
 * Forwards the call, byte for byte unless it holds items stored here, and remembers the upstream as the holder of the answer's
 * state.
 */
export async function sendNative(
  inner: Upstream,
  request: UpstreamRequest,
  { store, abort }: Options,
): Promise<Answer> {
  const { call } = request;
  const checked = refuseAnothers(call, store);
  if (checked instanceof Promise) await checked;
  const soon = withoutOurIds(call, store);
  const sent = soon instanceof Promise ? await soon : soon;
  const answer = await inner.send({ ...request, call: sent }, abort);
  const bind = binder(call, inner.name, store);
  switch (answer.kind) {
    case 'whole': {
      const bound = bind(answer.body);
      if (bound instanceof Promise) await bound;
      return call.previousResponseId === undefined
        ? answer
        : continued(answer, call.previousResponseId);
    }
    case 'stream':
      return { ...answer, events: withPreviousId(answer.events, bind, call.previousResponseId) };
    case 'raw':
      return answer;
  }
}

/** @throws UpstreamError, worded as OpenAI's, if the previous response is another caller's, or that is not known in time */
function refuseAnothers(call: Call, store: ResponseStore): Soon<void> {
  const previousId = textIn(call.body['previous_response_id']);
  if (previousId === '') return;
  // What is ours and still kept was written into the input: this one is not known any more.
  if (isOwnId(previousId)) throw unknownResponse(previousId);
  const { stateDeadline: deadline, caller } = call;
  if (caller.account === true) return;
  const asked = store.isOwnedByOther(tenantOf(caller), previousId, deadline);
  return whenKnown(
    deadline.known('responses', asked, () => true),
    (isOwnedByOther) => {
      if (isOwnedByOther) throw unknownResponse(previousId);
    },
  );
}

/** Remembers the upstream as the holder of an answer. The answer does not fail if that takes too long. */
function binder(
  call: Call,
  upstream: string,
  store: ResponseStore,
): (response: JsonObject) => Soon<void> {
  const { stateDeadline: deadline, caller } = call;
  return (response) => {
    const id = textIn(response['id']);
    if (id === '' || call.body['store'] === false) return;
    const saved = store.remember(tenantOf(caller), id, upstream, deadline);
    return deadline.known('responses', saved, () => {});
  };
}

/** True if the server lacks the route. A 404 about a model or about an id comes from a server that has it. */
export function isMissingRoute(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  const { status, wire } = { status: error.upstreamStatus ?? 0, wire: error.toWire() };
  if (![404, 405, 501].includes(status)) return false;
  return wire.param === null && !/model|\bid\b/i.test(`${wire.message} ${wire.code ?? ''}`);
}

/** Removes our items' ids: the upstream would look them up in its own store, and find nothing. */
function withoutOurIds(call: Call, store: ResponseStore): Soon<Call> {
  const input = objectsIn(call.body['input']);
  return whenKnown(allKnown(input.map((item) => isOurs(item, call, store))), (ours) => {
    if (!ours.includes(true)) return call;
    const items = input.flatMap((item, at) => (ours[at] === true ? anonymous(item) : [item]));
    const body = { ...call.body, input: items };
    return { ...call, body, payload: Buffer.from(JSON.stringify(body)) };
  });
}

/** @throws UpstreamError, worded as OpenAI's, if that is not known in time */
function isOurs(item: JsonObject, call: Call, store: ResponseStore): Soon<boolean> {
  const id = textIn(item['id']);
  if (id === '') return false;
  if (isOwnId(id)) return typeOf(item) === 'item_reference' ? unknownItem(id) : true;
  const { stateDeadline: deadline, caller } = call;
  const kept = deadline.known('responses', store.item(tenantOf(caller), id, deadline), () =>
    unknownItem(id),
  );
  return whenKnown(kept, (found) => found !== undefined);
}

/** The item as a client would write it. Reasoning is dropped: an upstream accepts only reasoning that it signed. */
function anonymous({ id: _id, status: _status, ...item }: JsonObject): readonly JsonObject[] {
  if (item['type'] === 'reasoning') return [];
  return [isAnswer(item) ? { ...item, content: saidIn(item['content']) } : item];
}

const isAnswer = (item: JsonObject): boolean =>
  typeOf(item) === 'message' && item['role'] === 'assistant';

/** OpenAI's schema takes `output_text` only with the id that it gave the message; text goes without. */
const saidIn = (content: Json | undefined): Json =>
  typeof content === 'string'
    ? content
    : objectsIn(content)
        .map((part) => textIn(part['text']) || textIn(part['refusal']))
        .join('');

function continued(answer: Extract<Answer, { kind: 'whole' }>, previousId: string): Answer {
  const body = { ...answer.body, previous_response_id: previousId };
  return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
}

function withPreviousId(
  events: EventStream,
  bind: (response: JsonObject) => Soon<void>,
  previousId: string | undefined,
): EventStream {
  let isKnown = false;
  let bound: Soon<void>;
  return mapEvents(events, {
    push: (event) => {
      const response = event.data?.['response'];
      if (!isObject(response)) return event;
      if (!isKnown) bound = bind(response);
      isKnown = true;
      if (previousId === undefined) return event;
      const patched = { ...response, previous_response_id: previousId };
      return namedEvent({ ...event.data, response: patched });
    },
    end: () => whenKnown(bound, () => []),
  });
}
