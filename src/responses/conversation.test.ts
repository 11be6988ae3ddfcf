import { describe, expect, test } from 'vitest';
import { idOf, rejection, responsesHarness, whole } from '../../test/support/responses-harness.ts';
import { completion } from '../../test/support/scripted-chat.ts';
import type { JsonObject } from '../lib/json.ts';

describe('conversations', () => {
  test('a follow-up is sent with the whole conversation, without earlier instructions', async () => {
    const { upstream, inner, store } = responsesHarness({
      whole: completion({ content: 'Blue.' }),
    });
    const first = await whole(upstream, {
      model: 'auto',
      input: 'Colour?',
      instructions: 'Short.',
    });
    const second = await whole(upstream, {
      model: 'auto',
      input: 'Why?',
      previous_response_id: first['id'],
    });
    expect(inner.asked[1]?.call.body['messages']).toEqual([
      { role: 'user', content: 'Colour?' },
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Why?' },
    ]);
    expect(second['previous_response_id']).toBe(first['id']);
    expect(store.boundTo('alice', idOf(second))).toBe('small');
  });

  test('another caller’s response is unknown', async () => {
    const { upstream } = responsesHarness({ whole: completion({ content: 'Secret.' }) });
    const first = await whole(upstream, { model: 'auto', input: 'x' });
    const body = { model: 'auto', input: 'y', previous_response_id: first['id'] };
    const error = await rejection(whole(upstream, body, 'mallory'));
    expect(error.status).toBe(400);
    expect(error.toWire()).toEqual({
      message: `Previous response with id '${idOf(first)}' not found.`,
      type: 'invalid_request_error',
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    });
  });

  test('store: false stores nothing', async () => {
    const { upstream, store } = responsesHarness({ whole: completion({ content: 'x' }) });
    const body = await whole(upstream, { model: 'auto', input: 'x', store: false });
    expect(store.load('alice', idOf(body))).toBeUndefined();
    expect(store.boundTo('alice', idOf(body))).toBeUndefined();
  });

  test('an item_reference is replaced by its item', async () => {
    const { upstream, inner } = responsesHarness({ whole: completion({ content: 'Blue.' }) });
    const first = await whole(upstream, { model: 'auto', input: 'Colour?' });
    const [item] = first['output'] as readonly JsonObject[]; // one message, as scripted
    await whole(upstream, {
      model: 'auto',
      input: [
        { type: 'item_reference', id: item!['id'] },
        { role: 'user', content: 'Why?' },
      ],
    });
    expect(inner.asked[1]?.call.body['messages']).toEqual([
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Why?' },
    ]);
  });

  test('an unknown reference is 404 in OpenAI’s shape', async () => {
    const { upstream } = responsesHarness({ whole: completion({ content: 'x' }) });
    const input = [{ type: 'item_reference', id: 'msg_nothing' }];
    const error = await rejection(whole(upstream, { model: 'auto', input }));
    expect(error.status).toBe(404);
    expect(error.toWire()).toMatchObject({ param: 'input', code: null });
  });
});
