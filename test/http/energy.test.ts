import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    config: 'energy: { zone: FRA, meter: modelled, tdpWatts: 40, embodiedKg: 200 }',
    policy: simplePolicy(`
rules:
  - { name: clean-grid, when: 'energy.gridGramsPerKwh < 50.0 && signals.complexity < 0.5', use: [small] }
`),
  });
});
afterAll(() => whole.close());

const metrics = async (): Promise<string> =>
  await (await fetch(`${whole.gateway.url}/metrics`)).text();

describe('a local answer', () => {
  test('has the energy of the meter, and the carbon of the grid and of the machine', async () => {
    const answer = await whole.chat(EASY);
    const { attempts } = await whole.record(answer);
    expect(attempts[0]?.energy).toMatchObject({ method: 'modelled' });
    expect(attempts[0]?.energy?.source).toContain('processor of 40 W');
    expect(attempts[0]?.carbon?.source).toContain('44.18 g/kWh, FRA yearly average, Ember');
    expect(attempts[0]?.carbon?.embodied?.lowG).toBeGreaterThan(0);
    expect(attempts[0]?.water?.method).toBe('modelled');
    expect(answer.headers.get('x-smallfirst-energy-j')).toMatch(/^[\d.e-]+\.\.[\d.e-]+;modelled$/);
  });

  test('went there by a rule about the grid, which the snapshot knows', async () => {
    const answer = await whole.chat(EASY);
    expect(answer.headers.get('x-smallfirst-rule')).toBe('clean-grid');
  });

  test('stands against what the large model would have taken', async () => {
    const { baselineEnergy } = await whole.record(await whole.chat(EASY));
    expect(baselineEnergy?.lowJ).toBeGreaterThan(0);
    expect(baselineEnergy?.method).toBe('modelled');
  });
});

test('a cloud answer has the carbon of where its servers stand, and is its own baseline', async () => {
  const { attempts, baselineEnergy } = await whole.record(await whole.chat(HARD));
  expect(attempts[0]?.carbon?.source).toContain('383.55 g/kWh, USA');
  expect(attempts[0]?.carbon?.embodied?.lowG).toBeGreaterThan(0);
  expect(attempts[0]?.water?.lowMl).toBeGreaterThan(0);
  expect(baselineEnergy).toEqual(attempts[0]?.energy);
});

test('the meters say what they are, and why', async () => {
  const meters: unknown = await (await fetch(`${whole.gateway.url}/admin/meters`)).json();
  expect(meters).toMatchObject({
    energy: {
      wanted: 'modelled',
      method: 'modelled',
      source: 'processor of 40 W x load',
      tried: [{ kind: 'modelled', used: true }],
    },
    grid: { gramsPerKwh: 44.18 },
  });
});

test('the metrics have grams, idle joules and the baseline', async () => {
  await whole.chat(EASY);
  await whole.chat(HARD);
  const text = await metrics();
  for (const series of [
    'carbon_grams_total{upstream="local",model="slm",phase="embodied",bound="high"}',
    'carbon_grams_total{upstream="cloud",model="gpt-4o",phase="operational",bound="low"}',
    'baseline_energy_joules_total{bound="low"}',
    'energy_idle_joules_total{upstream="local"}',
    'energy_loading_joules_total{upstream="local"}',
  ]) {
    expect(text).toContain(`smallfirst_${series} `);
  }
});

test('a zone or a meter that is not there does not start', async () => {
  await expect(startTestGateway({ config: 'energy: { zone: XYZ }' })).rejects.toThrow(
    /no grid has/,
  );
  const config =
    'energy: { meter: prometheus, prometheus: { url: "http://127.0.0.1:1", query: w } }';
  await expect(startTestGateway({ config })).rejects.toThrow(
    /`energy.meter: prometheus` cannot be used/,
  );
});
