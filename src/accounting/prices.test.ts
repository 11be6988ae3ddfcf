import * as genaiPrices from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Usage } from '../core/record.ts';
import { createPricing, PRICE_LIST } from './prices.ts';

const atMs = Date.UTC(2026, 10, 1, 12);

const usage = (change: Partial<Usage> = {}): Usage => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'reported',
  ...change,
});

const usd = (change: Partial<Usage>, model: string): number =>
  (createPricing().cost(usage(change), { model, atMs })?.totalNanoUsd ?? NaN) / 1e9;

test('a list that was opened is not read again, as with no descriptors left it could not be', () => {
  let reads = 0;
  const pricing = createPricing(() => {
    reads += 1;
    if (reads > 1) throw new Error('EMFILE: too many open files');
    return genaiPrices;
  });
  pricing.open();
  const asked = { model: 'gpt-4o', atMs };
  expect(pricing.bound(10, asked)).not.toBeNull();
  expect(
    pricing.cost(usage({ inputTokens: 10 }), { ...asked, model: 'gpt-4o-mini' }),
  ).not.toBeNull();
  expect(reads).toBe(1);
});

describe('bug reports about other gateways', () => {
  test('cached tokens are not charged as input too (litellm 14849, at the tier above 200,000)', () => {
    const change = { inputTokens: 262_960, cachedInputTokens: 257_955, outputTokens: 1_744 };
    expect(usd(change, 'gemini-2.5-pro')).toBeCloseTo(0.10316, 5);
  });

  test("a cache write is charged once (litellm 9812, against Anthropic's own bill)", () => {
    const change = { inputTokens: 12_307, cacheWriteTokens: 12_304, outputTokens: 550 };
    expect(usd(change, 'claude-3-7-sonnet-20250219')).toBeCloseTo(0.0544, 5);
  });

  test('cached input is counted, reasoning is not added (logfire 1316)', () => {
    const change = {
      inputTokens: 538 + 2_208,
      cachedInputTokens: 2_208,
      outputTokens: 197,
      reasoningTokens: 64,
    };
    expect(usd(change, 'gpt-5-mini')).toBeCloseTo(0.000584, 6);
  });

  test('a configured cached price is used for cached tokens (litellm 31714)', () => {
    const configured = {
      inputUsdPerMillion: 1.4,
      cachedInputUsdPerMillion: 0.26,
      outputUsdPerMillion: 4.4,
    };
    const change = { inputTokens: 27_147, cachedInputTokens: 27_146, outputTokens: 351 };
    const cost = createPricing().cost(usage(change), { model: 'any', atMs, configured });
    expect(cost).toEqual({
      totalNanoUsd: 8_603_760,
      kinds: { input: 1_400, cached_input: 7_057_960, output: 1_544_400 },
      source: 'configuration',
    });
  });
});

