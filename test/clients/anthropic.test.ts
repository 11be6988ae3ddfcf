/** Anthropic's SDK: text, streams, pictures, tools, errors, counts and models, by way of upstreams that know chat. */
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

/** A mock alone speaks OpenAI's API only. */
const suite = isGateway ? describe : describe.skip;

let target: Target;
let client: Anthropic;

beforeAll(async () => {
  target = await startTarget();
  const baseURL = target.url.replace(/\/v1$/, '');
  client = new Anthropic({ baseURL, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

type Params = Anthropic.MessageCreateParamsNonStreaming;
type Content = Anthropic.MessageParam['content'];

const params = (content: Content, more: Partial<Params> = {}) => ({
  model: 'claude-sonnet-4-6',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content }],
  ...more,
});

const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

const callsOf = ({ content }: Anthropic.Message) =>
  content.filter((block) => block.type === 'tool_use');

const lastBody = () => target.arrived().at(-1)?.body ?? {};

suite('text', () => {
  test('whole', async () => {
    const asked = client.messages.create(params('Say hello.')).withResponse();
    const { data: message, request_id: requestId } = await asked;
    expect(message).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(textOf(message)).toMatch(/.+/);
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.usage.output_tokens).toBeGreaterThan(0);
    expect(requestId).toMatch(/^req_/);
  });

  test('streamed: what the helper puts together is the whole answer', async () => {
    const whole = await client.messages.create(params('Say hello to the stream.'));
    const stream = client.messages.stream(params('Say hello to the stream.'));
    const pieces: string[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    const final = await stream.finalMessage();
    expect(final).toMatchObject({ ...whole, id: final.id });
    expect(pieces.join('')).toBe(textOf(whole));
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('thinking is shown to who asked for it, before the answer', async () => {
    const text = mark({ kind: 'answer', reasoning: 'Let me see.', text: 'Done.' });
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
    const asked = params(text, { max_tokens: 2000, thinking });
    const seen = await client.messages.create(asked);
    expect(seen.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me see.' },
      { type: 'text', text: 'Done.' },
    ]);
    const streamed = await client.messages.stream(asked).finalMessage();
    expect(streamed.content).toEqual(seen.content);
    const { content } = await client.messages.create(params(text));
    expect(content).toMatchObject([{ type: 'text', text: 'Done.' }]);
  });

  test('a conversation goes on with what was answered, thinking included', async () => {
    const first = params(mark({ kind: 'answer', reasoning: 'Hm.', text: 'Yes.' }), {
      max_tokens: 2000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
    });
    const { content } = await client.messages.create(first);
    const messages: Anthropic.MessageParam[] = [
      ...first.messages,
      { role: 'assistant', content },
      { role: 'user', content: 'Why?' },
    ];
    expect(textOf(await client.messages.create({ ...first, messages }))).toMatch(/.+/);
  });

  test('parsed output: the schema reaches the upstream, and the answer is its JSON', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    } as const;
    const output = { format: { type: 'json_schema', schema } } as const;
    const message = await client.messages.create(params('A city?', { output_config: output }));
    expect(JSON.parse(textOf(message))).toHaveProperty('city');
  });
});

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

suite('pictures', () => {
  test.each<[string, Anthropic.ImageBlockParam['source'], string]>([
    [
      'in the request',
      { type: 'base64', media_type: 'image/png', data: PIXEL },
      `data:image/png;base64,${PIXEL}`,
    ],
    ['by address', { type: 'url', url: 'https://example.org/a.png' }, 'https://example.org/a.png'],
  ])('%s', async (_name, source, url) => {
    const message = await client.messages.create(
      params([
        { type: 'image', source },
        { type: 'text', text: 'What is it?' },
      ]),
    );
    expect(textOf(message)).toMatch(/.+/);
    if (!seesUpstreams) return;
    expect(lastBody()).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ],
    });
  });
});

const toolNamed = (name: string): Anthropic.Tool => ({
  name,
  description: `Does ${name}`,
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
    required: ['city', 'days'],
  },
});
const TOOLS = [toolNamed('get_weather'), toolNamed('get_news')];

interface ToolCase {
  readonly name: string;
  readonly text: string;
  readonly choice?: Anthropic.ToolChoice;
  readonly called: readonly string[];
}

