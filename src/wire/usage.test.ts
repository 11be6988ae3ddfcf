import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../lib/json.ts';
import {
  chatUsage,
  hasUsageMember,
  isUsageChunk,
  promptTokens,
  reportedUsage,
  responsesUsage,
  responsesUsageOf,
  usageIn,
} from './usage.ts';

describe('reportedUsage', () => {
  test.each(['transcribe', 'translate'])('reads the length of sound of a %s', (task) => {
    const body = { task, language: 'english', duration: 2.47, text: 'a', segments: [] };
    expect(reportedUsage(body)).toMatchObject({ details: { audioSeconds: 3 } });
    const usage = { type: 'duration', seconds: 9 };
    expect(reportedUsage({ ...body, usage })).toMatchObject({ details: { audioSeconds: 9 } });
    expect(reportedUsage({ duration: 2 })).toBeUndefined();
  });

  test('reads chat: cached and reasoning tokens are parts, not additions', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    expect(reportedUsage({ usage })).toEqual({
      inputTokens: 100,
      cachedInputTokens: 64,
      cacheWriteTokens: 0,
      outputTokens: 40,
      reasoningTokens: 30,
    });
  });

  test('reads responses, whole and in the last event of a stream', () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 17,
    };
    const expected = {
      inputTokens: 10,
      cachedInputTokens: 4,
      cacheWriteTokens: 0,
      outputTokens: 7,
      reasoningTokens: 2,
    };
    expect(reportedUsage({ object: 'response', usage })).toEqual(expected);
    expect(reportedUsage({ type: 'response.completed', response: { usage } })).toEqual(expected);
  });

  test('reads embeddings, which have no output', () => {
    expect(reportedUsage({ usage: { prompt_tokens: 8, total_tokens: 8 } })).toMatchObject({
      inputTokens: 8,
      outputTokens: undefined,
    });
  });

  const FIGURES = { prompt_tokens: 10, completion_tokens: 5 };
  const BOTH = { inputTokens: 10, outputTokens: 5 };
  const thought = { outputTokens: 30, reasoningTokens: 25 };
  test.each<[string, JsonObject, object]>([
    ['in a later choice', { choices: [{ index: 0 }, { usage: FIGURES }] }, BOTH],
    ['in the delta of a choice', { choices: [{ delta: { usage: FIGURES } }] }, BOTH],
    ['in the message of a choice', { choices: [{ message: { usage: FIGURES } }] }, BOTH],
    ['in `data`', { data: { usage: FIGURES } }, BOTH],
    [
      'of Gemini',
      {
        usageMetadata: {
          promptTokenCount: 10,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 25,
          cachedContentTokenCount: 4,
          totalTokenCount: 40,
        },
      },
      { ...thought, inputTokens: 10, cachedInputTokens: 4 },
    ],
    [
      'of Gemini, in its other spelling',
      {
        usage_metadata: {
          prompt_token_count: 10,
          candidates_token_count: 5,
          thoughts_token_count: 25,
          total_token_count: 40,
        },
      },
      { ...thought, inputTokens: 10 },
    ],
    [
      'of Bedrock, whose input leaves out the cache',
      { usage: { inputTokens: 7, outputTokens: 5, totalTokens: 15, cacheReadInputTokens: 3 } },
      { inputTokens: 10, cachedInputTokens: 3, outputTokens: 5 },
    ],
    [
      'of Cohere',
      {
        meta: {
          billed_units: { input_tokens: 9, output_tokens: 5 },
          tokens: { input_tokens: 10, output_tokens: 5 },
        },
      },
      BOTH,
    ],
    [
      'of Cohere, second version',
      { usage: { tokens: { input_tokens: 10, output_tokens: 5 } } },
      BOTH,
    ],
    ['of Ollama’s own API', { prompt_eval_count: 10, eval_count: 5 }, BOTH],
    ['of SambaNova', { usage: { prompt_tokens_count: 10, completion_tokens_count: 5 } }, BOTH],
    [
      'with its reasoning at the top',
      {
        usage: { prompt_tokens: 10, completion_tokens: 50, reasoning_tokens: 30, total_tokens: 60 },
      },
      { outputTokens: 50, reasoningTokens: 30 },
    ],
    [
      'with thinking tokens among its details',
      {
        usage: {
          ...FIGURES,
          total_tokens: 40,
          completion_tokens_details: { thinking_tokens: 25 },
        },
      },
      thought,
    ],
    [
      'of Qwen, which writes a cache',
      { usage: { ...FIGURES, prompt_tokens_details: { cache_creation_input_tokens: 3 } } },
      { inputTokens: 10, cacheWriteTokens: 3 },
    ],
    ['of embeddings by the total alone', { usage: { total_tokens: 10 } }, { inputTokens: 10 }],
    [
      'with its cost as `total_cost`',
      { usage: { ...FIGURES, total_cost: 0.2 } },
      { chargedUsd: 0.2 },
    ],
  ])('reads usage %s', (_where, body, expected) => {
    expect(reportedUsage(body)).toMatchObject(expected);
  });

  test('adds reasoning that xAI counts beside the completion', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 45,
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    expect(reportedUsage({ usage })).toMatchObject({ outputTokens: 35, reasoningTokens: 30 });
  });

  test('adds cached input that a translator counted beside the rest', () => {
    const usage = {
      prompt_tokens: 3,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 1_000 },
    };
    expect(reportedUsage({ usage })).toMatchObject({
      inputTokens: 1_003,
      cachedInputTokens: 1_000,
    });
  });

  test("reads DeepSeek's cache hits, Groq's own member and llama.cpp's timings", () => {
    const deepseek = { prompt_tokens: 9, completion_tokens: 1, prompt_cache_hit_tokens: 6 };
    expect(reportedUsage({ usage: deepseek })).toMatchObject({ cachedInputTokens: 6 });
    const groq = { x_groq: { usage: { prompt_tokens: 9, completion_tokens: 1 } } };
    expect(reportedUsage(groq)).toMatchObject({ inputTokens: 9, outputTokens: 1 });
    const timings = { cache_n: 20, prompt_n: 5, predicted_n: 8, predicted_ms: 12.5 };
    expect(reportedUsage({ timings })).toMatchObject({
      inputTokens: 25,
      cachedInputTokens: 20,
      outputTokens: 8,
    });
  });

  test('adds what Anthropic writes to and reads from its cache beside the input', () => {
    const usage = {
      input_tokens: 3,
      cache_creation_input_tokens: 12_304,
      cache_read_input_tokens: 0,
      output_tokens: 550,
    };
    expect(reportedUsage({ usage })).toMatchObject({
      inputTokens: 12_307,
      cachedInputTokens: 0,
      cacheWriteTokens: 12_304,
    });
  });

  test.each([{}, { usage: null }, { usage: 'many' }, { usage: [] }, { timings: {} }])(
    'says nothing where nothing is said: %j',
    (body) => expect(reportedUsage(body)).toBeUndefined(),
  );

  test('ignores negative, infinite or textual figures', () => {
    const usage = { prompt_tokens: -3, completion_tokens: '12' };
    expect(reportedUsage({ usage })).toMatchObject({
      inputTokens: undefined,
      outputTokens: undefined,
    });
  });
});