describe('the price list', () => {
  const models = [
    'gpt-4o',
    'gpt-4.1-nano',
    'gpt-5.4',
    'o3',
    'claude-sonnet-4-5',
    'claude-opus-4-6',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'deepseek-chat',
    'mistral-large-2512',
    'text-embedding-3-small',
    'sonar',
  ];
  const counts = fc
    .tuple(fc.nat(500_000), fc.nat(500_000), fc.nat(100_000), fc.nat(50_000))
    .map(([uncached, cached, written, output]) => ({
      inputTokens: uncached + cached + written,
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      outputTokens: output,
    }));
  const times = fc.integer({ min: Date.UTC(2024, 5, 1), max: Date.UTC(2026, 10, 20) });

  test('and the rates cached from it agree, for any usage, at any time', () => {
    const pricing = createPricing();
    fc.assert(
      fc.property(fc.constantFrom(...models), counts, times, (model, change, whenMs) => {
        const listed = genaiPrices.calcPrice(
          {
            input_tokens: change.inputTokens,
            cache_read_tokens: change.cachedInputTokens,
            cache_write_tokens: change.cacheWriteTokens,
            output_tokens: change.outputTokens,
          },
          model,
          { timestamp: new Date(whenMs) },
        );
        const cost = pricing.cost(usage(change), { model, atMs: whenMs });
        expect(cost === null).toBe(listed === null);
        const nano = (listed?.total_price ?? 0) * 1e9;
        expect(Math.abs((cost?.totalNanoUsd ?? 0) - nano)).toBeLessThanOrEqual(2.5);
      }),
      { numRuns: 600 },
    );
  });

  test('is dated: o3 cost five times as much before June 2025', () => {
    const pricing = createPricing();
    const million = usage({ inputTokens: 1_000_000, outputTokens: 1_000_000 });
    const on = (whenMs: number) => pricing.cost(million, { model: 'o3', atMs: whenMs });
    expect(on(Date.UTC(2025, 4, 1))?.totalNanoUsd).toBe(50e9);
    expect(on(Date.UTC(2025, 7, 1))?.totalNanoUsd).toBe(10e9);
    expect(on(Date.UTC(2025, 4, 1))?.totalNanoUsd).toBe(50e9);
  });

  test('knows the dated names of models, and says where the figure is from', () => {
    const cost = createPricing().cost(usage({ outputTokens: 1_000 }), {
      model: 'gpt-4o-2024-08-06',
      atMs,
    });
    expect(cost).toMatchObject({ totalNanoUsd: 10_000_000, source: PRICE_LIST });
  });

  test("reads a known provider's own prices where the URL is theirs", () => {
    const question = { model: 'llama-3.1-8b-instant', atMs };
    const change = usage({ inputTokens: 1_000_000 });
    const url = 'https://api.groq.com/openai/v1';
    expect(createPricing().cost(change, { ...question, url })?.totalNanoUsd).toBe(50_000_000);
  });

  test('gives null, not 0, for an unknown model, also the second time', () => {
    const pricing = createPricing();
    const question = { model: 'in-house-7b', atMs };
    expect(pricing.cost(usage({ inputTokens: 10 }), question)).toBeNull();
    expect(pricing.cost(usage({ inputTokens: 10 }), question)).toBeNull();
  });

  test('is the package whose version the source names', async () => {
    const { default: manifest } = await import('../../package-lock.json', {
      with: { type: 'json' },
    });
    const { version } = manifest.packages['node_modules/@pydantic/genai-prices'];
    expect(PRICE_LIST).toBe(`@pydantic/genai-prices ${version}`);
  });
});

describe('a cost', () => {
  test('is the sum of its kinds, in whole nano-USD', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (inputTokens, outputTokens) => {
        const cost = createPricing().cost(usage({ inputTokens, outputTokens }), {
          model: 'gpt-4.1-nano',
          atMs,
        });
        const kinds = Object.values(cost?.kinds ?? {});
        expect(kinds.every(Number.isInteger)).toBe(true);
        expect(cost?.totalNanoUsd).toBe(kinds.reduce((sum, nano) => sum + nano, 0));
      }),
    );
  });

  test('never turns negative on a report that contradicts itself', () => {
    const change = { inputTokens: 10, cachedInputTokens: 50, cacheWriteTokens: 50 };
    expect(usd(change, 'gpt-4o')).toBeCloseTo(10 * 1.25e-6, 9);
  });

  test('of another service tier is flagged as derived', () => {
    const question = { model: 'gpt-4o', atMs, serviceTier: 'flex' };
    expect(createPricing().cost(usage({ outputTokens: 1_000 }), question)).toMatchObject({
      totalNanoUsd: 5_000_000,
      source: expect.stringContaining('flex'),
    });
    const standard = { ...question, serviceTier: 'auto' };
    expect(createPricing().cost(usage({ outputTokens: 1_000 }), standard)?.source).toBe(PRICE_LIST);
  });
});
