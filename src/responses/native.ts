/** An upstream's own `/responses`, told from ours: which state is whose, and what it can be sent of ours. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { isObject, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { Answer, StreamEvent, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { mapEvents, namedEvent } from '../wire/events.ts';
import { unknownResponse } from './conversation.ts';

interface Options {
  readonly store: ResponseStore;
  readonly abort: AbortSignal;
}

/**
 * Sends the call on, byte for byte unless it holds items of ours, and remembers the upstream as the one
 * that holds the answer's state.
 */
export async function sendNative(
  inner: Upstream,
  request: UpstreamRequest,
  { store, abort }: Options,
): Promise<Answer> {
  const { call } = request;
  const caller = call.caller.name;
  const previousId = textIn(call.body['previous_response_id']);
  if (store.isOwnedByOther(caller, previousId)) throw unknownResponse(previousId);
  const answer = await inner.send({ ...request, call: withoutOurIds(call, store) }, abort);
  const bind = (response: JsonObject): void => {
    const id = textIn(response['id']);
    if (id !== '' && call.body['store'] !== false) store.remember(caller, id, inner.name);
  };
  switch (answer.kind) {
    case 'whole':
      bind(answer.body);
      return call.previousResponseId === undefined
        ? answer
        : continued(answer, call.previousResponseId);
    case 'stream':
      return { ...answer, events: withPreviousId(answer.events, bind, call.previousResponseId) };
    case 'raw':
      return answer;
  }
}

/**
 * The server knows no such URL, in whatever words; a 404 that speaks of a model or of something by its id
 * comes from a server that has the route.
 */
export function isMissingRoute(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  const { status, wire } = { status: error.upstreamStatus ?? 0, wire: error.toWire() };
  if (![404, 405, 501].includes(status)) return false;
  return wire.param === null && !/model|\bid\b/i.test(`${wire.message} ${wire.code ?? ''}`);
}

/** It would look our items' ids up in a store of its own, and find nothing. */
function withoutOurIds(call: Call, store: ResponseStore): Call {
  const input = objectsIn(call.body['input']);
  const isOurs = (item: JsonObject): boolean =>
    store.item(call.caller.name, textIn(item['id'])) !== undefined;
  if (!input.some(isOurs)) return call;
  const items = input.flatMap((item) => (isOurs(item) ? anonymous(item) : [item]));
  const body = { ...call.body, input: items };
  return { ...call, body, payload: Buffer.from(JSON.stringify(body)) };
}

/** As a client would write it. Another model's reasoning is nothing to an upstream that did not sign it. */
function anonymous({ id: _id, status: _status, ...item }: JsonObject): readonly JsonObject[] {
  return item['type'] === 'reasoning' ? [] : [item];
}

function continued(answer: Extract<Answer, { kind: 'whole' }>, previousId: string): Answer {
  const body = { ...answer.body, previous_response_id: previousId };
  return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
}

function withPreviousId(
  events: AsyncIterator<StreamEvent>,
  bind: (response: JsonObject) => void,
  previousId: string | undefined,
): AsyncIterator<StreamEvent> {
  let isKnown = false;
  return mapEvents(events, {
    push: (event) => {
      const response = event.data?.['response'];
      if (!isObject(response)) return [event];
      if (!isKnown) bind(response);
      isKnown = true;
      if (previousId === undefined) return [event];
      const patched = { ...response, previous_response_id: previousId };
      return [namedEvent({ ...event.data, response: patched })];
    },
  });
}
