/** What providers say of their bills beyond sums of tokens, each in its own shape. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../lib/json.ts';
import { reportedUsage, servedTier } from './usage.ts';

const of = (usage: JsonObject, body: JsonObject = {}) => reportedUsage({ ...body, usage });

describe('sums', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'thinking that only the total has (Gemini)',
      { prompt_tokens: 31, completion_tokens: 9, total_tokens: 240 },
      { inputTokens: 31, outputTokens: 209, reasoningTokens: 200 },
    ],
    [
      'cached tokens at the top level (Moonshot)',
      { prompt_tokens: 700, completion_tokens: 5, total_tokens: 705, cached_tokens: 512 },
      { inputTokens: 700, cachedInputTokens: 512, outputTokens: 5 },
    ],
    [
      'a cache that is smaller than the input and no part of it (Anthropic)',
      { input_tokens: 500, cache_read_input_tokens: 300, output_tokens: 7 },
      { inputTokens: 800, cachedInputTokens: 300 },
    ],
    [
      'a cache beside the prompt, as the total says',
      { prompt_tokens: 500, cache_read_input_tokens: 300, completion_tokens: 7, total_tokens: 807 },
      { inputTokens: 800, cachedInputTokens: 300, outputTokens: 7, reasoningTokens: 0 },
    ],
    [
      'a cache within the prompt (LiteLLM)',
      { prompt_tokens: 500, cache_read_input_tokens: 300, completion_tokens: 7, total_tokens: 507 },
      { inputTokens: 500, cachedInputTokens: 300, outputTokens: 7 },
    ],
  ])('%s', (_name, usage, expected) => {
    expect(of(usage)).toMatchObject(expected);
  });

  test('inside the choice (Moonshot)', () => {
    const usage = { prompt_tokens: 40, completion_tokens: 2, total_tokens: 42 };
    expect(reportedUsage({ choices: [{ index: 0, delta: {}, usage }] })).toMatchObject({
      inputTokens: 40,
      outputTokens: 2,
    });
  });
});

describe('what is not charged as text', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'sound in a chat',
      {
        prompt_tokens: 90,
        completion_tokens: 80,
        prompt_tokens_details: { audio_tokens: 60, cached_tokens: 0 },
        completion_tokens_details: { audio_tokens: 50 },
      },
      { inputAudioTokens: 60, outputAudioTokens: 50 },
    ],
    [
      'pictures in a request for one',
      { input_tokens: 50, output_tokens: 4_000, input_tokens_details: { image_tokens: 40 } },
      { inputImageTokens: 40 },
    ],
    [
      'a transcription by tokens',
      { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 } },
      { inputAudioTokens: 14 },
    ],
    ['a transcription by length', { type: 'duration', seconds: 90 }, { audioSeconds: 90 }],
    [
      'a cache of an hour (Anthropic)',
      { input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 900 } },
      { cacheWrite1hTokens: 900 },
    ],
    [
      'searches (Anthropic)',
      { input_tokens: 1, server_tool_use: { web_search_requests: 3 } },
      { webSearches: 3 },
    ],
    ['searches (Perplexity)', { prompt_tokens: 1, num_search_queries: 2 }, { webSearches: 2 }],
  ])('%s', (_name, usage, expected) => {
    expect(of(usage)?.details).toEqual(expected);
  });

  test("searches are counted in the output of OpenAI's responses", () => {
    const output = [{ type: 'web_search_call' }, { type: 'message' }, { type: 'web_search_call' }];
    const usage = { input_tokens: 1, output_tokens: 1 };
    const completed = { type: 'response.completed', response: { output, usage } };
    expect(reportedUsage(completed)?.details).toEqual({ webSearches: 2 });
    expect(of(usage, { output })?.details).toEqual({ webSearches: 2 });
  });

  test('zeros are no details', () => {
    expect(of({ prompt_tokens: 5, prompt_tokens_details: { audio_tokens: 0 } })).not.toHaveProperty(
      'details',
    );
  });
});

describe('the bill', () => {
  test.each<[string, JsonObject, number | undefined]>([
    ['of a router', { cost: 0.0042 }, 0.0042],
    ['of a free model', { cost: 0 }, 0],
    [
      "of the caller's own account behind a router",
      { cost: 0.0001, is_byok: true, cost_details: { upstream_inference_cost: 0.02 } },
      0.0201,
    ],
    ['that is a router’s fee alone', { cost: 0, is_byok: true }, undefined],
    ['in parts (Perplexity)', { cost: { request_cost: 0.005, total_cost: 0.0061 } }, 0.0061],
    ['estimated by the host (DeepInfra)', { estimated_cost: 0.0000123 }, 0.0000123],
    ['in ticks (xAI)', { cost_in_usd_ticks: 37_756_000 }, 0.0037756],
    ['that is negative', { cost: -1 }, undefined],
    ['that nobody could pay', { cost: 1e15 }, undefined],
    ['that is no number', { cost: '0.1' }, undefined],
  ])('%s', (_name, usage, usd) => {
    const said = of({ prompt_tokens: 1, completion_tokens: 1, ...usage })?.chargedUsd;
    if (usd === undefined) expect(said).toBeUndefined();
    else expect(said).toBeCloseTo(usd, 12);
  });
});

describe('what cannot be true', () => {
  test.each<[string, JsonObject]>([
    ['a negative count', { prompt_tokens: -5, completion_tokens: 3 }],
    ['a count beyond any window', { prompt_tokens: 1e15, completion_tokens: 3 }],
    ['an infinite one', { prompt_tokens: Infinity, completion_tokens: 3 }],
    ['a text', { prompt_tokens: 'NaN', completion_tokens: 3 }],
    ['a detail', { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 1e15 } }],
    ['a cost', { prompt_tokens: 9, cost: -2 }],
  ])('%s is left out, and marked', (_name, usage) => {
    const said = of(usage);
    expect(said).toMatchObject({ isImplausible: true });
    expect(said?.inputTokens ?? 0).toBeLessThan(10);
    expect(said?.cachedInputTokens).toBe(0);
  });

  test('nothing else is marked', () => {
    expect(of({ prompt_tokens: 9, completion_tokens: 0, cost: null })).not.toHaveProperty(
      'isImplausible',
    );
  });
});

test.each<[string, JsonObject, string | undefined]>([
  ['of a chat', { service_tier: 'priority' }, 'priority'],
  ['of a response', { response: { service_tier: 'flex' } }, 'flex'],
  ['of Anthropic', { usage: { service_tier: 'batch' } }, 'batch'],
  ['not said', { service_tier: null }, undefined],
])('the tier that served: %s', (_name, body, tier) => {
  expect(servedTier(body)).toBe(tier);
});
