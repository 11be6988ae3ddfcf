import OpenAI, { NotFoundError, RateLimitError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mark, startMockUpstream, type Behaviour, type MockUpstream } from './mock-upstream.ts';
import { valueFor } from './mock/schema-value.ts';

let mock: MockUpstream;
let client: OpenAI;

beforeAll(async () => {
  mock = await startMockUpstream({ models: ['m', 'org/m:7b'] });
  client = new OpenAI({ baseURL: mock.url, apiKey: 'k', maxRetries: 0 });
});
afterAll(() => mock.close());

const ask = (text: string, more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user' as const, content: text }],
  ...more,
});

async function bytesOf(body: object): Promise<string> {
  const response = await fetch(`${mock.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return response.text();
}

test('a streamed text is the whole text, with usage when asked', async () => {
  const stream = client.chat.completions.stream(
    ask('hello', { stream_options: { include_usage: true } }),
  );
  const final = await stream.finalChatCompletion();
  const whole = await client.chat.completions.create(ask('hello'));
  expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
  expect(final.usage).toEqual(whole.usage);
});

test.each<[string, object]>([
  ['CRLF', { eol: '\r\n' }],
  ['CR', { eol: '\r' }],
  ['every byte alone', { splitEvery: 1 }],
  ['comments, names and no space', { comments: true, named: true, noSpace: true }],
  ['two events a write', { pairs: true }],
  ['no [DONE]', { noDone: true }],
])('a stream framed with %s reads the same', async (_name, framing) => {
  const text = 'Größe: 5 €, 日本語 und 👍🏽';
  const stream = client.chat.completions.stream(ask(mark({ kind: 'answer', text, framing })));
  expect(await stream.finalContent()).toBe(text);
});

test('a marker with `times` applies that often, then the mock answers', async () => {
  const body = ask(mark({ kind: 'error', status: 429, headers: { 'retry-after': '1' }, times: 1 }));
  const refused = await client.chat.completions.create(body).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RateLimitError);
  await expect(client.chat.completions.create(body)).resolves.toHaveProperty('object');
});

test.each<[string, Behaviour, RegExp]>([
  ['half an event', { kind: 'broken', after: 1, how: 'half-event' }, /[^}\n]$/],
  ['an error event', { kind: 'broken', after: 1, how: 'error-event' }, /data: \{"error".*\n\n$/],
  [
    'no finish chunk',
    { kind: 'broken', after: 2, how: 'end' },
    /^(?!.*finish_reason":"stop").*\n\n$/s,
  ],
])('a broken stream can end in %s', async (_name, behaviour, shape) => {
  expect(await bytesOf(ask(mark(behaviour), { stream: true }))).toMatch(shape);
});

test('a reset stream delivers what came before it', async () => {
  const stream = await client.chat.completions.create({
    ...ask(mark({ kind: 'broken', after: 3, how: 'reset' })),
    stream: true,
  });
  let chunks = 0;
  const read = async () => {
    for await (const chunk of stream) chunks += chunk.choices.length;
  };
  await expect(read()).rejects.toThrow(/terminated/);
  expect(chunks).toBe(3);
});

test('a client that disconnects from a silent server is noticed', async () => {
  const leave = new AbortController();
  const asked = client.chat.completions.create(ask(mark({ kind: 'hang' })), {
    signal: leave.signal,
  });
  asked.catch(() => undefined);
  mock.clear();
  await mock.nextRequest();
  leave.abort();
  expect((await mock.nextHangup()).aborted).toBe(true);
});

test('tools are called with arguments that fit their schema, once', async () => {
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    },
  ];
  const stream = client.chat.completions.stream(ask('use get_weather', { tools }));
  const [call] = (await stream.finalMessage()).tool_calls ?? [];
  expect(call).toMatchObject({ function: { name: 'get_weather', arguments: '{"city":"text"}' } });
});

test('an embedding is the same in both encodings', async () => {
  const floats = await client.embeddings.create({
    model: 'm',
    input: 'a',
    encoding_format: 'float',
  });
  const base64 = await client.embeddings.create({ model: 'm', input: 'a' });
  expect(base64.data).toEqual(floats.data);
});

test('a response is stored, found and deleted', async () => {
  const made = await client.responses.create({ model: 'm', input: 'hello' });
  expect((await client.responses.retrieve(made.id)).output_text).toBe(made.output_text);
  await client.responses.delete(made.id);
  await expect(client.responses.retrieve(made.id)).rejects.toThrow(NotFoundError);
});

test('a schema value follows references, enums and bounds', () => {
  const schema = {
    $defs: { Colour: { enum: ['red', 'blue'] } },
    type: 'object',
    properties: {
      colour: { $ref: '#/$defs/Colour' },
      size: { type: 'integer', minimum: 3, maximum: 9 },
      tags: { type: 'array', items: { type: ['string', 'null'] }, minItems: 2 },
      kind: { const: 'box' },
      maybe: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
    },
  };
  expect(valueFor(schema)).toEqual({
    colour: 'red',
    size: 3,
    tags: ['text', 'text'],
    kind: 'box',
    maybe: true,
  });
});
