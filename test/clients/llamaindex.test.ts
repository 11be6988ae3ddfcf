/** LlamaIndex's OpenAI classes. */
import { FunctionTool } from '@llamaindex/core/tools';
import { OpenAI, OpenAIEmbedding, OpenAIResponses } from '@llamaindex/openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, startTarget, type Target } from './support/target.ts';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const connection = () => ({ apiKey: target.apiKey, baseURL: target.url, maxRetries: 0 });
const user = (content: string) => [{ role: 'user' as const, content }];
const getWeather = FunctionTool.from(({ city }: { city: string }) => `21 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
});

/** What both classes share; their options differ, and no case here uses any. */
interface Kind {
  readonly name: string;
  readonly llm: () => Pick<OpenAI, 'chat'>;
}

const KINDS: readonly Kind[] = [
  { name: 'chat completions', llm: () => new OpenAI({ ...connection(), model: target.model }) },
  {
    name: 'responses',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    llm: () => new OpenAIResponses({ ...connection(), model: target.model }) as never,
  },
];

describe.each(KINDS)('$name', ({ llm }) => {
  test('chat gives the text', async () => {
    const { message } = await llm().chat({ messages: user('hello') });
    expect(JSON.stringify(message.content)).toContain('hello');
  });

  test('a system turn is carried', async () => {
    const messages = [{ role: 'system' as const, content: 'be brief' }, ...user('hello')];
    const { message } = await llm().chat({ messages });
    expect(JSON.stringify(message.content)).toContain('hello');
  });

  test('a streamed chat gives pieces that make the text', async () => {
    let text = '';
    let pieces = 0;
    for await (const { delta } of await llm().chat({
      messages: user('hello there'),
      stream: true,
    })) {
      text += delta;
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(1);
    expect(text).toContain('hello there');
  });

  test('a tool is called, whole', async () => {
    const { message } = await llm().chat({
      messages: user('use get_weather'),
      tools: [getWeather],
    });
    expect(JSON.stringify(message.options)).toContain('get_weather');
  });

  test('a tool is called, streamed', async () => {
    const stream = await llm().chat({
      messages: user('use get_weather'),
      tools: [getWeather],
      stream: true,
    });
    const options: unknown[] = [];
    for await (const piece of stream) options.push(piece.options);
    expect(JSON.stringify(options)).toContain('get_weather');
  });

  test.each([400, 429, 500])('an error %i is thrown', async (status) => {
    const asked = llm().chat({
      messages: user(mark({ kind: 'error', status, message: 'Told to fail.' })),
    });
    await expect(asked).rejects.toThrow('Told to fail.');
  });

  test.runIf(isGateway)('a stream that breaks throws', async () => {
    const marked = mark({ kind: 'broken', how: 'reset', after: 5 });
    const read = async () => {
      for await (const piece of await llm().chat({
        messages: user(`a few words ${marked}`),
        stream: true,
      }))
        expect(piece).toBeDefined();
    };
    await expect(read()).rejects.toThrow();
  });
});

test('complete gives the text, whole and streamed', async () => {
  const llm = new OpenAI({ ...connection(), model: target.model });
  expect((await llm.complete({ prompt: 'hello' })).text).toContain('hello');
  let text = '';
  for await (const piece of await llm.complete({ prompt: 'hello', stream: true }))
    text += piece.text;
  expect(text).toContain('hello');
});

test('a JSON answer is asked for and given', async () => {
  const llm = new OpenAI({
    ...connection(),
    model: target.model,
    additionalChatOptions: { response_format: { type: 'json_object' } },
  });
  const { message } = await llm.chat({ messages: user('json please') });
  const { content } = message;
  expect(typeof content === 'string' && JSON.parse(content)).toBeTypeOf('object');
});

test('embeddings of one text and of many agree', async () => {
  const embedder = new OpenAIEmbedding({ ...connection(), model: 'text-embedding-3-small' });
  const one = await embedder.getTextEmbedding('hello');
  const [first, second] = await embedder.getTextEmbeddings(['hello', 'other']);
  expect(first).toEqual(one);
  expect(second).not.toEqual(one);
});