describe('a chat body', () => {
  const usage = { prompt_tokens: 3 };

  test.each([
    ['usage alone', { choices: [], usage }, { is: true, has: true, usage }],
    ['usage with a choice', { choices: [{}], usage }, { is: false, has: true, usage }],
    ['usage without choices', { usage }, { is: false, has: true, usage }],
    ['null', { choices: [], usage: null }, { is: false, has: true, usage: undefined }],
    ['none', { choices: [] }, { is: false, has: false, usage: undefined }],
  ])('%s', (_name, body, expected) => {
    const read = { is: isUsageChunk(body), has: hasUsageMember(body), usage: usageIn(body) };
    expect(read).toEqual(expected);
  });

  test('prompt tokens are those that are reported, 0 included', () => {
    expect(promptTokens({ usage })).toBe(3);
    expect(promptTokens({ usage: { prompt_tokens: 0 } })).toBe(0);
    expect(promptTokens({ usage: { prompt_tokens: '3' } })).toBeUndefined();
    expect(promptTokens({ usage: null })).toBeUndefined();
  });
});

describe('written', () => {
  const used = {
    inputTokens: 7,
    cachedInputTokens: 2,
    outputTokens: 5,
    reasoningTokens: 1,
    source: 'counted',
  } as const;

  test('for chat, for responses, and for responses from chat the figures are the same', () => {
    const read = { inputTokens: 7, cachedInputTokens: 2, outputTokens: 5, reasoningTokens: 1 };
    expect(reportedUsage({ usage: chatUsage(used) })).toEqual({ ...read, cacheWriteTokens: 0 });
    expect(responsesUsageOf(chatUsage(used))).toEqual(responsesUsage(used));
    expect(responsesUsage({ ...used, cacheWriteTokens: 4 })).toEqual({
      input_tokens: 7,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 4 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 12,
    });
  });

  test('for responses, a figure that is no whole number is 0, and a missing total is the sum', () => {
    expect(responsesUsageOf({ prompt_tokens: 7, completion_tokens: '5' })).toMatchObject({
      output_tokens: 0,
      total_tokens: 7,
    });
    expect(responsesUsageOf({ prompt_tokens: 7, total_tokens: 20 })).toMatchObject({
      total_tokens: 20,
    });
  });
});

test('sums alone are read as they are beside empty details', () => {
  const count = fc.oneof(fc.integer({ min: -1, max: 30_000_000 }), fc.constant(null));
  fc.assert(
    fc.property(count, count, count, (input, output, total) => {
      const sums = { prompt_tokens: input, completion_tokens: output, total_tokens: total };
      const beside = { ...sums, prompt_tokens_details: null };
      expect(reportedUsage({ usage: sums })).toEqual(reportedUsage({ usage: beside }));
    }),
  );
});
