import { expect, test } from 'vitest';
import fc from 'fast-check';
import type { Usage, UsageDetails } from '../core/record.ts';
import { createPricing, PRICE_LIST } from './prices.ts';
import { costOf as costBy } from './rates.ts';

const atMs = Date.UTC(2026, 10, 1, 12);
const pricing = createPricing();
const costOf = (model: string, change: Partial<Usage>, serviceTier = 'default') =>
  pricing.cost(
    {
      inputTokens: 0,
      cachedInputTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      source: 'reported',
      ...change,
    },
    { model, atMs, serviceTier },
  );

// Prices per million tokens as the list has them: gpt-audio 2.5/10 text, 32/64 sound; gpt-image-1 5/40, pictures in 10.
test.each<[string, string, Partial<Usage>, number]>([
  [
    'sound',
    'gpt-audio',
    {
      inputTokens: 1_000,
      outputTokens: 1_000,
      details: { inputAudioTokens: 500, outputAudioTokens: 400 },
    },
    500 * 2.5 + 500 * 32 + 600 * 10 + 400 * 64,
  ],
  [
    'cached sound, once',
    'gpt-realtime',
    {
      inputTokens: 1_000,
      cachedInputTokens: 300,
      details: { inputAudioTokens: 500, cachedAudioTokens: 100 },
    },
    300 * 0.4 + 400 * 32 + 300 * 4,
  ],
  [
    'pictures',
    'gpt-image-1',
    { inputTokens: 1_000, outputTokens: 4_000, details: { inputImageTokens: 600 } },
    400 * 5 + 600 * 10 + 4_000 * 40,
  ],
  [
    'a picture that was drawn',
    'gemini-2.5-flash-image',
    { outputTokens: 1_300, details: { outputImageTokens: 1_290 } },
    10 * 2.5 + 1_290 * 30,
  ],
  [
    'a cache of an hour',
    'claude-sonnet-4-5',
    { inputTokens: 1_000, cacheWriteTokens: 900, details: { cacheWrite1hTokens: 400 } },
    100 * 3 + 500 * 3.75 + 400 * 6,
  ],
  ['searches', 'gpt-5', { inputTokens: 1_000, details: { webSearches: 2 } }, 1_000 * 1.25 + 20_000],
  ['a transcription by length', 'whisper-1', { details: { audioSeconds: 90 } }, 9_000],
])('%s has a price of its own', (_what, model, change, microUsd) => {
  expect(costOf(model, change)?.totalNanoUsd).toBeCloseTo(microUsd * 1_000, -1);
});

test('searches are not cheaper in a cheaper tier', () => {
  const searched = costOf('gpt-5', { details: { webSearches: 1 } }, 'flex');
  expect(searched?.kinds['web_search']).toBe(10_000_000);
});

test('what has no price is said, never 0 in silence', () => {
  const searched = costOf('mistral-large-2512', { inputTokens: 9, details: { webSearches: 2 } });
  expect(searched?.source).toBe(`${PRICE_LIST}, without 2 web searches, which it has no price for`);
  expect(costOf('whisper-1', { inputTokens: 500 })).toBeNull();
  expect(costOf('gpt-4o', { details: { audioSeconds: 5 } })).toBeNull();
});

test('no part costs more than its whole could, whatever was reported', () => {
  const count = fc.nat(2_000);
  const details: fc.Arbitrary<UsageDetails> = fc.record(
    {
      inputAudioTokens: count,
      inputImageTokens: count,
      cachedAudioTokens: count,
      cacheWrite1hTokens: count,
      outputAudioTokens: count,
      outputImageTokens: count,
    },
    { requiredKeys: [] },
  );
  const models = fc.constantFrom('gpt-realtime', 'gpt-4o', 'gemini-2.5-flash', 'claude-sonnet-4-5');
  fc.assert(
    fc.property(
      models,
      count,
      count,
      count,
      count,
      details,
      (model, input, cached, written, output, parts) => {
        const cost = costOf(model, {
          inputTokens: input,
          cachedInputTokens: cached,
          cacheWriteTokens: written,
          outputTokens: output,
          details: parts,
        });
        const kinds = Object.values(cost?.kinds ?? {});
        expect(Math.min(...kinds)).toBeGreaterThanOrEqual(0);
        expect(cost?.totalNanoUsd).toBeLessThanOrEqual((input + output) * 64_000);
      },
    ),
  );
});

test("a service tier's factor holds for every kind of token, and not for searches", () => {
  const usage: Usage = {
    inputTokens: 1_000,
    cachedInputTokens: 300,
    cacheWriteTokens: 200,
    outputTokens: 500,
    reasoningTokens: 0,
    source: 'reported',
    details: {
      inputAudioTokens: 150,
      cachedAudioTokens: 50,
      inputImageTokens: 100,
      outputAudioTokens: 200,
      outputImageTokens: 50,
      cacheWrite1hTokens: 80,
      webSearches: 2,
    },
  };
  const text = { upTo: Infinity, input: 10, cached: 4, written: 12, output: 40 };
  const others = { inputAudio: 30, inputImage: 20, cachedAudio: 6, written1h: 16 };
  const rates = { ...text, ...others, outputAudio: 60, outputImage: 80, webSearch: 7_000 };
  const [once, half] = [1, 0.5].map((factor) => costBy(usage, rates, { factor, source: '' }).kinds);
  const { web_search: searches, ...tokens } = once!;
  expect(Object.keys(tokens)).toHaveLength(10);
  expect(searches).toBe(14_000);
  for (const [kind, cost] of Object.entries(tokens))
    expect([kind, half![kind]]).toEqual([kind, cost / 2]);
  expect(half!['web_search']).toBe(14_000);
});
