import { describe, expect, test } from 'vitest';
import { iterated } from '../../test/support/event-streams.ts';
import { conforms } from '../../test/support/openai-schemas.ts';
import {
  idOf,
  never,
  rejection,
  responsesHarness,
  whole,
} from '../../test/support/responses-harness.ts';
import { completion, responsesCall, scriptedChat } from '../../test/support/scripted-chat.ts';
import { eachProducedText } from '../wire/produced-text.ts';
import { UpstreamError } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Usage } from '../core/record.ts';
import { responsesOverChat } from './over-chat.ts';
import { memoryResponseStore } from '../stores/memory/responses.ts';

describe('its capabilities', () => {
  test('chat becomes responses and stored state', () => {
    const { upstream } = responsesHarness({ whole: completion({ content: 'x' }) });
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
    });
    expect([...upstream.facts().capabilities]).toEqual(['embeddings']);
  });
});

describe('whole answers', () => {
  test('text becomes a complete response in OpenAI’s shape', async () => {
    const { upstream, inner } = responsesHarness({ whole: completion({ content: 'Hi' }) });
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
    const { upstream } = responsesHarness({
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

  test('an answer cut by its token limit is incomplete', async () => {
    const { upstream } = responsesHarness({ whole: completion({ content: 'Hal' }, 'length') });
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(conforms('response', body)).toEqual([]);
    expect(body).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
  });

  const calling = {
    reasoning: 'Hm.',
    content: 'Both.',
    refusal: 'Not that.',
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
  };
  const { usage: _usage, ...uncounted } = completion(calling);

  test('usage is counted by the attempt if the upstream reports none', async () => {
    const { upstream } = responsesHarness({ whole: uncounted });
    const counted: (readonly string[])[] = [];
    const countUsage = (output: readonly string[]): Usage => {
      counted.push(output);
      return {
        inputTokens: 5,
        cachedInputTokens: 3,
        cacheWriteTokens: 1,
        outputTokens: 7,
        reasoningTokens: 2,
        source: 'counted',
      };
    };
    const call = responsesCall({ model: 'auto', input: 'x' });
    const given = await upstream.send({ call, model: 'm', countUsage }, never);
    if (given.kind !== 'whole') throw new Error(given.kind);
    expect(JSON.parse(Buffer.from(given.bytes).toString())).toEqual(given.body);
    expect(conforms('response', given.body)).toEqual([]);
    expect(given.body['usage']).toEqual({
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 1 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 12,
    });
    const texts: string[] = [];
    eachProducedText(given.body, { take: (text) => void texts.push(text) });
    expect(counted, 'once, and what the accounting would read').toEqual([texts]);
    expect(texts).toEqual(['Hm.', 'Both.', 'Not that.', 'look', '{}']);
  });

  test('a response has no usage if it is neither reported nor counted', async () => {
    const { upstream } = responsesHarness({ whole: uncounted });
    expect(await whole(upstream, { model: 'auto', input: 'x' })).not.toHaveProperty('usage');
  });

  test('an answer without a choice is a bad answer, not an empty response', async () => {
    const { upstream } = responsesHarness({ whole: { object: 'chat.completion', choices: [] } });
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
    const { upstream, inner } = responsesHarness({ whole: completion({ content: 'x' }) });
    const error = await rejection(whole(upstream, { model: 'auto', input: 'x', ...body }));
    expect(error.attemptCause).toBe('not_capable');
    expect(error.tryNext).toBe(true);
    expect(inner.asked).toEqual([]);
  });
});

describe('an upstream with native /responses', () => {
  test('that stores no state is asked for chat, and the state is stored here', async () => {
    const inner = scriptedChat({ whole: completion({ content: 'x' }) }, ['chat', 'responses']);
    const store = memoryResponseStore();
    const options = { store, newId: (p: string) => p, nowMs: () => 0 };
    const upstream = responsesOverChat(inner, options);
    expect(upstream.facts().capabilities).toContain('stored_state');
    const body = await whole(upstream, { model: 'auto', input: 'x' });
    expect(inner.asked[0]?.call.operation).toBe('chat');
    expect(store.load('alice', idOf(body))).toBeDefined();
  });

  const missing = (message: string, code: string | null = null): UpstreamError =>
    new UpstreamError('not_capable', message, {
      status: 404,
      wire: { message, type: 'invalid_request_error', param: null, code },
    });
  const nativeThenChat = (error: UpstreamError) => {
    const inner = scriptedChat(
      ({ call }) => {
        if (call.operation === 'responses') throw error;
        return { whole: completion({ content: 'x' }) };
      },
      ['chat', 'responses', 'stored_state'],
    );
    const options = {
      store: memoryResponseStore(),
      newId: (p: string) => p,
      nowMs: () => 0,
    };
    return { inner, upstream: responsesOverChat(inner, options) };
  };

  test.each([
    'Invalid URL (POST /v1/responses)',
    'Not Found',
    '404 page not found',
    'File Not Found',
  ])(
    'that it turns out not to have (%s) is asked for chat, from then on at once, until a probe',
    async (words) => {
      const { inner, upstream } = nativeThenChat(missing(words));
      const ask = () => whole(upstream, { model: 'auto', input: 'x' });
      await ask();
      await ask();
      await upstream.probe(never);
      await ask();
      expect(inner.asked.map(({ call }) => call.operation)).toEqual([
        'responses',
        'chat',
        'chat',
        'responses',
        'chat',
      ]);
    },
  );

  test.each([
    missing("model 'x' not found, try pulling it first"),
    missing('The model does not exist', 'model_not_found'),
    missing("Item with id 'rs_1' not found."),
    new UpstreamError('server_error', 'Not Found', { status: 500 }),
  ])('that refuses for another reason is not asked again ($message)', async (error) => {
    const { inner, upstream } = nativeThenChat(error);
    expect(await rejection(whole(upstream, { model: 'auto', input: 'x' }))).toBe(error);
    expect(inner.asked).toHaveLength(1);
  });

  test('is forwarded to, and remembered as the holder of the state', async () => {
    const inner = scriptedChat({ whole: { id: 'resp_cloud', object: 'response' } }, ['responses']);
    const store = memoryResponseStore();
    const options = { store, newId: (p: string) => p, nowMs: () => 0 };
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
    const options = { store, newId: (p: string) => p, nowMs: () => 0 };
    const answer = await responsesOverChat(inner, options).send(
      { call: responsesCall({ model: 'auto', input: 'x', stream: true }), model: 'm' },
      never,
    );
    if (answer.kind === 'stream') await iterated(answer.events).next();
    expect(store.boundTo('alice', 'resp_s')).toBe('small');
  });
});