const TOOL_CASES: readonly ToolCase[] = [
  { name: 'auto', text: 'use get_weather', called: ['get_weather'] },
  { name: 'auto, none fits', text: 'hello', called: [] },
  {
    name: 'two in parallel',
    text: 'use get_weather and get_news',
    choice: { type: 'auto' },
    called: ['get_weather', 'get_news'],
  },
  {
    name: 'not in parallel',
    text: 'use get_weather',
    choice: { type: 'auto', disable_parallel_tool_use: true },
    called: ['get_weather'],
  },
  { name: 'any', text: 'hello', choice: { type: 'any' }, called: ['get_weather'] },
  {
    name: 'a named one',
    text: 'hello',
    choice: { type: 'tool', name: 'get_news' },
    called: ['get_news'],
  },
  { name: 'none', text: 'use get_weather', choice: { type: 'none' }, called: [] },
];

suite('tools', () => {
  describe.each(TOOL_CASES)('choice: $name', ({ text, choice, called }) => {
    const asked = () =>
      params(text, { tools: TOOLS, ...(choice === undefined ? {} : { tool_choice: choice }) });
    const check = (message: Anthropic.Message): void => {
      const calls = callsOf(message);
      expect(calls.map(({ name }) => name)).toEqual(called);
      for (const { input, id } of calls) {
        expect(input).toEqual({ city: 'text', days: 2 });
        expect(id).toMatch(/^[\w-]+$/);
      }
      expect(message.stop_reason).toBe(called.length === 0 ? 'end_turn' : 'tool_use');
    };
    test('whole', async () => check(await client.messages.create(asked())));
    test('streamed', async () => check(await client.messages.stream(asked()).finalMessage()));
  });

  test('results come back to the model that called, in the order of the calls', async () => {
    const first = params('use get_weather and get_news', { tools: TOOLS });
    const called = await client.messages.create(first);
    const calls = callsOf(called);
    const results = calls.map(({ id, name }): Anthropic.ToolResultBlockParam => ({
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text: `of ${name}` }],
    }));
    const message = await client.messages.create({
      ...first,
      messages: [
        ...first.messages,
        { role: 'assistant', content: called.content },
        { role: 'user', content: [...results, { type: 'text', text: 'Go on.' }] },
      ],
    });
    expect(textOf(message)).toMatch(/.+/);
    if (!seesUpstreams) return;
    expect(lastBody()).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', tool_calls: calls.map(({ id }) => ({ id })) },
        { role: 'tool', tool_call_id: calls[0]?.id, content: 'of get_weather' },
        { role: 'tool', tool_call_id: calls[1]?.id, content: 'of get_news' },
        { role: 'user', content: 'Go on.' },
      ],
    });
  });
});

suite('errors', () => {
  test.each([
    [400, Anthropic.BadRequestError, 'invalid_request_error'],
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [503, Anthropic.InternalServerError, 'overloaded_error'],
  ] as const)('of an upstream, %i, is its own class', async (status, kind, type) => {
    const asked = params(mark({ kind: 'error', status, message: 'Told to fail.' }));
    const error: unknown = await client.messages.create(asked).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ type, requestID: expect.stringMatching(/^req_/) as string });
    expect(String(error)).toContain('Told to fail.');
  });

  test('an unknown model is not found', async () => {
    const asked = params('hello', { model: 'no-such-model' });
    await expect(client.messages.create(asked)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });

  test('a stream that breaks off rejects', async () => {
    const asked = params(mark({ kind: 'broken', after: 3, how: 'reset' }));
    await expect(client.messages.stream(asked).finalMessage()).rejects.toBeInstanceOf(
      Anthropic.APIError,
    );
  });
});

suite('beside the answers', () => {
  test('tokens are counted', async () => {
    const { input_tokens: tokens } = await client.messages.countTokens({
      model: 'claude-sonnet-4-6',
      messages: [{ role: 'user', content: 'Hello there' }],
    });
    expect(tokens).toBeGreaterThan(1);
  });

  test('models are listed', async () => {
    const listed: string[] = [];
    for await (const { id, type } of client.models.list()) {
      expect(type).toBe('model');
      listed.push(id);
    }
    expect(listed).toContain('auto');
    expect(await client.models.retrieve('auto')).toMatchObject({ id: 'auto' });
  });
});
