/** LangChain's OpenAI classes, by chat completions and by the Responses API. */
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const connection = () => ({
  apiKey: target.apiKey,
  configuration: { baseURL: target.url },
  maxRetries: 0,
});

const Person = z.object({ name: z.string(), age: z.number().int() });
const getWeather = tool(({ city }) => `21 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});

describe.each([
  { name: 'chat completions', useResponsesApi: false },
  { name: 'responses', useResponsesApi: true },
])('$name', ({ useResponsesApi }) => {
  const chat = (more: object = {}) =>
    new ChatOpenAI({ ...connection(), model: target.model, useResponsesApi, ...more });

  test('invoke gives the text and the usage', async () => {
    const message = await chat().invoke('hello');
    expect(message.text).toContain('hello');
    expect(message.usage_metadata?.total_tokens).toBeGreaterThan(0);
  });

  test('turns of every role are carried', async () => {
    const message = await chat().invoke([
      new SystemMessage('be brief'),
      new HumanMessage('hi'),
      new AIMessage('yes?'),
      new HumanMessage('hello'),
    ]);
    expect(message.text).toContain('hello');
  });

  test('stream gives pieces that make the text', async () => {
    let pieces = 0;
    let text = '';
    for await (const piece of await chat().stream('hello there')) {
      pieces += 1;
      text += piece.text;
    }
    expect(pieces).toBeGreaterThan(2);
    expect(text).toContain('hello there');
  });

  test('a chain of prompt, model and parser works', async () => {
    const chain = ChatPromptTemplate.fromTemplate('say {word}')
      .pipe(chat())
      .pipe(new StringOutputParser());
    expect(await chain.invoke({ word: 'hello' })).toContain('say hello');
  });

  test('batch answers each', async () => {
    const answers = await chat().batch(['one', 'two', 'three']);
    expect(answers.map(({ text }) => text.split(' ').at(-1))).toEqual(['one', 'two', 'three']);
  });

  test('bindTools gives the call, and its answer is understood', async () => {
    const bound = chat().bindTools([getWeather]);
    const first = await bound.invoke('use get_weather');
    const [call] = first.tool_calls ?? [];
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'text' } });
    const answer = new ToolMessage({ tool_call_id: call?.id ?? '', content: '21 degrees' });
    const second = await bound.invoke([new HumanMessage('use get_weather'), first, answer]);
    expect(second.text).toMatch(/.+/);
    expect(second.tool_calls).toEqual([]);
  });

  test('bindTools gives the call from a stream', async () => {
    const bound = chat().bindTools([getWeather]);
    let whole: Awaited<ReturnType<typeof bound.invoke>> | undefined;
    for await (const piece of await bound.stream('use get_weather'))
      whole = whole === undefined ? piece : whole.concat(piece);
    expect(whole?.tool_calls?.[0]).toMatchObject({ name: 'get_weather', args: { city: 'text' } });
  });

  test.each(['jsonSchema', 'functionCalling'] as const)(
    'withStructuredOutput by %s gives a value',
    async (method) => {
      const person = await chat()
        .withStructuredOutput(Person, { method, name: 'person' })
        .invoke('who?');
      expect(Person.parse(person)).toEqual(person);
    },
  );

  test('an error carries its status', async () => {
    await expect(chat().invoke(mark({ kind: 'error', status: 422 }))).rejects.toMatchObject({
      status: 422,
    });
  });

  test.runIf(isGateway)('a stream that breaks throws', async () => {
    const read = async () => {
      for await (const piece of await chat().stream(
        `a few words ${mark({ kind: 'broken', how: 'reset', after: 5 })}`,
      ))
        expect(piece).toBeDefined();
    };
    await expect(read()).rejects.toThrow();
  });

  test.runIf(seesUpstreams)('leaving a stream stops the upstream', async () => {
    const before = target.arrived().length;
    const prompt = mark({ kind: 'answer', text: 'word '.repeat(500), chunkDelayMs: 50 });
    for await (const piece of await chat().stream(prompt)) if (piece.text !== '') break;
    await vi.waitFor(
      () => {
        const asked = target.arrived().slice(before);
        expect(asked.length).toBeGreaterThan(0);
        expect(asked.every(({ aborted }) => aborted)).toBe(true);
      },
      { timeout: 120_000, interval: 10 },
    );
  });
});

test('usage of a streamed chat is added up', async () => {
  const model = new ChatOpenAI({ ...connection(), model: target.model, streamUsage: true });
  let tokens = 0;
  for await (const piece of await model.stream('hello'))
    tokens += piece.usage_metadata?.total_tokens ?? 0;
  expect(tokens).toBeGreaterThan(0);
});

test('logprobs come back', async () => {
  const model = new ChatOpenAI({
    ...connection(),
    model: target.model,
    logprobs: true,
    topLogprobs: 1,
  });
  const { response_metadata } = await model.invoke('hello');
  expect(JSON.stringify(response_metadata)).toContain('top_logprobs');
});

test('the old completion class works, whole and streamed', async () => {
  const model = new OpenAI({ ...connection(), model: 'gpt-3.5-turbo-instruct' });
  expect(await model.invoke('hello')).toMatch(/.+/);
  let text = '';
  for await (const piece of await model.stream('hello')) text += piece;
  expect(text).toMatch(/.+/);
});

test('embeddings of a query and of documents agree', async () => {
  const embeddings = new OpenAIEmbeddings({ ...connection(), model: 'text-embedding-3-small' });
  const query = await embeddings.embedQuery('hello');
  expect(await embeddings.embedDocuments(['hello', 'other'])).toEqual([query, expect.any(Array)]);
});

test('its own retries end in an answer', async () => {
  const model = new ChatOpenAI({ ...connection(), model: target.model, maxRetries: 2 });
  const prompt = mark({ kind: 'error', status: 500, times: 1 });
  expect((await model.invoke(`again ${prompt}`)).text).toContain('again');
});
