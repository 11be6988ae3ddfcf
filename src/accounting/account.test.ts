import { describe, expect, test } from 'vitest';
import type { Usage } from '../core/record.ts';
import { createAccountant, type UpstreamAccount } from './account.ts';
import { createPricing } from './prices.ts';

const usage: Usage = {
  inputTokens: 1_000,
  cachedInputTokens: 200,
  outputTokens: 100,
  reasoningTokens: 0,
  source: 'reported',
};

const accountant = (upstreams: Readonly<Record<string, UpstreamAccount>> = {}) =>
  createAccountant({
    pricing: createPricing(),
    countTokens: (text) => text.length,
    upstreams: new Map(Object.entries(upstreams)),
    priceUsdPerKwh: 0.36,
    localPower: { lowW: 10, highW: 90 },
  });

const cloud = { tier: 'large', upstream: 'cloud', model: 'gpt-4o', locality: 'cloud' } as const;
const local = { tier: 'small', upstream: 'local', model: 'qwen3:4b', locality: 'local' } as const;
const spent = {
  usage,
  target: cloud,
  answeredModel: undefined,
  latencyMs: 2_000,
  atMs: Date.UTC(2026, 10, 1),
};

describe('a cloud attempt', () => {
  test("costs the list's price, and has the modelled energy", () => {
    const { cost, energy } = accountant().price(spent);
    expect(cost).toMatchObject({
      totalNanoUsd: 3_250_000,
      kinds: { input: 2_000_000, cached_input: 250_000, output: 1_000_000 },
    });
    expect(energy).toMatchObject({ method: 'modelled' });
    expect(energy!.lowJ).toBeGreaterThan(0);
    expect(energy!.highJ).toBeGreaterThan(energy!.lowJ);
  });

  test('is priced by the model that answered, else by the one that was asked', () => {
    const answered = { ...spent, answeredModel: 'gpt-4o-mini' };
    expect(accountant().price(answered).cost?.totalNanoUsd).toBe(195_000);
    const unheardOf = { ...spent, answeredModel: 'my-deployment' };
    expect(accountant().price(unheardOf).cost?.totalNanoUsd).toBe(3_250_000);
  });

  test('costs what the upstream says, before the list and never before the configuration', () => {
    const charged = { ...spent, usage: { ...usage, chargedNanoUsd: 4_200 } };
    expect(accountant().price(charged).cost).toEqual({
      totalNanoUsd: 4_200,
      kinds: { reported: 4_200 },
      source: 'the cost that the upstream reported with its usage',
    });
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 1 };
    expect(accountant({ cloud: { price } }).price(charged).cost).toMatchObject({
      totalNanoUsd: 1_100_000,
      source: 'configuration',
    });
  });

  test('is priced by the service tier that served it, else by the one asked for', () => {
    const at = (asked: string, served?: string) =>
      accountant().price({
        ...spent,
        usage: served === undefined ? usage : { ...usage, serviceTier: served },
        serviceTier: asked,
      }).cost?.totalNanoUsd;
    expect(at('flex')).toBe(1_625_000);
    expect(at('flex', 'default')).toBe(3_250_000);
    expect(at('auto', 'priority')).toBe(6_500_000);
  });

  test('of an unknown model has null for cost and energy, not 0', () => {
    const unknown = { ...spent, target: { ...cloud, model: 'in-house-7b' } };
    expect(accountant().price(unknown)).toEqual({ cost: null, energy: null });
  });

  test('that produced nothing has neither', () => {
    expect(accountant().price({ ...spent, usage: undefined })).toEqual({
      cost: null,
      energy: null,
    });
  });

  test('is priced by the configuration before the list', () => {
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 };
    expect(accountant({ cloud: { price } }).price(spent).cost).toEqual({
      totalNanoUsd: 1_200_000,
      kinds: { input: 800_000, cached_input: 200_000, output: 200_000 },
      source: 'configuration',
    });
  });
});

