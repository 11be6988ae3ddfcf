import { describe, expect, test } from 'vitest';
import reference from '../../test/fixtures/ecologits-reference.json' with { type: 'json' };
import type { Energy } from '../core/record.ts';
import { asEnergy, cloudEnergy, cloudModel } from './cloud-energy.ts';
import { cloudCarbon, cloudWater, localCarbon, localWater } from './footprint.ts';

/** EcoLogits' own intensities (Our World in Data), so that only the formulas are compared. */
const ECOLOGITS_GRAMS: Readonly<Record<string, number>> = { USA: 383.55, SWE: 35.82 };

function answerOf({ model: name, outputTokens, latencySeconds }: (typeof reference.cases)[number]) {
  const model = cloudModel(name);
  if (model === undefined) throw new Error(`${name} is not in the table`);
  const latency = latencySeconds === null ? {} : { latencyMs: latencySeconds * 1000 };
  const answer = { outputTokens, uncachedInputTokens: 0, ...latency };
  return { model, answer, energy: asEnergy(cloudEnergy(model, answer)) };
}

const deviation = (ours: number, theirs: number): number => Math.abs(ours / theirs - 1);

describe.each(reference.cases)('$model, $outputTokens tokens, $latencySeconds s', (each) => {
  const { model, answer, energy } = answerOf(each);
  const grid = { gramsPerKwh: ECOLOGITS_GRAMS[model.zone]!, source: 'test' };
  const bounds = [0, 1] as const;

  test("has EcoLogits' carbon, embodied carbon separate", () => {
    const { operational, embodied } = cloudCarbon(energy, grid, model, answer);
    const made = [embodied!.lowG, embodied!.highG];
    const used = [operational.lowG, operational.highG];
    for (const bound of bounds) {
      expect(deviation(made[bound]!, each.embodiedGwpKg[bound]! * 1000)).toBeLessThan(1e-9);
      expect(deviation(used[bound]! + made[bound]!, each.gwpKg[bound]! * 1000)).toBeLessThan(1e-9);
    }
  });

  test("has EcoLogits' water without the PUE that its code counts twice", () => {
    const { lowMl, highMl } = cloudWater(energy, model)!;
    for (const bound of bounds) {
      const documented = (each.waterL[bound]! / model.pue[bound]) * 1000;
      expect(deviation([lowMl, highMl][bound]!, documented)).toBeLessThan(1e-9);
    }
  });
});

describe('a local answer', () => {
  const energy: Energy = { lowJ: 1800, highJ: 3600, method: 'attributed', source: 'RAPL' };
  const grid = { gramsPerKwh: 400, source: 'test' };

  test('has the carbon of its electricity, by the same method as its energy', () => {
    expect(localCarbon(energy, grid, 1000, undefined)).toEqual({
      operational: { lowG: 0.2, highG: 0.4 },
      embodied: null,
      method: 'attributed',
      source: '400 g/kWh, test',
    });
  });

  test('has embodied carbon by its share of the machine time', () => {
    const hardware = { embodiedKg: 300, lifetimeYears: 3 };
    const { embodied } = localCarbon(energy, grid, 10_000, hardware);
    // 300,000 g x 10 s / 94,608,000 s.
    expect(embodied?.lowG).toBeCloseTo(0.03171, 5);
  });

  test('has the water of its power stations, where that is known', () => {
    expect(localWater(energy, 'DEU')).toMatchObject({ lowMl: 0.9735, highMl: 1.947 });
    expect(localWater(energy, 'ATA')).toBeUndefined();
    expect(localWater(energy, 'constructor')).toBeUndefined();
  });
});
