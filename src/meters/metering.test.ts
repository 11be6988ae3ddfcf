import { describe, expect, test } from 'vitest';
import type { Target } from '../core/decision.ts';
import { DENIED, fakeMachine, type FakeMachine } from '../../test/support/fake-machine.ts';
import type { MeterKind } from './choose.ts';
import { startMetering, type Metering, type MeteringOptions } from './metering.ts';

const local: Target = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' };
const cloud: Target = { tier: 'large', upstream: 'cloud', model: 'gpt-4o', locality: 'cloud' };

const metered = (
  { options }: FakeMachine,
  wanted: MeterKind | 'auto' = 'auto',
  change: Partial<MeteringOptions> = {},
): Promise<Metering> =>
  startMetering({
    wanted,
    settings: {},
    isMetered: ({ locality }) => locality === 'local',
    nowMs: options.nowMs,
    machine: options,
    everyMs: 0,
    ...change,
  });

const ENERGY = '/sys/class/powercap/intel-rapl:0/energy_uj';

describe('auto', () => {
  test('uses counters where they can be read, and reports what it passed over', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'package-0', 0);
    const { report } = await metered(machine);
    expect(report()).toMatchObject({ method: 'measured', source: 'RAPL package-0' });
    expect(report().tried.map(({ kind, used }) => [kind, used])).toEqual([
      ['prometheus', false],
      ['rapl', true],
      ['nvidia', false],
      ['amd', false],
    ]);
  });

  test('falls back to a model where they cannot, and says how to allow reading them', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'package-0', 0);
    machine.put(ENERGY, DENIED);
    const { report } = await metered(machine);
    expect(report()).toMatchObject({ method: 'modelled' });
    expect(report().tried.find(({ kind }) => kind === 'rapl')?.why).toContain('sudo chmod a+r');
  });

  test('adds a card to the processor; the sum is as reliable as its worst part', async () => {
    const machine = fakeMachine();
    machine.put('/sys/class/hwmon/hwmon1/name', 'amdgpu');
    machine.put('/sys/class/hwmon/hwmon1/power1_average', 30e6);
    const { report } = await metered(machine);
    expect(report()).toMatchObject({
      method: 'modelled',
      source: 'processor of 85 W (unknown: 15 to 250 W) x load + amdgpu hwmon power, 1 card',
    });
  });

  test('uses no card beside a meter of the whole machine', async () => {
    const machine = fakeMachine();
    machine.put('/sys/class/hwmon/hwmon1/name', 'amdgpu');
    machine.put('/sys/class/hwmon/hwmon1/power1_average', 30e6);
    const { report } = await metered(machine, 'auto', { settings: { fixedWatts: 100 } });
    expect(report().source).toContain('100 W while answering');
  });
});

test('without the configured meter it does not start', async () => {
  await expect(metered(fakeMachine(), 'rapl')).rejects.toThrow(
    /`energy.meter: rapl` cannot be used: there are no RAPL counters.*meter: auto/s,
  );
});

test('a local attempt is charged by the counters, a cloud attempt is not', async () => {
  const machine = fakeMachine();
  machine.zone('intel-rapl:0', 'package-0', 0);
  const metering = await metered(machine);
  machine.wait(1);
  machine.put(ENERGY, 20e6);
  await metering.sample();
  expect(metering.start(cloud)).toBeUndefined();
  const share = metering.start(local);
  machine.wait(2);
  machine.put(ENERGY, 200e6);
  await metering.sample();
  expect(share?.end()).toEqual({
    energy: {
      lowJ: 140,
      highJ: 140,
      method: 'measured',
      source: 'RAPL package-0, above idle, alone',
    },
    machineMs: 2000,
  });
  expect(metering.report()).toMatchObject({ idleJ: 60, idleWatts: 20, busyWatts: [70, 70] });
});

test('a sensor that fails for a while is a problem, but no energy is lost', async () => {
  const machine = fakeMachine();
  machine.zone('intel-rapl:0', 'package-0', 0);
  const metering = await metered(machine, 'rapl', { settings: { idleWatts: 10 } });
  const long = metering.start(local);
  machine.wait(1);
  machine.put(ENERGY, 60e6);
  await metering.sample();
  machine.put(ENERGY, DENIED);
  machine.wait(11);
  await metering.sample();
  expect(metering.report().problem).toContain('sudo chmod');
  const { energy } = long!.end();
  expect(energy).toMatchObject({ method: 'modelled', lowJ: 50 * 12 });
  expect(energy.source).toContain('silent');
  machine.put(ENERGY, 660e6);
  await metering.sample();
  const { problem, totalJ, chargedJ, idleRemainderJ } = metering.report();
  expect(problem).toBeUndefined();
  expect(totalJ[0]).toBe(660);
  expect(chargedJ[0] + idleRemainderJ[0]).toBeCloseTo(660, 9);
});

test('a fixed wattage is charged for the time that something ran', async () => {
  const machine = fakeMachine();
  const settings = { fixedWatts: 100, idleWatts: 30 };
  const metering = await metered(machine, 'fixed', { settings });
  machine.wait(5);
  const share = metering.start(local);
  machine.wait(2);
  await metering.sample();
  expect(share?.end().energy).toMatchObject({ lowJ: 140, highJ: 140, method: 'modelled' });
  expect(metering.report()).toMatchObject({ totalJ: [350, 350], idleJ: 210 });
});
