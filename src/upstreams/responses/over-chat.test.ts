import { describe, expect, test } from 'vitest';
import { conforms } from '../../../test/support/openai-schemas.ts';
import { idOf, never, rejection, rig, whole } from '../../../test/support/responses-rig.ts';
import { completion, responsesCall, scriptedChat } from '../../../test/support/scripted-chat.ts';
import type { JsonObject } from '../../core/json.ts';
import { responsesOverChat } from './over-chat.ts';
import { memoryResponseStore } from './store.ts';

describe('what it says it can do', () => {
  test('chat becomes responses and stored state', () => {
    const { upstream } = rig({ whole: completion({ content: 'x' }) });
    expect([...upstream.facts().capabilities]).toEqual([
      'chat',
      'tools',
      'responses',
      'stored_state',
    ]);
  });

  test('an upstream without chat gains nothing', () => {
    const inner = scriptedChat({ whole: {} }, ['embeddings']);
    const upstream = responsesOverChat(inner, {
      store: memoryResponseStore(),
      newId: (prefix) => prefix,
      nowMs: () => 0,
      countTokens: () => 0,
    });
    expect([...upstream.facts().capabilities]).toEqual(['embeddings']);
  });
});

describe('whole answers', () => {
  test('text becomes a complete response in OpenAI’s shape', async () => {
    const { upstream, inner } = rig({ whole: completion({ content: 'Hi' }) });
    const body = await whole(upstream, { model: 'auto', input: 'Hello', include: [], tools: [] });
    expect(conforms('response', body)).toEqual([]);
    expect(body).toMatchObject({
      status: 'completed',
      model: 'answered-model',
      created_at: 5,
      completed_at: 5,
      usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
    });
    expect(inner.asked[0]?.call).toMatchObject({
      operation: 'chat',
      path: '/chat/completions',
      body: { messages: [{ role: 'user', content: 'Hello' }] },
    });
  });

  test('parallel calls, reasoning and a refusal each become an item or part of their own', async () => {
    const call = (id: string, name: string): JsonObject => ({
      id,
      type: 'function',
      function: { name, arguments: '{}' },
    });
    const { upstream } = rig({
      whole: completion(
        {
          content: 'Looking.',
          refusal: 'Not that.',
          reasoning_content: 'Hm.',
          tool_calls: [call('c1', 'a'), call('c2', 'b')],
        },
        'tool_calls',
      ),
    });
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(conforms('response', body)).toEqual([]);
    expect(body['output']).toMatchObject([
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { type: 'message', content: [{ text: 'Looking.' }, { refusal: 'Not that.' }] },
      { type: 'function_call', call_id: 'c1', name: 'a', arguments: '{}' },
      { type: 'function_call', call_id: 'c2', name: 'b', arguments: '{}' },
    ]);
  });

  test('an answer cut at its length is incomplete', async () => {
    const { upstream } = rig({ whole: completion({ content: 'Hal' }, 'length') });
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(conforms('response', body)).toEqual([]);
    expect(body).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
  });

  test('usage is counted where the upstream reports none', async () => {
    const { usage: _usage, ...answer } = completion({ content: 'four' });
    const { upstream } = rig({ whole: answer });
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(body).toMatchObject({ usage: { output_tokens: 4 } });
  });

  test('an answer without a choice is a bad answer, not an empty response', async () => {
    const { upstream } = rig({ whole: { object: 'chat.completion', choices: [] } });
    const error = await rejection(whole(upstream, { model: 'auto', input: 'x' }));
    expect(error.attemptCause).toBe('bad_answer');
  });
});

describe('what chat cannot carry goes to an upstream that can', () => {
  test.each<[string, JsonObject]>([
    ['a built-in tool', { tools: [{ type: 'web_search' }] }],
    ['a conversation', { conversation: 'conv_1' }],
    ['a background response', { background: true }],
    ['a stored prompt', { prompt: { id: 'pmpt_1' } }],
    ['a computer’s output', { input: [{ type: 'computer_call_output', call_id: 'c' }] }],
    [
      'an image by file id',
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] },
    ],
    [
      'an MCP tool choice',
      { tools: [{ type: 'function', name: 'f' }], tool_choice: { type: 'mcp' } },
    ],
  ])('%s', async (_, body) => {
    const { upstream, inner } = rig({ whole: completion({ content: 'x' }) });
    const error = await rejection(whole(upstream, { model: 'auto', input: 'x', ...body }));
    expect(error.attemptCause).toBe('not_capable');
    expect(error.tryNext).toBe(true);
    expect(inner.asked).toEqual([]);
  });
});

describe('an upstream with /responses of its own', () => {
  test('that keeps no state is asked for chat, and its state is kept here', async () => {
    const inner = scriptedChat({ whole: completion({ content: 'x' }) }, ['chat', 'responses']);
    const store = memoryResponseStore();
    const options = { store, newId: (p: string) => p, nowMs: () => 0, countTokens: () => 0 };
    const upstream = responsesOverChat(inner, options);
    expect(upstream.facts().capabilities).toContain('stored_state');
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(inner.asked[0]?.call.operation).toBe('chat');
    expect(store.load('alice', idOf(body))).toBeDefined();
  });

  test('is passed through, and remembered as the one that holds the state', async () => {
    const inner = scriptedChat({ whole: { id: 'resp_cloud', object: 'response' } }, ['responses']);
    const store = memoryResponseStore();
    const options = { store, newId: (p: string) => p, nowMs: () => 0, countTokens: () => 0 };
    const call = responsesCall({ model: 'auto', input: 'x' });
    await responsesOverChat(inner, options).send({ call, model: 'm' }, never);
    expect(inner.asked[0]?.call).toBe(call);
    expect(store.boundTo('alice', 'resp_cloud')).toBe('small');
    expect(store.boundTo('mallory', 'resp_cloud')).toBeUndefined();
  });

  test('is remembered from a stream’s first event', async () => {
    const created = { type: 'response.created', response: { id: 'resp_s' } };
    const inner = scriptedChat({ chunks: [created] }, ['responses']);
    const store = memoryResponseStore();
    const options = { store, newId: (p: string) => p, nowMs: () => 0, countTokens: () => 0 };
    const answer = await responsesOverChat(inner, options).send(
      { call: responsesCall({ model: 'auto', input: 'x', stream: true }), model: 'm' },
      never,
    );
    if (answer.kind === 'stream') await answer.events.next();
    expect(store.boundTo('alice', 'resp_s')).toBe('small');
  });
});
