import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Joules, Meter } from '../core/meter.ts';
import { DENIED, fakeMachine, type FakeMachine } from '../../test/support/fake-machine.ts';
import { openRapl } from './rapl.ts';

async function opened({ options }: FakeMachine): Promise<Meter> {
  const result = await openRapl(options);
  if ('meter' in result) return result.meter;
  throw new Error(result.why);
}

async function refusal({ options }: FakeMachine): Promise<string> {
  const result = await openRapl(options);
  return 'why' in result ? result.why : '';
}

const read = (meter: Meter): Promise<Joules> => meter.read(new AbortController().signal);

describe('what is counted', () => {
  test('is every package and the memory beside it, not domains inside or around them', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'package-0', 0);
    machine.zone('intel-rapl:0:0', 'core', 0);
    machine.zone('intel-rapl:0:1', 'uncore', 0);
    machine.zone('intel-rapl:0:2', 'dram', 0);
    machine.zone('intel-rapl:1', 'package-1', 0);
    machine.zone('intel-rapl:1:0', 'dram', 0);
    machine.zone('intel-rapl:2', 'psys', 0);
    const meter = await opened(machine);
    expect(meter.source).toBe('RAPL package-0 + package-0 dram + package-1 + package-1 dram');
    machine.wait(1);
    machine.zone('intel-rapl:0', 'package-0', 50e6);
    machine.zone('intel-rapl:0:0', 'core', 40e6);
    machine.zone('intel-rapl:0:2', 'dram', 5e6);
    machine.zone('intel-rapl:1', 'package-1', 30e6);
    machine.zone('intel-rapl:1:0', 'dram', 4e6);
    machine.zone('intel-rapl:2', 'psys', 120e6);
    expect(await read(meter)).toEqual([89, 89]);
  });

  test('is a package once, even if two drivers show it', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl-mmio:0', 'package-0', 0);
    machine.zone('intel-rapl:0', 'package-0', 0);
    const meter = await opened(machine);
    machine.wait(1);
    machine.zone('intel-rapl-mmio:0', 'package-0', 70e6);
    machine.zone('intel-rapl:0', 'package-0', 60e6);
    expect(await read(meter)).toEqual([60, 60]);
  });

  test('is the platform where there is no package', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'psys', 0);
    expect((await opened(machine)).source).toBe('RAPL psys');
  });
});

test('`maxWatts` is the sum of the highest limits', async () => {
  const machine = fakeMachine();
  machine.zone('intel-rapl:0', 'package-0', 0);
  machine.zone('intel-rapl:0:0', 'dram', 0);
  expect((await opened(machine)).maxWatts).toBeUndefined();
  machine.put('/sys/class/powercap/intel-rapl:0/constraint_0_power_limit_uw', 65e6);
  machine.put('/sys/class/powercap/intel-rapl:0/constraint_1_power_limit_uw', 219e6);
  expect((await opened(machine)).maxWatts).toBe(219);
});

describe('the counter', () => {
  const machineAt = (energyUj: number, rangeUj?: number): FakeMachine => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'package-0', energyUj, rangeUj);
    return machine;
  };

  test('continues where it wraps', async () => {
    const range = 262_143_328_850;
    const machine = machineAt(range - 20e6);
    const meter = await opened(machine);
    machine.wait(1);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', 30e6);
    expect((await read(meter))[0]).toBeCloseTo(50, 6);
  });

  test('wraps again and again without losing a joule', async () => {
    const range = 65_713e6;
    const machine = machineAt(0, range);
    const meter = await opened(machine);
    let total = 0;
    for (let second = 0; second < 4000; second += 10) {
      machine.wait(10);
      total += 2500;
      machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', (total * 1e6) % range);
      expect((await read(meter))[0]).toBeCloseTo(total, 4);
    }
    expect(total).toBeGreaterThan(10 * 65_713);
  });

  test('counts to a microjoule, wherever it wraps, if it is read often enough', async () => {
    const step = fc.record({
      seconds: fc.integer({ min: 1, max: 10 }),
      watts: fc.integer({ min: 0, max: 1000 }),
    });
    const start = fc.integer({ min: 0, max: 65_712 });
    await fc.assert(
      fc.asyncProperty(start, fc.array(step, { maxLength: 60 }), async (from, steps) => {
        const range = 65_713e6;
        const machine = machineAt(from * 1e6, range);
        const meter = await opened(machine);
        let drawn = 0;
        for (const { seconds, watts } of steps) {
          machine.wait(seconds);
          drawn += seconds * watts;
          const counter = ((from + drawn) * 1e6) % range;
          machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', counter);
          expect((await read(meter))[0]).toBeCloseTo(drawn, 6);
        }
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['back at nothing, as after its driver was loaded again', 0],
    ['far ahead, as no processor could have got', 200_000e6],
  ])('that is %s starts from there', async (_what, next) => {
    const machine = machineAt(100_000e6);
    const meter = await opened(machine);
    machine.wait(1);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', 100_040e6);
    expect(await read(meter)).toEqual([40, 40]);
    machine.wait(1);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', next);
    expect(await read(meter)).toEqual([40, 40]);
    machine.wait(1);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', next + 25e6);
    expect(await read(meter)).toEqual([65, 65]);
  });

  test('without a known range never counts as wrapped', async () => {
    const machine = machineAt(90e6);
    machine.tree.delete('/sys/class/powercap/intel-rapl:0/max_energy_range_uj');
    const meter = await opened(machine);
    machine.wait(1);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', 10e6);
    expect(await read(meter)).toEqual([0, 0]);
  });

  test('fails with the reason when it can no longer be read', async () => {
    const machine = machineAt(0);
    const meter = await opened(machine);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', 'nonsense');
    await expect(read(meter)).rejects.toThrow(/RAPL cannot be read/);
  });
});

describe('where it cannot be used', () => {
  test('the reason has the command that allows it, for exactly the files that are read', async () => {
    const machine = fakeMachine();
    machine.zone('intel-rapl:0', 'package-0', 0);
    machine.zone('intel-rapl:0:0', 'core', 0);
    machine.put('/sys/class/powercap/intel-rapl:0/energy_uj', DENIED);
    expect(await refusal(machine)).toMatch(
      /: sudo chmod a\+r \/sys\/class\/powercap\/intel-rapl:0\/energy_uj$/,
    );
  });

  test('there may be no counters', async () => {
    expect(await refusal(fakeMachine())).toMatch(/no RAPL counters here/);
  });
});
