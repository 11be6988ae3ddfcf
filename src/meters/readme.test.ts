import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import { createAccountant } from '../accounting/account.ts';
import { createPricing } from '../accounting/prices.ts';
import type { Usage } from '../core/record.ts';
import type { OpenAttribution, EnergyAttribution } from '../core/meter.ts';
import { createSharing } from './sharing.ts';

interface Example {
  readonly cloud: {
    readonly given: {
      readonly model: string;
      readonly outputTokens: number;
      readonly latencyMs: number;
      readonly gridGramsPerKwh: number;
    };
    readonly energyJ: readonly number[];
    readonly operationalG: readonly number[];
    readonly embodiedG: readonly number[];
    readonly waterMl: readonly number[];
  };
  readonly local: {
    readonly given: {
      readonly idleWatts: number;
      readonly zoneGramsPerKwh: number;
      readonly embodiedKg: number;
      readonly lifetimeYears: number;
    };
    readonly seconds: readonly { readonly watts: number; readonly running: readonly string[] }[];
    readonly chargedJ: Readonly<Record<string, number>>;
    readonly idleJ: number;
    readonly operationalG: Readonly<Record<string, number>>;
    readonly embodiedG: Readonly<Record<string, number>>;
  };
}

const text = readFileSync('src/meters/README.md', 'utf8');
const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '') as Example;

/** As many digits as the page gives. */
const asGiven = (value: number, given: number): number =>
  Number(value.toPrecision(String(given).replace(/^0\.0*|\./g, '').length));

const accountant = (gramsPerKwh: number, hardware = { embodiedKg: 300, lifetimeYears: 3 }) => {
  const intensity = { gramsPerKwh, source: 'the page' };
  return createAccountant({
    pricing: createPricing(),
    countTokens: (each) => each.length,
    upstreams: new Map(),
    priceUsdPerKwh: 0.15,
    localPower: { lowW: 8.5, highW: 85 },
    grid: { zone: 'WORLD', here: () => intensity, at: () => intensity },
    hardware,
  });
};

const usageOf = (outputTokens: number): Usage => ({
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens,
  reasoningTokens: 0,
  source: 'reported',
});

const { atMs } = aRecord();

test('the cloud figures of the page are reproduced', () => {
  const { given, energyJ, operationalG, embodiedG, waterMl } = example.cloud;
  const { energy, carbon, water } = accountant(given.gridGramsPerKwh).price({
    usage: usageOf(given.outputTokens),
    target: { tier: 'large', upstream: 'cloud', model: given.model, locality: 'cloud' },
    answeredModel: undefined,
    latencyMs: given.latencyMs,
    atMs,
  });
  const ours: readonly (readonly [readonly number[], readonly number[]])[] = [
    [energyJ, [energy!.lowJ, energy!.highJ]],
    [operationalG, [carbon!.operational.lowG, carbon!.operational.highG]],
    [embodiedG, [carbon!.embodied!.lowG, carbon!.embodied!.highG]],
    [waterMl, [water!.lowMl, water!.highMl]],
  ];
  for (const [page, computed] of ours) {
    expect(computed.map((value, at) => asGiven(value, page[at]!))).toEqual(page);
  }
});

test('the local figures of the page are reproduced', () => {
  const { given, seconds, chargedJ, idleJ, operationalG, embodiedG } = example.local;
  let nowMs = 0;
  let counted = 0;
  const sharing = createSharing({
    nowMs: () => nowMs,
    method: 'measured',
    source: 'test',
    idleWatts: given.idleWatts,
  });
  sharing.sample([0, 0], 0);
  const open = new Map<string, OpenAttribution>();
  const attributions = new Map<string, EnergyAttribution>();
  for (const { watts, running } of [...seconds, { watts: 0, running: [] }]) {
    for (const [name, attribution] of open) {
      if (!running.includes(name)) attributions.set(name, attribution.end());
    }
    for (const name of running) if (!open.has(name)) open.set(name, sharing.start());
    nowMs += 1000;
    counted += watts;
    if (watts > 0) sharing.sample([counted, counted], nowMs);
  }
  expect(sharing.report().idleJ).toBeCloseTo(idleJ, 9);
  const { embodiedKg, lifetimeYears } = given;
  for (const [name, attribution] of attributions) {
    const { energy, carbon } = accountant(given.zoneGramsPerKwh, {
      embodiedKg,
      lifetimeYears,
    }).price({
      usage: usageOf(10),
      target: { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' },
      answeredModel: undefined,
      latencyMs: 2000,
      atMs,
      attribution,
    });
    expect(energy?.lowJ).toBeCloseTo(chargedJ[name]!, 9);
    const grams = operationalG[name]!;
    expect(asGiven(carbon!.operational.lowG, grams)).toBe(grams);
    expect(asGiven(carbon!.embodied!.lowG, embodiedG[name]!)).toBe(embodiedG[name]);
  }
  expect([...attributions.keys()].toSorted()).toEqual(Object.keys(chargedJ).toSorted());
});
