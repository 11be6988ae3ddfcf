/** OpenAI's SDK: the Responses API, with upstreams that have it and with upstreams that have not. */
import OpenAI from 'openai';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, startTarget, type Target } from './support/target.ts';

const Person = z.object({ name: z.string(), age: z.number().int() });
const TEXT_EVENTS = [
  'response.created',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.content_part.done',
  'response.output_item.done',
  'response.completed',
];

interface Kind {
  readonly name: string;
  readonly without: readonly string[];
}
const KINDS: readonly Kind[] = [
  { name: 'passed on', without: [] },
  ...(isGateway ? [{ name: 'translated to chat', without: ['/responses'] }] : []),
];

describe.each(KINDS)('responses, $name', ({ without }) => {
  let target: Target;
  let client: OpenAI;

  beforeAll(async () => {
    target = await startTarget({ without });
    client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
  });
  afterAll(() => target.close());

  const create = (input: OpenAI.Responses.ResponseCreateParamsNonStreaming['input'], more = {}) =>
    client.responses.create({ model: target.model, input, ...more });

  test('a text comes back with every required member', async () => {
    const response = await create('hello');
    expect(response.output_text).toContain('hello');
    expect(response).toMatchObject({ object: 'response', status: 'completed', error: null });
    for (const member of [
      'id',
      'created_at',
      'incomplete_details',
      'instructions',
      'model',
      'tools',
      'parallel_tool_calls',
      'metadata',
      'tool_choice',
      'temperature',
      'top_p',
    ])
      expect(response, member).toHaveProperty(member);
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('the request id is there', async () => {
    const { request_id } = await create('hello').withResponse();
    expect(request_id).toMatch(/.+/);
  });

  test.each<[string, OpenAI.Responses.ResponseCreateParamsNonStreaming['input']]>([
    ['a string', 'hello'],
    ['messages', [{ role: 'user', content: 'hello' }]],
    [
      'typed messages',
      [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] }],
    ],
    [
      'a developer turn first',
      [
        { role: 'developer', content: 'brief' },
        { role: 'user', content: 'hello' },
      ],
    ],
    [
      'an assistant turn',
      [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: 'hello' },
      ],
    ],
  ])('input as %s is answered', async (_name, input) => {
    expect((await create(input)).output_text).toContain('hello');
  });

  test.each<[string, object]>([
    ['instructions', { instructions: 'be brief' }],
    ['a limit of output', { max_output_tokens: 64 }],
    ['temperature and top_p', { temperature: 0.2, top_p: 0.9 }],
    ['metadata', { metadata: { a: 'b' } }],
    ['empty include and tools', { include: [], tools: [] }],
    ['nulls', { instructions: null, temperature: null, previous_response_id: null }],
  ])('a request with %s is answered', async (_name, more) => {
    expect((await create('hello', more)).output_text).toContain('hello');
  });

  test('the events of a streamed text come in order, numbered', async () => {
    const stream = await client.responses.create({
      model: target.model,
      input: 'hello',
      stream: true,
    });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const types = events.map(({ type }) => type);
    expect([...new Set(types)]).toEqual(TEXT_EVENTS);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(
      events.map((_, index) => index),
    );
  });

  test('the stream helper gathers the text', async () => {
    const stream = client.responses.stream({ model: target.model, input: 'hello' });
    const final = await stream.finalResponse();
    expect(final.output_text).toContain('hello');
    expect(final.usage?.output_tokens).toBeGreaterThan(0);
  });

  test('the wire of a stream has named events and no [DONE]', async () => {
    const response = await fetch(`${target.url}/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${target.apiKey}` },
      body: JSON.stringify({ model: target.model, input: 'hello', stream: true }),
    });
    const text = await response.text();
    expect(text).toMatch(/^event: response\.created\ndata: /);
    expect(text).not.toContain('[DONE]');
  });

  test('parse gives a value of the schema', async () => {
    const response = await client.responses.parse({
      model: target.model,
      input: 'who?',
      text: { format: zodTextFormat(Person, 'person') },
    });
    expect(Person.parse(response.output_parsed)).toBeTruthy();
  });

  const tool = zodResponsesFunction({
    name: 'get_weather',
    parameters: z.object({ city: z.string() }),
  });

  test('a tool is called, whole', async () => {
    const { output } = await create('use get_weather', { tools: [tool] });
    expect(output.find(({ type }) => type === 'function_call')).toMatchObject({
      name: 'get_weather',
      arguments: '{"city":"text"}',
      call_id: expect.stringMatching(/.+/),
    });
  });

  test('a tool is called, streamed', async () => {
    const stream = client.responses.stream({
      model: target.model,
      input: 'use get_weather',
      tools: [tool],
    });
    const types = new Set<string>();
    for await (const { type } of stream) types.add(type);
    expect(types).toContain('response.function_call_arguments.delta');
    expect(types).toContain('response.function_call_arguments.done');
    const { output } = await stream.finalResponse();
    expect(output.find(({ type }) => type === 'function_call')).toMatchObject({
      arguments: '{"city":"text"}',
    });
  });

  test('the answer to a tool is understood', async () => {
    const first = await create('use get_weather', { tools: [tool] });
    const call = first.output.find((item) => item.type === 'function_call');
    if (call === undefined) throw new Error('The tool was not called.');
    const second = await create(
      [
        { role: 'user', content: 'use get_weather' },
        call,
        { type: 'function_call_output', call_id: call.call_id, output: '21 degrees' },
      ],
      { tools: [tool] },
    );
    expect(second.output_text).toMatch(/.+/);
  });

  test('a refusal comes back as one', async () => {
    const { output } = await create(mark({ kind: 'answer', refusal: 'I cannot.' }));
    expect(JSON.stringify(output)).toContain('"refusal":"I cannot."');
  });

  describe('state', () => {
    test('a conversation goes on by previous_response_id', async () => {
      const first = await create('my name is Ann');
      const second = await create('who am I?', { previous_response_id: first.id });
      expect(second.previous_response_id).toBe(first.id);
      expect(second.output_text).toContain('who am I?');
    });

    test('a response is retrieved', async () => {
      const made = await create('hello');
      const found = await client.responses.retrieve(made.id);
      expect(found).toMatchObject({ id: made.id, output: made.output });
    });

    test('its input items are listed', async () => {
      const made = await create('hello');
      const items = await client.responses.inputItems.list(made.id);
      expect(JSON.stringify(items.data)).toContain('hello');
    });

    test('a deleted response is gone', async () => {
      const made = await create('hello');
      await client.responses.delete(made.id);
      await expect(client.responses.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    });

    test('an unknown response is 404', async () => {
      await expect(client.responses.retrieve('resp_nobody')).rejects.toThrow(OpenAI.NotFoundError);
    });

    test('store false leaves nothing to retrieve', async () => {
      const made = await create('hello', { store: false });
      await expect(client.responses.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
    });
  });

  test.each([400, 429])('an error %i is its own class', async (status) => {
    await expect(create(mark({ kind: 'error', status }))).rejects.toMatchObject({ status });
  });

  test.runIf(isGateway).each(['reset', 'end', 'half-event'] as const)(
    'a stream that breaks (%s) is never completed',
    async (how) => {
      const stream = await client.responses.create({
        model: target.model,
        input: `tell me more than a little ${mark({ kind: 'broken', how, after: 4 })}`,
        stream: true,
      });
      const types: string[] = [];
      const read = async () => {
        for await (const { type } of stream) types.push(type);
      };
      const failed = await read().then(
        () => false,
        () => true,
      );
      expect(types).not.toContain('response.completed');
      expect(failed || types.includes('error') || types.includes('response.failed')).toBe(true);
    },
  );
});