describe('a local attempt', () => {
  test('has the energy of power times time, and costs that electricity', () => {
    const { cost, energy } = accountant().price({ ...spent, target: local });
    expect(energy).toMatchObject({ lowJ: 20, highJ: 180, method: 'modelled' });
    // 100 J at 0.36 USD/kWh.
    expect(cost).toEqual({
      totalNanoUsd: 10_000,
      kinds: { energy: 10_000 },
      source: 'electricity at 0.36 USD/kWh, modelled',
    });
  });

  test('is never priced as the cloud model of the same name', () => {
    const target = { ...local, model: 'gpt-4o' };
    expect(accountant().price({ ...spent, target }).cost?.kinds).toEqual({ energy: 10_000 });
  });

  test('has the configured energy per token', () => {
    const energy = { inputJPerToken: 0.01, outputJPerToken: 0.5, requestJ: 2 };
    expect(accountant({ local: { energy } }).price({ ...spent, target: local }).energy).toEqual({
      lowJ: 60,
      highJ: 60,
      method: 'modelled',
      source: 'configuration',
    });
  });
});

describe('a metered local attempt', () => {
  const attribution = {
    energy: { lowJ: 30, highJ: 30, method: 'measured', source: 'RAPL' },
    machineMs: 500,
  } as const;

  test('has the metered energy, and costs that electricity', () => {
    const { cost, energy } = accountant().price({ ...spent, target: local, attribution });
    expect(energy).toEqual(attribution.energy);
    // 30 J at 0.36 USD/kWh.
    expect(cost).toMatchObject({
      totalNanoUsd: 3_000,
      source: 'electricity at 0.36 USD/kWh, measured',
    });
  });

  test('has that energy even without any output', () => {
    const { energy } = accountant().price({
      ...spent,
      usage: undefined,
      target: local,
      attribution,
    });
    expect(energy).toEqual(attribution.energy);
  });

  test('has the configured energy where there is one', () => {
    const energy = { inputJPerToken: 0, outputJPerToken: 0.5 };
    const priced = accountant({ local: { energy } }).price({
      ...spent,
      target: local,
      attribution,
    });
    expect(priced.energy).toMatchObject({ lowJ: 50, source: 'configuration' });
  });
});

describe('the baseline', () => {
  test('has an energy where the large model is in the table, whatever the latency', () => {
    const energy = accountant().baselineEnergy?.(usage, 'cloud', 'gpt-4o');
    const { lowJ, highJ } = accountant().price({ ...spent, latencyMs: 600_000 }).energy!;
    expect(energy).toMatchObject({ lowJ, highJ, method: 'modelled' });
    expect(accountant().baselineEnergy?.(usage, 'cloud', 'in-house-7b')).toBeUndefined();
  });

  test('is the same tokens at the large model', () => {
    expect(accountant().baseline(usage, 'cloud', 'gpt-4o', spent.atMs)).toBe(3_250_000);
  });

  test('is unknown where that model has no price', () => {
    expect(accountant().baseline(usage, 'cloud', 'in-house-7b', spent.atMs)).toBeNull();
  });
});

test('a local attempt without a meter has the energy measured for its model elsewhere', () => {
  const elsewhere = createAccountant({
    pricing: createPricing(),
    countTokens: (text) => text.length,
    upstreams: new Map(),
    priceUsdPerKwh: 0.36,
    localPower: { lowW: 10, highW: 90 },
    measuredElsewhere: ({ model }) =>
      model === 'qwen3:4b' ? { low: 0.1, high: 0.4, source: 'a list' } : undefined,
  });
  expect(elsewhere.price({ ...spent, target: local }).energy).toEqual({
    lowJ: 10,
    highJ: 40,
    method: 'modelled',
    source: 'a list',
  });
  const other = { ...local, model: 'other' };
  expect(elsewhere.price({ ...spent, target: other }).energy).toMatchObject({ lowJ: 20 });
});
