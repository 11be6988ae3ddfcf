/** The Vercel AI SDK, by its OpenAI provider (Responses and chat) and by the one for compatible servers. */
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  isStepCount,
  streamObject,
  streamText,
  tool,
  type LanguageModel,
} from 'ai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;

beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

const openai = () => createOpenAI({ baseURL: target.url, apiKey: target.apiKey });
const compatible = () =>
  createOpenAICompatible({
    name: 'gateway',
    baseURL: target.url,
    apiKey: target.apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });

const MODELS: readonly { readonly name: string; readonly model: () => LanguageModel }[] = [
  { name: 'openai(…), which is Responses', model: () => openai()(target.model) },
  { name: 'openai.chat(…)', model: () => openai().chat(target.model) },
  { name: 'compatible chat', model: () => compatible()(target.model) },
];

const Person = z.object({ name: z.string(), age: z.number().int() });
const weather = () => {
  const seen: unknown[] = [];
  const get_weather = tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: (input) => {
      seen.push(input);
      return '21 degrees';
    },
  });
  return { seen, tools: { get_weather } };
};

describe.each(MODELS)('$name', ({ model }) => {
  test('generateText gives the text, why it ended and the usage', async () => {
    const result = await generateText({ model: model(), prompt: 'hello' });
    expect(result.text).toContain('hello');
    expect(result.finishReason).toBe('stop');
    expect(result.usage.totalTokens).toBeGreaterThan(0);
  });

  test('instructions and earlier turns are carried', async () => {
    const result = await generateText({
      model: model(),
      instructions: 'be brief',
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'yes?' },
        { role: 'user', content: [{ type: 'text', text: 'hello' }] },
      ],
    });
    expect(result.text).toContain('hello');
  });

  test('streamText gives the text in pieces, and the usage', async () => {
    const result = streamText({ model: model(), prompt: 'hello' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toContain('hello');
    expect((await result.usage).totalTokens).toBeGreaterThan(0);
    expect(await result.finishReason).toBe('stop');
  });

  test('a tool is run and the answer comes after it', async () => {
    const { seen, tools } = weather();
    const result = await generateText({
      model: model(),
      prompt: 'use get_weather',
      tools,
      stopWhen: isStepCount(3),
    });
    expect(seen).toEqual([{ city: 'text' }]);
    expect(result.steps).toHaveLength(2);
    expect(result.text).toMatch(/.+/);
  });

  test('a tool is run from a stream', async () => {
    const { seen, tools } = weather();
    const result = streamText({
      model: model(),
      prompt: 'use get_weather',
      tools,
      stopWhen: isStepCount(3),
    });
    expect(await result.text).toMatch(/.+/);
    expect(seen).toEqual([{ city: 'text' }]);
  });

  test('tool choice none calls nothing', async () => {
    const { seen, tools } = weather();
    await generateText({ model: model(), prompt: 'use get_weather', tools, toolChoice: 'none' });
    expect(seen).toEqual([]);
  });

  test('tool choice required calls one', async () => {
    const { seen, tools } = weather();
    await generateText({ model: model(), prompt: 'hello', tools, toolChoice: 'required' });
    expect(seen).toHaveLength(1);
  });

  test('generateObject gives a value of the schema', async () => {
    const { object } = await generateObject({ model: model(), schema: Person, prompt: 'who?' });
    expect(Person.parse(object)).toEqual(object);
  });

  test('streamObject gives it in the end', async () => {
    const result = streamObject({ model: model(), schema: Person, prompt: 'who?' });
    let last: unknown;
    for await (const partial of result.partialObjectStream) last = partial;
    expect(Person.parse(last)).toEqual(await result.object);
  });

  test.each([400, 401, 404, 429, 500])(
    'an error %i is an APICallError with its status',
    async (status) => {
      const asked = generateText({
        model: model(),
        prompt: mark({ kind: 'error', status, message: 'Told to fail.' }),
        maxRetries: 0,
      });
      const error: unknown = await asked.catch((reason: unknown) => reason);
      if (!APICallError.isInstance(error)) throw new Error('No APICallError.', { cause: error });
      expect(Math.floor((error.statusCode ?? 0) / 100)).toBe(Math.floor(status / 100));
      expect(error.message).toContain('Told to fail.');
      expect(error.isRetryable).toBe(status === 429 || status >= 500);
    },
  );

  test.runIf(isGateway)('a stream that breaks is an error, never a finish', async () => {
    const marked = mark({ kind: 'broken', how: 'reset', after: 5 });
    const errors: unknown[] = [];
    const result = streamText({
      model: model(),
      prompt: `several words to stream ${marked}`,
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    const reasons: string[] = [];
    for await (const part of result.fullStream)
      if (part.type === 'finish') reasons.push(part.finishReason);
    expect(errors.length).toBeGreaterThan(0);
    expect(reasons).not.toContain('stop');
  });

  test.runIf(seesUpstreams)('leaving a stream stops the upstream', async () => {
    const leave = new AbortController();
    const text = 'word '.repeat(500);
    const prompt = `leaving ${mark({ kind: 'answer', text, chunkDelayMs: 50 })}`;
    const before = target.arrived().length;
    const result = streamText({
      model: model(),
      prompt,
      abortSignal: leave.signal,
      onError: () => undefined,
    });
    for await (const piece of result.textStream) if (piece !== '') leave.abort();
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

describe('embeddings', () => {
  test('one value', async () => {
    const model = openai().embedding('text-embedding-3-small');
    const { embedding, usage } = await embed({ model, value: 'hello' });
    expect(embedding).toHaveLength(8);
    expect(usage.tokens).toBeGreaterThan(0);
  });

  test('many values, in order', async () => {
    const model = compatible().embeddingModel('text-embedding-3-small');
    const { embeddings } = await embedMany({ model, values: ['a', 'b', 'a'] });
    expect(embeddings[0]).toEqual(embeddings[2]);
    expect(embeddings[0]).not.toEqual(embeddings[1]);
  });
});

test('text completions', async () => {
  const { text } = await generateText({
    model: openai().completion(target.model),
    prompt: 'hello',
  });
  expect(text).toContain('answers');
});
