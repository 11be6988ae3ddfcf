import { describe, expect, test } from 'vitest';
import { estimate } from '../analysis/estimate.ts';
import { formatEstimate } from './format-estimate.ts';

const ask = (model: string, more: object = {}) =>
  estimate({
    model,
    inputTokens: 0,
    outputTokens: 400,
    homeZone: 'DEU',
    priceUsdPerKwh: 0.36,
    atMs: Date.UTC(2026, 10, 1),
    ...more,
  });

describe('a cloud model', () => {
  test('has the energy of EcoLogits, in the zone of its provider', async () => {
    const { energy, grid, cost, basis } = await ask('gpt-4o');
    expect(basis).toBe('cloud-model');
    expect(energy?.lowWh).toBeCloseTo(0.6425, 4);
    expect(energy?.highWh).toBeCloseTo(1.0273, 4);
    expect(energy?.method).toBe('modelled');
    expect(grid).toMatchObject({ zone: 'USA', gramsPerKwh: 383.55 });
    expect(cost).toMatchObject({ lowUsd: 0.004, highUsd: 0.004 });
  });

  test('has prompt and answer apart, since EcoLogits covers only the answer', async () => {
    const { energy } = await ask('gpt-4o', { inputTokens: 1000 });
    const { decodeJ, prefillJ } = energy!.parts!;
    expect(decodeJ[0]).toBeCloseTo(0.6425 * 3600, 0);
    expect(energy!.lowJ).toBeCloseTo(decodeJ[0] + prefillJ[0], 6);
  });

  test('has carbon and water of the given zone', async () => {
    const { carbon, water, notes } = await ask('gpt-4o', { zone: 'SWE' });
    expect(carbon!.operational.lowG).toBeCloseTo(0.6425e-3 * 35.89, 4);
    expect(water).not.toBeNull();
    expect(notes).toEqual([]);
    const elsewhere = await ask('gpt-4o', { zone: 'NOR' });
    expect(elsewhere.water).toBeNull();
    expect(elsewhere.notes.join()).toContain('NOR');
  });
});

describe('a small model', () => {
  test('has the measured energy, as a range with its hardware, and the cost of that electricity here', async () => {
    const { energy, grid, cost, basis, notes } = await ask('llama3.1:8b');
    expect(basis).toBe('small-model');
    expect(energy!.lowJ).toBeCloseTo(400 * 0.0467, 6);
    expect(energy!.highJ).toBeCloseTo(400 * 0.4548, 6);
    expect(energy!.source).toContain('H100');
    expect(grid!.zone).toBe('DEU');
    expect(cost!.highUsd).toBeCloseTo((energy!.highJ / 3.6e6) * 0.36, 12);
    expect(notes.join()).toContain('on your own machine');
  });

  test('without a measurement has unknown energy, not that of a similar model', async () => {
    const { energy, carbon, water, cost, notes } = await ask('qwen3:4b');
    expect([energy, carbon, water, cost]).toEqual([null, null, null, null]);
    expect(notes.join()).toContain('no measurement');
  });
});

describe('a model of which only the price is known', () => {
  test('costs that price, and takes an unknown amount of energy', async () => {
    const estimated = await ask('deepseek-chat');
    const { energy, grid, carbon, water, cost, notes } = estimated;
    expect(estimated.basis).toBe('unknown');
    expect([energy, grid, carbon, water]).toEqual([null, null, null, null]);
    expect(cost!.lowUsd).toBeGreaterThan(0);
    expect(notes).toEqual([expect.stringContaining('Only its price is known')]);
    expect(formatEstimate(estimated)).toMatch(/energy +not known\n/);
  });
});

test('an unknown model has no figures', async () => {
  const estimated = await ask('in-house-7b');
  expect(estimated).toMatchObject({ basis: 'unknown', energy: null, carbon: null, cost: null });
  expect(formatEstimate(estimated)).toMatch(/Nothing is known of 'in-house-7b'.*prices\.$/m);
});

test.each([
  ['gpt4o', "Did you mean 'gpt-4o'?"],
  ['llama3.1:8', "Did you mean 'llama3.1:8b'?"],
])('%s is likely a typing error', async (model, question) => {
  expect(formatEstimate(await ask(model))).toContain(question);
});

test('a zone that does not exist is refused', async () => {
  await expect(ask('gpt-4o', { zone: 'ZZZ' })).rejects.toThrow('ZZZ');
});

test('the text has the source beside each figure', async () => {
  const text = formatEstimate(await ask('gpt-4o', { inputTokens: 10 }));
  expect(text).toMatch(/energy +0\.6\d+\.\.1\.03 Wh +modelled: EcoLogits/);
  expect(text).toMatch(/carbon .* g\/kWh, USA yearly average/);
  expect(text).toMatch(/cost .* @pydantic\/genai-prices/);
});
