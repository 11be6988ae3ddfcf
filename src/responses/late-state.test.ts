/** A remote store that does not answer, or fails: no request is answered without its history. */
import { describe, expect, test } from 'vitest';
import {
  completion,
  chunk,
  responsesCall,
  scriptedChat,
  type Script,
} from '../../test/support/scripted-chat.ts';
import { iterated } from '../../test/support/event-streams.ts';
import { promisesMadeBy } from '../../test/support/count-promises.ts';
import { drain, idOf, never } from '../../test/support/responses-harness.ts';
import type { ResponseStore, StoredResponse } from '../core/stored-responses.ts';
import { createDeadlines } from '../engine/deadline.ts';
import type { JsonObject } from '../lib/json.ts';
import { memoryResponseStore } from '../stores/memory/responses.ts';
import { conversationOf } from './conversation.ts';
import { inlineHistory } from './inline-history.ts';
import { responsesOverChat } from './over-chat.ts';

const CHAT: Script = { whole: completion({ content: 'Blue.' }) };
const NATIVE: Script = { whole: { id: 'resp_cloud', object: 'response' } };
const REFERENCE = { type: 'item_reference', id: 'msg_1' };

function start(script: Script, over: Partial<ResponseStore>) {
  const store: ResponseStore = { ...memoryResponseStore(), ...over };
  let ids = 0;
  const native = script === NATIVE ? (['responses', 'stored_state'] as const) : undefined;
  const inner = scriptedChat(script, native);
  const upstream = responsesOverChat(inner, {
    store,
    newId: (kind) => `${kind}_${(ids += 1)}`,
    nowMs: () => 0,
  });
  const { start: stateDeadline, timeouts } = createDeadlines({ ms: 5, nowMs: () => 0 });
  const send = (body: JsonObject) =>
    upstream.send(
      {
        call: { ...responsesCall({ model: 'auto', ...body }), stateDeadline: stateDeadline() },
        model: 'm',
      },
      never,
    );
  return { send, inner, timeouts: () => timeouts().responses };
}

const soon = <T>(value: T): Promise<T> =>
  new Promise((resolve) => void setImmediate(resolve, value));

describe.each([
  ['does not answer', (): Promise<never> => new Promise(() => {})],
  ['fails', (): Promise<never> => Promise.reject(new Error('connection refused'))],
])('a store that %s', (_, broken) => {
  test.each<[string, Script, Partial<ResponseStore>, JsonObject, object]>([
    [
      'a follow-up by chat',
      CHAT,
      { load: broken },
      { input: 'Why?', previous_response_id: 'resp_1' },
      { status: 400, message: "Previous response with id 'resp_1' not found." },
    ],
    [
      'a follow-up at an upstream with state of its own',
      NATIVE,
      { isOwnedByOther: broken },
      { input: 'Why?', previous_response_id: 'resp_1' },
      { status: 400, message: "Previous response with id 'resp_1' not found." },
    ],
    [
      'a reference by chat',
      CHAT,
      { item: broken },
      { input: [REFERENCE] },
      { status: 404, message: /^Item with id 'msg_1' not found/ },
    ],
    [
      'an item that may be ours at an upstream with state of its own',
      NATIVE,
      { item: broken },
      { input: [{ role: 'user', content: 'Why?', id: 'msg_1' }] },
      { status: 404, message: /^Item with id 'msg_1' not found/ },
    ],
  ])('refuses %s as with an unknown id', async (_case, script, over, body, error) => {
    const { send, inner, timeouts } = start(script, over);
    const { message, ...rest } = error as { message: string | RegExp };
    await expect(send(body)).rejects.toMatchObject({
      ...rest,
      attemptCause: 'not_capable',
      message: expect.stringMatching(message),
    });
    expect(inner.asked).toEqual([]);
    expect(timeouts()).toBe(1);
  });

  test.each<[string, Script, Partial<ResponseStore>]>([
    ['what cannot be kept', CHAT, { save: broken }],
    ['what cannot be bound', CHAT, { remember: broken }],
    ['what another upstream keeps', NATIVE, { remember: broken }],
  ])('answers %s all the same', async (_case, script, over) => {
    const { send, timeouts } = start(script, over);
    expect(await send({ input: 'Hi' })).toMatchObject({ kind: 'whole' });
    expect(timeouts()).toBe(1);
  });

  test('still ends a stream that cannot be stored', async () => {
    const chunks = [chunk({ content: 'Blue.' }), chunk({}, 'stop')];
    const { send, timeouts } = start({ chunks }, { save: broken });
    const answer = await send({ input: 'Hi', stream: true });
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    const seen = await drain(iterated(answer.events));
    expect(seen.at(-1)).toMatchObject({ type: 'response.completed' });
    expect(timeouts()).toBe(1);
  });
});

test('a slow store is awaited, and the response is stored before the answer', async () => {
  const memory = memoryResponseStore();
  const saved: StoredResponse[] = [];
  const { send, inner, timeouts } = start(CHAT, {
    save: async (caller, stored) => {
      saved.push(await soon(stored));
      memory.save(caller, stored);
    },
    load: (caller, id) => soon(memory.load(caller, id)),
    item: (caller, id) => soon(memory.item(caller, id)),
    remember: async (caller, id, upstream) => memory.remember(caller, id, await soon(upstream)),
  });
  await send({ input: 'Colour?' });
  const kept = saved[0] ?? expect.unreachable('nothing was saved');
  const id = idOf(kept.response);
  expect(memory.boundTo('alice', id)).toBe('small');
  await send({
    input: [{ type: 'item_reference', id: idOf(kept.inputItems[0]) }],
    previous_response_id: id,
  });
  expect(inner.asked[1]?.call.body['messages']).toEqual([
    { role: 'user', content: 'Colour?' },
    { role: 'assistant', content: 'Blue.' },
    { role: 'user', content: 'Colour?' },
  ]);
  expect(timeouts()).toBe(0);
});

test('a store in memory makes no promise', async () => {
  const store = memoryResponseStore();
  const newId = (kind: string): string => `${kind}_1`;
  const inner = scriptedChat(CHAT);
  const upstream = responsesOverChat(inner, { store, newId, nowMs: () => 0 });
  await upstream.send({ call: responsesCall({ model: 'auto', input: 'Hi' }), model: 'm' }, never);
  const call = responsesCall({
    model: 'auto',
    input: [{ type: 'item_reference', id: 'msg_1' }],
    previous_response_id: 'resp_1',
  });
  expect(promisesMadeBy(() => inlineHistory(call, store))).toBe(0);
  expect(promisesMadeBy(() => conversationOf(call, { store, newId }))).toBe(0);
});
