import { describe, expect, test } from 'vitest';
import { iterated } from '../../test/support/event-streams.ts';
import { idOf, never, responsesHarness, whole } from '../../test/support/responses-harness.ts';
import {
  completion,
  responsesCall,
  scriptedChat,
  type Script,
  type ScriptedChat,
} from '../../test/support/scripted-chat.ts';
import type { Call } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import type { ResponseStore, StoredResponses } from '../core/stored-responses.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';
import { responsesOverChat } from './over-chat.ts';
import { storedResponses } from './stored-routes.ts';

const thinking = completion({ reasoning: 'Hm.', content: 'Blue.' });

/** An upstream with native `/responses`, beside the one that answered first. */
function cloudBeside(store: ResponseStore, script: Script): ScriptedChat {
  const inner = scriptedChat(script, ['responses', 'stored_state']);
  const options = { store, newId: (p: string) => p, nowMs: () => 0 };
  return { ...responsesOverChat(inner, options), asked: inner.asked, closed: () => inner.closed() };
}

const inlined = (stored: StoredResponses, call: Call): Soon<Call> =>
  stored.inlineHistory(call, call.stateDeadline);

describe('a follow-up with inlined history', () => {
  test('holds the conversation so far and no state, and keeps previous_response_id', async () => {
    const { upstream, store } = responsesHarness({ whole: thinking });
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const body = { model: 'auto', input: 'Why?', previous_response_id: idOf(first) };
    const call = await inlined(storedResponses(store), responsesCall(body));
    expect(call.previousResponseId).toBe(idOf(first));
    expect(call.body).not.toHaveProperty('previous_response_id');
    expect(call.body['input']).toMatchObject([
      { role: 'user', content: [{ text: 'Colour?' }] },
      { type: 'reasoning' },
      { role: 'assistant', content: [{ text: 'Blue.' }] },
      { role: 'user', content: 'Why?' },
    ]);
    expect(JSON.parse(call.payload.toString())).toEqual(call.body);
  });

  test('is answered by chat like one without, and keeps its own input separate', async () => {
    const { upstream, inner, store } = responsesHarness({ whole: thinking });
    const stored = storedResponses(store);
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const body = { model: 'auto', input: 'Why?', previous_response_id: idOf(first) };
    const call = await inlined(stored, responsesCall(body));
    const answer = await upstream.send({ call, model: 'm' }, never);
    if (answer.kind !== 'whole') throw new Error(answer.kind);
    expect(answer.body['previous_response_id']).toBe(idOf(first));
    expect(inner.asked[1]?.call.body['messages']).toEqual([
      { role: 'user', content: 'Colour?' },
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Why?' },
    ]);
    const page = new URLSearchParams();
    const items = await stored.inputItems('alice', idOf(answer.body), page, NO_WAITING);
    expect(items['data']).toMatchObject([{ role: 'user', content: [{ text: 'Why?' }] }]);
    const third = await inlined(
      stored,
      responsesCall({ model: 'auto', input: 'So?', previous_response_id: idOf(answer.body) }),
    );
    expect(third.body['input']).toHaveLength(7);
  });

  test('goes to a native upstream without our ids, and is answered as a follow-up', async () => {
    const { upstream, store } = responsesHarness({ whole: thinking });
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const native: JsonObject = { id: 'resp_cloud', object: 'response', previous_response_id: null };
    const cloud = cloudBeside(store, { whole: native });
    const call = await inlined(
      storedResponses(store),
      responsesCall({ model: 'auto', input: 'Why?', previous_response_id: idOf(first) }),
    );
    const answer = await cloud.send({ call, model: 'm' }, never);
    const sent = cloud.asked[0]?.call;
    expect(JSON.parse(sent!.payload.toString())).toEqual(sent?.body);
    expect(sent?.body['input']).toEqual([
      expect.not.objectContaining({ id: expect.anything() }),
      expect.not.objectContaining({ id: expect.anything() }),
      { role: 'user', content: 'Why?' },
    ]);
    expect(answer).toMatchObject({ body: { previous_response_id: idOf(first) } });
    expect(store.boundTo('alice', 'resp_cloud')).toBe('small');
  });

  test('keeps previous_response_id in a native stream too', async () => {
    const { upstream, store } = responsesHarness({ whole: thinking });
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const created = { type: 'response.created', response: { id: 'resp_s' } };
    const cloud = cloudBeside(store, { chunks: [created, { type: 'response.output_text.delta' }] });
    const call = await inlined(
      storedResponses(store),
      responsesCall({ model: 'auto', input: 'x', previous_response_id: idOf(first), stream: true }),
    );
    const answer = await cloud.send({ call, model: 'm' }, never);
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    const step = await iterated(answer.events).next();
    if (step.done === true) throw new Error('nothing came');
    const wire = Buffer.from(step.value.bytes).toString();
    expect(wire).toMatch(/^event: response\.created\ndata: /);
    expect(wire).toContain(`"previous_response_id":"${idOf(first)}"`);
  });
});

describe('references', () => {
  test('to an item stored here are replaced by it', async () => {
    const { upstream, store } = responsesHarness({ whole: completion({ content: 'Blue.' }) });
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const [item] = first['output'] as readonly JsonObject[]; // one message, as scripted
    const input = [
      { type: 'item_reference', id: idOf(item) },
      { role: 'user', content: 'Why?' },
    ];
    const call = await inlined(storedResponses(store), responsesCall({ model: 'auto', input }));
    expect(call.body['input']).toEqual([item, { role: 'user', content: 'Why?' }]);
    expect(call.previousResponseId).toBeUndefined();
  });

  test('to anything else leave the call unchanged', async () => {
    const { store } = responsesHarness({ whole: thinking });
    const input = [{ type: 'item_reference', id: 'msg_of_the_cloud' }];
    const body = { model: 'auto', input, previous_response_id: 'resp_of_the_cloud' };
    const call = responsesCall(body);
    expect(await inlined(storedResponses(store), call)).toBe(call);
  });

  test('another caller’s conversation is not inlined', async () => {
    const { upstream, store } = responsesHarness({ whole: thinking });
    const first = await whole(upstream, { model: 'auto', input: 'Secret?' });
    const body = { model: 'auto', input: 'x', previous_response_id: idOf(first) };
    const call = responsesCall(body, 'mallory');
    expect(await inlined(storedResponses(store), call)).toBe(call);
    expect(storedResponses(store).isOwnedByOther('mallory', idOf(first), NO_WAITING)).toBe(true);
    expect(storedResponses(store).isOwnedByOther('alice', idOf(first), NO_WAITING)).toBe(false);
    expect(storedResponses(store).isOwnedByOther('mallory', 'resp_unheard_of', NO_WAITING)).toBe(
      false,
    );
  });

  test('another caller’s conversation held by the cloud cannot be continued there', async () => {
    const { store } = responsesHarness({ whole: thinking });
    const cloud = cloudBeside(store, { whole: { id: 'resp_cloud', object: 'response' } });
    await cloud.send(
      { call: responsesCall({ model: 'auto', input: 'Secret?' }), model: 'm' },
      never,
    );
    const body = { model: 'auto', input: 'x', previous_response_id: 'resp_cloud' };
    const stolen = cloud.send({ call: responsesCall(body, 'mallory'), model: 'm' }, never);
    await expect(stolen).rejects.toMatchObject({ status: 400, attemptCause: 'not_capable' });
    expect(cloud.asked).toHaveLength(1);
  });
});
