/** OpenAI's SDK: tools, whole and streamed, and the helper that runs them. */
import OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

type Params = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>;

const toolNamed = (name: string): OpenAI.ChatCompletionFunctionTool => ({
  type: 'function',
  function: {
    name,
    description: `Does ${name}`,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
});
const TOOLS = [toolNamed('get_weather'), toolNamed('get_news')];
const ARGUMENTS = { city: 'text', days: 2 };

const params = (text: string, more: Partial<Params> = {}) => ({
  model: target.model,
  messages: [{ role: 'user' as const, content: text }],
  tools: TOOLS,
  ...more,
});

interface Case {
  readonly name: string;
  readonly text: string;
  readonly more?: Partial<Params>;
  readonly called: readonly string[];
  readonly finish: string;
}

const CASES: readonly Case[] = [
  { name: 'auto', text: 'use get_weather', called: ['get_weather'], finish: 'tool_calls' },
  { name: 'auto, none fits', text: 'hello', called: [], finish: 'stop' },
  {
    name: 'auto, two in parallel',
    text: 'use get_weather and get_news',
    called: ['get_weather', 'get_news'],
    finish: 'tool_calls',
  },
  {
    name: 'parallel_tool_calls false is carried',
    text: 'use get_weather',
    more: { parallel_tool_calls: false },
    called: ['get_weather'],
    finish: 'tool_calls',
  },
  {
    name: 'none',
    text: 'use get_weather',
    more: { tool_choice: 'none' },
    called: [],
    finish: 'stop',
  },
  {
    name: 'required',
    text: 'hello',
    more: { tool_choice: 'required' },
    called: ['get_weather'],
    finish: 'tool_calls',
  },
  {
    name: 'named',
    text: 'hello',
    more: { tool_choice: { type: 'function', function: { name: 'get_news' } } },
    called: ['get_news'],
    finish: 'stop',
  },
];

type Call = OpenAI.ChatCompletionMessageToolCall;

const namesOf = (calls: readonly Call[]) =>
  calls.map((call) => (call.type === 'function' ? call.function.name : call.type));

const argumentsOf = (call: Call): unknown =>
  call.type === 'function' ? JSON.parse(call.function.arguments) : undefined;

describe.each(CASES)('tool choice: $name', ({ text, more, called, finish }) => {
  test('whole', async () => {
    const { choices } = await client.chat.completions.create(params(text, more));
    const calls = choices[0]?.message.tool_calls ?? [];
    expect(namesOf(calls)).toEqual(called);
    for (const call of calls) expect(argumentsOf(call)).toEqual(ARGUMENTS);
    expect(choices[0]?.finish_reason).toBe(finish);
  });

  test('streamed', async () => {
    const stream = client.chat.completions.stream(params(text, more));
    const { choices } = await stream.finalChatCompletion();
    const calls = choices[0]?.message.tool_calls ?? [];
    expect(namesOf(calls)).toEqual(called);
    for (const call of calls) expect(argumentsOf(call)).toEqual(ARGUMENTS);
    expect(choices[0]?.finish_reason).toBe(finish);
  });
});

test('streamed calls: id and name once an index, arguments in pieces', async () => {
  const stream = await client.chat.completions.create({
    ...params('use get_weather and get_news'),
    stream: true,
  });
  const deltas: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall[] = [];
  for await (const { choices } of stream) deltas.push(...(choices[0]?.delta.tool_calls ?? []));
  expect(deltas.filter(({ id }) => id !== undefined).map(({ index }) => index)).toEqual([0, 1]);
  const of = (index: number) =>
    deltas.filter((delta) => delta.index === index).map((delta) => delta.function?.arguments ?? '');
  expect(JSON.parse(of(0).join(''))).toEqual(ARGUMENTS);
  expect(JSON.parse(of(1).join(''))).toEqual(ARGUMENTS);
  expect(of(0).length).toBeGreaterThan(2);
});

test.each<[string, string]>([
  ['empty', '{}'],
  ['nested', '{"a":{"b":[1,2,{"c":null}]}}'],
  ['with quotes and line ends', String.raw`{"s":"a \"quoted\" \\ back\nline"}`],
  ['in other scripts', '{"città":"東京 👍"}'],
  ['that are no JSON', '{"cut": '],
])('arguments %s come through unchanged, whole and streamed', async (_name, text) => {
  const marked = mark({ kind: 'answer', tools: [{ name: 'get_weather', arguments: text }] });
  const whole = await client.chat.completions.create(params(marked));
  expect(whole.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { arguments: text },
  });
  const stream = client.chat.completions.stream(params(marked));
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { arguments: text },
  });
});

test('the answer to a tool is understood', async () => {
  const first = await client.chat.completions.create(params('use get_weather'));
  const [message] = first.choices.map((choice) => choice.message);
  const [call] = message?.tool_calls ?? [];
  if (message === undefined || call === undefined) throw new Error('The tool was not called.');
  const second = await client.chat.completions.create({
    model: target.model,
    tools: TOOLS,
    messages: [
      { role: 'user', content: 'use get_weather' },
      message,
      { role: 'tool', tool_call_id: call.id, content: '21 degrees' },
    ],
  });
  expect(second.choices[0]?.finish_reason).toBe('stop');
  expect(second.choices[0]?.message.content).toMatch(/.+/);
});

test.each([false, true])(
  'runTools calls the function and ends with text (stream: %s)',
  async (stream) => {
    const seen: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model: target.model,
      messages: [{ role: 'user', content: 'use get_weather' }],
      stream: stream as true,
      tools: [
        zodFunction({
          name: 'get_weather',
          parameters: z.object({ city: z.string() }),
          function: (args) => {
            seen.push(args);
            return '21 degrees';
          },
        }),
      ],
    });
    expect(await runner.finalContent()).toMatch(/.+/);
    expect(seen).toEqual([{ city: 'text' }]);
  },
);

test('parse gives the arguments of a strict tool', async () => {
  const { choices } = await client.chat.completions.parse({
    model: target.model,
    messages: [{ role: 'user', content: 'use get_weather' }],
    tools: [zodFunction({ name: 'get_weather', parameters: z.object({ city: z.string() }) })],
  });
  expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { parsed_arguments: { city: 'text' } },
  });
});

test('the deprecated functions still work', async () => {
  const { choices } = await client.chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: 'use get_weather' }],
    functions: [{ name: 'get_weather', parameters: { type: 'object', properties: {} } }],
  });
  expect(choices[0]).toMatchObject({
    finish_reason: 'function_call',
    message: { function_call: { name: 'get_weather', arguments: '{}' } },
  });
});

test.runIf(seesUpstreams)('the tools reach the upstream as they were', async () => {
  await client.chat.completions.create(params('use get_weather', { tool_choice: 'auto' }));
  expect(target.arrived().at(-1)?.body['tools']).toEqual(TOOLS);
});
