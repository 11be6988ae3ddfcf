/** Sensors that are files of microwatts: AMD cards under hwmon, a laptop's battery under power_supply. */
import { join } from 'node:path';
import type { Meter } from '../core/meter.ts';
import { numberIn, textIn, type Files } from './files.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { integratePower } from './power.ts';

/** `amdgpu` cards; `power1_average` on most, `power1_input` on some of the newer ones. */
export async function openAmd(options: MeterOptions): Promise<Opened> {
  const { files, sysRoot } = options;
  const folder = join(sysRoot, 'class', 'hwmon');
  const sensors: string[] = [];
  for (const id of (await files.list(folder)).toSorted()) {
    if ((await textIn(files, join(folder, id, 'name'))) !== 'amdgpu') continue;
    const sensor = await firstNumber(files, [
      join(folder, id, 'power1_average'),
      join(folder, id, 'power1_input'),
    ]);
    if (sensor !== undefined) sensors.push(sensor);
  }
  if (sensors.length === 0) return { why: 'there is no amdgpu power sensor under hwmon' };
  const source = `amdgpu hwmon power, ${sensors.length} ${sensors.length === 1 ? 'card' : 'cards'}`;
  const about = { kind: 'amd', component: 'gpu', source } as const;
  return { meter: await fileMeter(about, () => sumOf(files, sensors), options) };
}

async function firstNumber(files: Files, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await numberIn(files, path)) !== undefined) return path;
  return undefined;
}

/** The output of a discharging battery is the draw of the whole machine, screen included. */
export async function openBattery(options: MeterOptions): Promise<Opened> {
  const { files, sysRoot } = options;
  const folder = join(sysRoot, 'class', 'power_supply');
  const batteries: string[] = [];
  for (const id of (await files.list(folder)).toSorted()) {
    if ((await textIn(files, join(folder, id, 'type'))) === 'Battery')
      batteries.push(join(folder, id));
  }
  if (batteries.length === 0) return { why: 'there is no battery' };
  const draw = (): Promise<number> => batteryMicrowatts(files, batteries);
  try {
    await draw();
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  const about = { kind: 'battery', component: 'machine', source: 'battery power_now' } as const;
  return { meter: await fileMeter(about, draw, options) };
}

async function batteryMicrowatts(files: Files, batteries: readonly string[]): Promise<number> {
  const states = await Promise.all(batteries.map((path) => textIn(files, join(path, 'status'))));
  if (!states.includes('Discharging')) {
    throw new Error(
      'the battery is not discharging: only then does it show what the machine draws',
    );
  }
  return await sumOf(
    files,
    batteries.map((path) => join(path, 'power_now')),
  );
}

async function sumOf(files: Files, paths: readonly string[]): Promise<number> {
  let sum = 0;
  for (const path of paths) {
    const microwatts = await numberIn(files, path);
    if (microwatts === undefined) throw new Error(`${path} cannot be read`);
    sum += Math.abs(microwatts);
  }
  return sum;
}

async function fileMeter(
  about: Pick<Meter, 'kind' | 'component' | 'source'>,
  readMicrowatts: () => Promise<number>,
  { nowMs }: MeterOptions,
): Promise<Meter> {
  const power = integratePower();
  const sample = async (): Promise<void> => {
    const watts = (await readMicrowatts()) / 1e6;
    power.add([watts, watts], nowMs());
  };
  await sample();
  return {
    ...about,
    method: 'measured',
    read: async () => {
      await sample();
      return power.total();
    },
    close: () => {},
  };
}
