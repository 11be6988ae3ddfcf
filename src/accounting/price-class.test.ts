import { describe, expect, test } from 'vitest';
import { asEnergy, cloudEnergy } from './cloud-energy.ts';
import { energyOfClass, outputPrice, pricedModels } from './price-class.ts';
import { createPricing } from './prices.ts';

const AT_MS = Date.UTC(2026, 10, 1);
const answer = { outputTokens: 400, uncachedInputTokens: 0 };
const priced = pricedModels(createPricing(), AT_MS);

describe('the energy of a price class', () => {
  test('is the range of all models that cost about as much', () => {
    const known = { name: 'a', model: priced[0]!.model, usdPerMillionOutput: 10 };
    const own = asEnergy(cloudEnergy(known.model, answer));
    const among = [
      known,
      { ...known, usdPerMillionOutput: 5 },
      { ...known, usdPerMillionOutput: 20 },
    ];
    expect(energyOfClass(10, among, answer)).toEqual({
      ...own,
      source: 'price class: 3 models whose output costs 5 to 20 USD per million tokens',
    });
  });

  test('is unknown where hardly any model costs about as much', () => {
    expect(energyOfClass(100_000, priced, answer)).toBeNull();
  });

  test('says of models left out what is claimed for it', () => {
    const outcomes = priced.map(({ model, usdPerMillionOutput: usd }) => {
      const others = priced.filter((other) => other.model !== model);
      const own = asEnergy(cloudEnergy(model, answer));
      const { lowJ, highJ } = energyOfClass(usd, others, answer) ?? { lowJ: 0, highJ: 0 };
      return { width: highJ / lowJ, overlaps: own.highJ >= lowJ && own.lowJ <= highJ };
    });
    const classed = outcomes.filter(({ width }) => !Number.isNaN(width));
    const right = classed.filter(({ overlaps }) => overlaps);
    expect(classed.length).toBeGreaterThan(50);
    expect(right.length / classed.length).toBeGreaterThan(0.9);
  });
});

test('a model without a price has no price class', () => {
  expect(outputPrice(createPricing(), 'in-house-7b', AT_MS)).toBeUndefined();
});
