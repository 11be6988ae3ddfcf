/** The sensors that report power, not energy. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Joules, Meter } from '../core/meter.ts';
import { DENIED, fakeMachine } from '../../test/support/fake-machine.ts';
import { powermetricsReader } from './apple.ts';
import { openFixed } from './fixed.ts';
import { modelledWatts, openModelled } from './modelled.ts';
import { openNvidia } from './nvidia.ts';
import type { Opened } from './opened.ts';
import { openAmd, openBattery } from './power-files.ts';
import { integratePower } from './power.ts';
import { openPrometheus } from './prometheus.ts';

function meterOf(opened: Opened): Meter {
  if ('meter' in opened) return opened.meter;
  throw new Error(opened.why);
}
const whyOf = (opened: Opened): string => ('why' in opened ? opened.why : '');
const read = (meter: Meter): Promise<Joules> => meter.read(new AbortController().signal);

describe('power over time', () => {
  test('is interpolated linearly between two readings', () => {
    const power = integratePower();
    power.add([10, 20], 0);
    power.add([30, 40], 2000);
    expect(power.total()).toEqual([40, 60]);
  });

  test('is not estimated across a long gap', () => {
    const power = integratePower();
    power.add([100, 100], 0);
    power.add([100, 100], 60_000);
    power.add([100, 100], 61_000);
    power.add([100, 100], 61_000);
    expect(power.total()).toEqual([100, 100]);
  });
});

describe('amdgpu', () => {
  test('is the sum of all cards, whichever file they have', async () => {
    const machine = fakeMachine();
    machine.put('/sys/class/hwmon/hwmon0/name', 'k10temp');
    machine.put('/sys/class/hwmon/hwmon0/power1_average', 99e6);
    machine.put('/sys/class/hwmon/hwmon1/name', 'amdgpu');
    machine.put('/sys/class/hwmon/hwmon1/power1_average', 30e6);
    machine.put('/sys/class/hwmon/hwmon2/name', 'amdgpu');
    machine.put('/sys/class/hwmon/hwmon2/power1_input', 10e6);
    const meter = meterOf(await openAmd(machine.options));
    expect(meter).toMatchObject({ component: 'gpu', method: 'measured' });
    machine.wait(2);
    expect(await read(meter)).toEqual([80, 80]);
    machine.put('/sys/class/hwmon/hwmon1/power1_average', DENIED);
    await expect(read(meter)).rejects.toThrow(/cannot be read/);
  });

  test('may be missing', async () => {
    expect(whyOf(await openAmd(fakeMachine().options))).toMatch(/no amdgpu/);
  });
});

describe('a battery', () => {
  const laptop = (status: string) => {
    const machine = fakeMachine();
    machine.put('/sys/class/power_supply/AC/type', 'Mains');
    machine.put('/sys/class/power_supply/BAT0/type', 'Battery');
    machine.put('/sys/class/power_supply/BAT0/status', status);
    machine.put('/sys/class/power_supply/BAT0/power_now', 15e6);
    return machine;
  };

  test('gives the draw of the whole machine while it discharges', async () => {
    const machine = laptop('Discharging');
    const meter = meterOf(await openBattery(machine.options));
    machine.wait(4);
    expect(await read(meter)).toEqual([60, 60]);
    machine.put('/sys/class/power_supply/BAT0/status', 'Charging');
    await expect(read(meter)).rejects.toThrow(/not discharging/);
  });

  test('cannot be used while it charges, or where there is none', async () => {
    expect(whyOf(await openBattery(laptop('Charging').options))).toMatch(/not discharging/);
    expect(whyOf(await openBattery(fakeMachine().options))).toMatch(/no battery/);
  });
});

describe('the model', () => {
  test('is one figure at no load and at full load, and a range between', () => {
    expect(modelledWatts(100, 0)).toEqual([10, 10]);
    expect(modelledWatts(100, 1)).toEqual([100, 100]);
    const [low, high] = modelledWatts(100, 0.5);
    expect(low).toBeCloseTo(10 + 90 * 0.125, 9);
    expect(high).toBeCloseTo(10 + 90 * (1 - 0.5 ** 1.4), 9);
    expect(modelledWatts(100, 7)).toEqual([100, 100]);
  });

  test('uses the load of all processors since the last reading', async () => {
    const machine = fakeMachine({ settings: { tdpWatts: 100 } });
    machine.put('/proc/stat', 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3 4');
    const meter = meterOf(await openModelled(machine.options));
    expect(meter).toMatchObject({ method: 'modelled', idleWatts: 10, maxWatts: 100 });
    machine.wait(2);
    // 200 ticks, all of them busy.
    machine.put('/proc/stat', 'cpu  200 0 200 800 0 0 0 0 0 0');
    expect(await read(meter)).toEqual([200, 200]);
    machine.wait(1);
    machine.put('/proc/stat', 'cpu  200 0 200 850 50 0 0 0 0 0');
    expect(await read(meter)).toEqual([210, 210]);
  });

  test('works without /proc, and says that the processor is unknown', async () => {
    const machine = fakeMachine();
    const meter = meterOf(await openModelled(machine.options));
    expect(meter.source).toContain('85 W (unknown: 15 to 250 W)');
    machine.wait(1);
    const [low, high] = await read(meter);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(85);
  });
});

test('one fixed wattage counts while attempts run, another one while none does', async () => {
  let busy = 0;
  const settings = { fixedWatts: 120, idleWatts: 40 };
  const machine = fakeMachine({ settings, busySeconds: () => busy });
  const meter = meterOf(await openFixed(machine.options));
  machine.wait(10);
  busy = 3;
  expect(await read(meter)).toEqual([3 * 120 + 7 * 40, 3 * 120 + 7 * 40]);
  expect(whyOf(await openFixed(fakeMachine().options))).toContain('energy.fixedWatts');
});

describe('nvidia-smi', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-nvidia-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const script = (text: string): readonly [string, ...string[]] => {
    const path = join(folder, 'fake-nvidia-smi.mjs');
    writeFileSync(path, text);
    return [process.execPath, path];
  };

  test('is one program that prints continuously, a line per card', async () => {
    const machine = fakeMachine({
      commands: {
        nvidia: script(`
          setInterval(() => console.log('GPU-a, 100.00\\nGPU-b, 60.00\\nGPU-c, [N/A]'), 20);`),
        apple: ['none'],
      },
    });
    const meter = meterOf(await openNvidia(machine.options));
    machine.wait(1);
    await expect.poll(async () => (await read(meter))[0]).toBe(160);
    expect(meter.source).toBe('nvidia-smi power.draw, 2 cards');
    meter.close();
  });

  test('that ends is the reason', async () => {
    const machine = fakeMachine({
      commands: {
        nvidia: script(`console.error('No devices were found'); process.exit(6);`),
        apple: ['none'],
      },
    });
    expect(whyOf(await openNvidia(machine.options))).toMatch(/ended \(6\): No devices were found/);
  });

  test('that is missing is the reason', async () => {
    expect(whyOf(await openNvidia(fakeMachine().options))).toMatch(/does not start.*PATH/);
  });
});

test('powermetrics has a line for each part of a sample', () => {
  const watts: number[] = [];
  const reader = powermetricsReader((each) => watts.push(each));
  const sample = [
    '*** Sampled system activity (1003.42ms elapsed) ***',
    'CPU Power: 812 mW',
    'GPU Power: 35 mW',
    'Combined Power (CPU + GPU + ANE): 847 mW',
    '**** GPU usage ****',
    'GPU Power: 35 mW',
  ];
  for (const line of [...sample, ...sample]) reader(line);
  expect(watts.map((each) => each.toFixed(3))).toEqual(['0.847', '0.847']);
});

describe('Prometheus', () => {
  async function answering(
    body: string,
  ): Promise<{ url: string; asked: string[]; close: () => void }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
  }
  const vector = (...values: readonly string[]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: values.map((v) => ({ metric: {}, value: [1, v] })) },
    });

  test('gives the sum of the samples of a query', async () => {
    const server = await answering(vector('80.5', '19.5'));
    const settings = { prometheus: { url: `${server.url}/`, query: 'sum by (plug) (watts)' } };
    const machine = fakeMachine({ settings });
    const meter = meterOf(await openPrometheus(machine.options));
    machine.wait(3);
    expect(await read(meter)).toEqual([300, 300]);
    expect(server.asked[0]).toBe('/api/v1/query?query=sum%20by%20(plug)%20(watts)');
    server.close();
  });

  test.each([vector(), vector('NaN'), vector('-5'), '{"status":"error"}'])(
    'that says %s has no watts',
    async (body) => {
      const server = await answering(body);
      const { options } = fakeMachine({
        settings: { prometheus: { url: server.url, query: 'x' } },
      });
      expect(whyOf(await openPrometheus(options))).toMatch(/has no watts for x/);
      server.close();
    },
  );
});
