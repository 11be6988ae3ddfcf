/** OpenAI's and Anthropic's SDKs through the gateway to llama.cpp's own server, with SmolLM2 (135 M parameters). */
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { isObject } from '../../../src/lib/json.ts';
import { pythonEnvironment } from '../support/python-environment.ts';
import { startRealTarget, type RealTarget } from './server.ts';

const environment = await pythonEnvironment(
  join(import.meta.dirname, 'requirements.txt'),
  join(import.meta.dirname, '.venv'),
);
if (environment.missing !== undefined)
  process.stderr.write(`\n*** SKIPPED: llama.cpp's server: ${environment.missing}. ***\n\n`);

test.runIf(process.env['CI'] !== undefined)('the server can be started here', () => {
  expect(environment.missing).toBeUndefined();
});

/** The same request has the same answer. */
const FIXED = { temperature: 0, seed: 1 };
const WINDOW_TOKENS = 2048;
const ask = (content: string) => [{ role: 'user' as const, content }];

describe.runIf(environment.missing === undefined)("llama.cpp's own server", () => {
  let target: RealTarget;
  let openai: OpenAI;
  let anthropic: Anthropic;

  beforeAll(async () => {
    target = await startRealTarget(environment.python ?? '');
    openai = new OpenAI({ baseURL: target.url, apiKey: 'none', maxRetries: 0 });
    const baseURL = target.url.replace(/\/v1$/, '');
    anthropic = new Anthropic({ baseURL, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => target.close());
  afterEach(() => target.cloud.clear());

  const chat = (content: string, more: object = {}) =>
    openai.chat.completions.create({
      model: 'small',
      messages: ask(content),
      max_tokens: 12,
      ...FIXED,
      ...more,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming);

  /** The gateway itself asks the cloud for its models from time to time. */
  const stayedHere = (): void =>
    expect(target.cloud.requests.filter(({ method }) => method === 'POST')).toEqual([]);

  test('a chat is answered, and its usage adds up', async () => {
    const { choices, usage, model } = await chat('What is the capital of France?');
    expect(choices[0]?.message.content).toMatch(/.+/);
    expect(model).toBe('smollm2');
    expect(usage?.completion_tokens).toBeLessThanOrEqual(12);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    stayedHere();
  });

  test('`auto` sends an easy request here', async () => {
    const { response } = await openai.chat.completions
      .create({ model: 'auto', messages: ask('Hello!'), max_tokens: 4 })
      .withResponse();
    expect(response.headers.get('x-smallfirst-upstream')).toBe('local');
    stayedHere();
  });

  test('a stream is the whole answer in pieces, with its usage', async () => {
    const whole = await chat('Name three colours.');
    const stream = openai.chat.completions.stream({
      model: 'small',
      messages: ask('Name three colours.'),
      max_tokens: 12,
      ...FIXED,
      stream_options: { include_usage: true },
    });
    let pieces = 0;
    stream.on('content', () => (pieces += 1));
    const { choices, usage } = await stream.finalChatCompletion();
    expect(pieces).toBeGreaterThan(2);
    expect(choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
    expect(usage?.total_tokens).toBe(whole.usage?.total_tokens);
  });

  test('`n` answers are as many choices', async () => {
    const { choices } = await chat('Say a word.', { n: 2, temperature: 1 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1]);
    stayedHere();
  });

  test('a stop sequence ends the answer and is not in it', async () => {
    const more = { max_tokens: 40 };
    const whole = (await chat('Count: one two three four', more)).choices[0]?.message.content ?? '';
    const stop = whole.split(' ')[2] ?? '';
    expect(stop).not.toBe('');
    const { choices } = await chat('Count: one two three four', { ...more, stop });
    expect(choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(choices[0]?.finish_reason).toBe('stop');
  });

  test('a limit of tokens ends the answer by `length`', async () => {
    const { choices, usage } = await chat('Tell me a long story.', { max_tokens: 3 });
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBe(3);
  });

  test('a JSON schema is followed', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 12 }, isLarge: { type: 'boolean' } },
      required: ['city', 'isLarge'],
      additionalProperties: false,
    };
    const { choices } = await chat('Paris is large. City and size?', {
      max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } },
    });
    const value: unknown = JSON.parse(choices[0]?.message.content ?? '');
    expect(value).toEqual({
      city: expect.any(String) as string,
      isLarge: expect.any(Boolean) as boolean,
    });
    stayedHere();
  });

  test('tools go where they are read: the template of this model leaves them out', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }];
    await expect(chat('use get_weather', { tools })).rejects.toThrow(/local: .*tools/);
    stayedHere();
    const { choices } = await chat('use get_weather', { tools, model: 'auto' });
    expect(choices[0]?.message.tool_calls).toHaveLength(1);
    expect(target.cloud.requests.some(({ method }) => method === 'POST')).toBe(true);
  });

  test('log probabilities of a request pinned to `small` come from here', async () => {
    const { choices } = await chat('Say yes.', { logprobs: true, top_logprobs: 2 });
    const [first] = choices[0]?.logprobs?.content ?? [];
    expect(first?.logprob).toBeLessThanOrEqual(0);
    expect(first?.top_logprobs).toHaveLength(2);
    stayedHere();
  });

  test('log probabilities come in a stream', async () => {
    const stream = await openai.chat.completions.create({
      model: 'small',
      messages: ask('Say yes.'),
      max_tokens: 3,
      ...FIXED,
      logprobs: true,
      stream: true,
    });
    let tokens = 0;
    for await (const { choices } of stream) tokens += choices[0]?.logprobs?.content?.length ?? 0;
    expect(tokens).toBeGreaterThan(1);
  });

  test('a prompt beyond the window is refused here, and goes to the cloud by `auto`', async () => {
    const long = 'The quick brown fox jumps over the lazy dog. '.repeat(WINDOW_TOKENS / 8);
    const refused: unknown = await chat(long).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.APIError);
    expect(String(refused)).toContain(String(WINDOW_TOKENS));
    stayedHere();
    const { response } = await openai.chat.completions
      .create({ model: 'auto', messages: ask(long) })
      .withResponse();
    expect(response.headers.get('x-smallfirst-upstream')).toBe('cloud');
  });

  const slots = async (): Promise<readonly boolean[]> => {
    const list: unknown = await (await fetch(`${target.serverUrl}/slots`)).json();
    if (!Array.isArray(list)) throw new Error('The server lists no slots.');
    return list.filter((slot) => isObject(slot)).map((slot) => slot['is_processing'] === true);
  };

  // Of a whole answer this server looks for a closed connection only every ten seconds (measured without the gateway).
  test('a caller who leaves a stream frees the slot', async () => {
    const stream = await openai.chat.completions.create({
      model: 'small',
      messages: ask('Tell me a very long story.'),
      max_tokens: 1500,
      stream: true,
      // The token that ends an answer.
      logit_bias: { 2: -100 },
    });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    await vi.waitFor(async () => expect(await slots()).toEqual([false, false]), {
      timeout: 30_000,
      interval: 20,
    });
  });

  test('text completions are answered', async () => {
    const { choices } = await openai.completions.create({
      model: 'small',
      prompt: 'One, two, three,',
      max_tokens: 4,
      ...FIXED,
    });
    expect(choices[0]?.text).toMatch(/.+/);
    stayedHere();
  });

  describe('embeddings', () => {
    const embed = (input: string | string[] | number[], model = 'auto') =>
      openai.embeddings.create({ model, input });

    test('come from here, and the same text has the same vector', async () => {
      const [one, other] = (await embed(['A cat sat.', 'Stock prices fell.'])).data;
      const [again] = (await embed('A cat sat.', 'small')).data;
      expect(one?.embedding).toHaveLength(576);
      expect(cosine(one?.embedding, again?.embedding)).toBeCloseTo(1, 3);
      expect(cosine(one?.embedding, other?.embedding)).toBeLessThan(0.99);
      stayedHere();
    });

    test('token arrays are taken', async () => {
      expect((await embed([1, 2, 3])).data[0]?.embedding).toHaveLength(576);
      stayedHere();
    });
  });

  test('`/v1/responses` goes on by previous_response_id', async () => {
    const asked = { model: 'small', max_output_tokens: 12, temperature: 0 };
    const first = await openai.responses.create({ ...asked, input: 'My name is Ann.' });
    const second = await openai.responses.create({
      ...asked,
      input: 'What is my name?',
      previous_response_id: first.id,
    });
    expect(second.output_text).toMatch(/.+/);
    // The first turn is read again.
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    stayedHere();
  });

  describe("Anthropic's SDK", () => {
    const message = (more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => ({
      model: 'small',
      max_tokens: 12,
      messages: ask('What is the capital of France?'),
      ...more,
    });

    test('whole, with usage and tokens counted', async () => {
      const answer = await anthropic.messages.create(message());
      expect(answer.content[0]).toMatchObject({ type: 'text', text: expect.any(String) as string });
      expect(answer.usage.output_tokens).toBeGreaterThan(0);
      const counted = await anthropic.messages.countTokens({
        model: 'small',
        messages: ask('What is the capital of France?'),
      });
      expect(counted.input_tokens).toBeGreaterThan(4);
      stayedHere();
    });

    test('streamed', async () => {
      const final = await anthropic.messages.stream(message({ max_tokens: 3 })).finalMessage();
      expect(final.stop_reason).toBe('max_tokens');
      expect(final.usage.output_tokens).toBe(3);
    });
  });
});

function cosine(one: readonly number[] = [], other: readonly number[] = []): number {
  const dot = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}
