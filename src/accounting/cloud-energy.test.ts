import { describe, expect, test } from 'vitest';
import reference from '../../test/fixtures/ecologits-reference.json' with { type: 'json' };
import { asEnergy, cloudEnergy, cloudModel, type CloudAnswer } from './cloud-energy.ts';
import { CLOUD_MODELS } from './cloud-models.ts';

const J_PER_KWH = 3.6e6;

function energyOf(name: string, answer: Partial<CloudAnswer>) {
  const model = cloudModel(name);
  if (model === undefined) throw new Error(`${name} is not in the table`);
  return cloudEnergy(model, { outputTokens: 0, uncachedInputTokens: 0, ...answer });
}

test('82 answers of 41 models agree with EcoLogits to one part in a billion', () => {
  expect(reference.cases).toHaveLength(82);
  for (const { model, outputTokens, latencySeconds, energyKwh } of reference.cases) {
    const latency = latencySeconds === null ? {} : { latencyMs: latencySeconds * 1000 };
    const { decodeJ } = energyOf(model, { outputTokens, ...latency });
    decodeJ.forEach((joules, bound) => {
      const expected = energyKwh[bound]! * J_PER_KWH;
      expect(Math.abs(joules / expected - 1), model).toBeLessThan(1e-9);
    });
  }
});

describe('the table', () => {
  const rows = CLOUD_MODELS.flatMap(({ models }) => Object.entries(models));

  test('has at least 60 models, each range the right way round', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    for (const [name, [total, active]] of rows) {
      expect(active[0], name).toBeLessThanOrEqual(active[1]);
      expect(active[1], name).toBeLessThanOrEqual(total[1]);
    }
  });

  test.each([
    ['gpt-4o', 'gpt-4o-2024-08-06'],
    ['gpt-4o', 'openai/gpt-4o'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
    ['claude-sonnet-4-5', 'Claude-Sonnet-4-5'],
    ['mistral-small', 'mistral-small-latest'],
    ['command-r', 'command-r-08-2024'],
  ])('finds %s under %s', (name, alias) => {
    expect(cloudModel(alias)?.row).toBe(cloudModel(name)?.row);
    expect(cloudModel(name)).toBeDefined();
  });

  test.each(['qwen3:4b', 'gpt-4o-maximum', 'constructor', '__proto__', ''])(
    'has nothing to say about %j',
    (name) => expect(cloudModel(name)).toBeUndefined(),
  );
});

describe('the energy of an answer', () => {
  test('is a range, low below high, that grows with the tokens', () => {
    const [low, high] = energyOf('gpt-4o', { outputTokens: 400 }).decodeJ;
    expect(low).toBeCloseTo(0.6425 * 3600, 0);
    expect(high).toBeCloseTo(1.0273 * 3600, 0);
    expect(energyOf('gpt-4o', { outputTokens: 800 }).decodeJ[0]).toBeGreaterThan(low);
  });

  test('of reading the prompt is separate, and named in the source', () => {
    const parts = energyOf('gpt-4o', { outputTokens: 100, uncachedInputTokens: 10_000 });
    // 2.2e-6 Wh a token and billion active parameters, 44 to 132 billion.
    expect(parts.prefillJ[0]).toBeCloseTo(10_000 * 2.2e-6 * 44 * 3600, 6);
    expect(parts.prefillJ[1]).toBeCloseTo(10_000 * 2.2e-6 * 132 * 3600, 6);
    const both = asEnergy(parts);
    expect(both.lowJ).toBe(parts.decodeJ[0] + parts.prefillJ[0]);
    expect(both.source).toContain('prefill');
    expect(both.method).toBe('modelled');
    expect(asEnergy(energyOf('gpt-4o', { outputTokens: 100 })).source).not.toContain('prefill');
  });
});
