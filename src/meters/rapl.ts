/**
 * RAPL: the energy counters of Intel and AMD processors, as the kernel shows them under `class/powercap`.
 * Domains nest: a package contains its cores and its graphics, and `psys` contains packages and more.
 * Packages and the memory beside them are counted; `psys` only where there is no package. A package may
 * appear twice, by MSR and by MMIO: the first is used.
 */
import { join } from 'node:path';
import type { Meter } from '../core/meter.ts';
import { numberIn, textIn, type Files } from './files.ts';
import type { MeterOptions, Opened } from './opened.ts';

interface Zone {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** The value at which the counter wraps, in microjoules; 0 = not known. */
  readonly range: number;
}

interface Counter extends Zone {
  lastUj: number;
  lastMs: number;
  joules: number;
}

/**
 * No processor draws this much: such a counter was reset, by a reloaded driver or a machine that slept,
 * and the energy in between is not known.
 */
const IMPOSSIBLE_WATTS = 5000;
/** Lower bound of an interval: two readings in one tick of the counter must not look like a huge power. */
const SHORTEST_MS = 50;

export async function openRapl({ files, sysRoot, nowMs }: MeterOptions): Promise<Opened> {
  const zones = chooseZones(await findZones(files, join(sysRoot, 'class', 'powercap')));
  if (zones.length === 0) {
    return {
      why: 'there are no RAPL counters here (virtual machines and most containers hide them; mount /sys/class/powercap into a container)',
    };
  }
  const counters: Counter[] = [];
  try {
    for (const zone of zones) {
      const lastUj = await readCounter(files, zone);
      counters.push({ ...zone, lastUj, lastMs: nowMs(), joules: 0 });
    }
  } catch (error) {
    return { why: unreadable(zones, error) };
  }
  const maxWatts = await limitOf(files, zones);
  return {
    meter: {
      ...raplMeter(counters, files, nowMs),
      ...(maxWatts === undefined ? {} : { maxWatts }),
    },
  };
}

function raplMeter(counters: readonly Counter[], files: Files, nowMs: () => number): Meter {
  return {
    kind: 'rapl',
    component: 'cpu',
    method: 'measured',
    source: `RAPL ${counters.map(({ name }) => name).join(' + ')}`,
    read: async () => {
      await Promise.all(
        counters.map(async (counter) => {
          let nowUj: number;
          try {
            nowUj = await readCounter(files, counter);
          } catch (error) {
            throw new Error(unreadable(counters, error), { cause: error });
          }
          advance(counter, nowUj, nowMs());
        }),
      );
      const joules = counters.reduce((sum, counter) => sum + counter.joules, 0);
      return [joules, joules];
    },
    close: () => {},
  };
}

function advance(counter: Counter, nowUj: number, nowMs: number): void {
  const seconds = Math.max(SHORTEST_MS, nowMs - counter.lastMs) / 1000;
  const wrapped = nowUj < counter.lastUj ? counter.range : 0;
  const joules = (nowUj + wrapped - counter.lastUj) / 1e6;
  if (joules >= 0 && joules / seconds <= IMPOSSIBLE_WATTS) counter.joules += joules;
  counter.lastUj = nowUj;
  counter.lastMs = nowMs;
}

async function findZones(files: Files, folder: string): Promise<readonly Zone[]> {
  const ids = (await files.list(folder)).filter((id) => /^intel-rapl(-mmio)?(:\d+)+$/.test(id));
  const zones: Zone[] = [];
  for (const id of ids.toSorted()) {
    const path = join(folder, id);
    const name = await textIn(files, join(path, 'name'));
    if (name === undefined) continue;
    zones.push({ id, name, path, range: (await numberIn(files, join(path, RANGE))) ?? 0 });
  }
  return zones;
}

const RANGE = 'max_energy_range_uj';

function chooseZones(zones: readonly Zone[]): readonly Zone[] {
  const nameOf = new Map(zones.map(({ id, name }) => [id, name]));
  const parentOf = ({ id }: Zone): string => nameOf.get(id.replace(/:\d+$/, '')) ?? '';
  const chosen = new Map<string, Zone>();
  // Sorted by id, `intel-rapl-mmio:0` comes before `intel-rapl:0`.
  const byDriver = [...zones.filter(isMsr), ...zones.filter((zone) => !isMsr(zone))];
  for (const zone of byDriver) {
    const name = zone.name === 'dram' ? `${parentOf(zone)} dram`.trim() : zone.name;
    const counts = name.endsWith('dram') || (name.startsWith('package') && isTop(zone));
    if (counts && !chosen.has(name)) chosen.set(name, { ...zone, name });
  }
  const hasPackage = [...chosen.keys()].some((name) => !name.endsWith('dram'));
  if (hasPackage) return [...chosen.values()];
  const platform = byDriver.find(({ name }) => name === 'psys');
  return platform === undefined ? [] : [platform];
}

const isMsr = ({ id }: Zone): boolean => !id.startsWith('intel-rapl-mmio');
const isTop = ({ id }: Zone): boolean => /^[^:]+:\d+$/.test(id);

async function readCounter(files: Files, zone: Zone): Promise<number> {
  const text = (await files.read(join(zone.path, 'energy_uj'))).trim();
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    throw new Error(`'${text.slice(0, 40)}' is no number`);
  return value;
}

/** The sum of each zone's highest power limit; undefined where one has none, as on AMD. */
async function limitOf(files: Files, zones: readonly Zone[]): Promise<number | undefined> {
  let watts = 0;
  // The limit of memory is usually not set; it would add a few watts only.
  for (const { path } of zones.filter(({ name }) => !name.endsWith('dram'))) {
    const limits = await Promise.all(
      [0, 1, 2].map((at) => numberIn(files, join(path, `constraint_${at}_power_limit_uw`))),
    );
    const highest = Math.max(...limits.map((limit) => limit ?? 0)) / 1e6;
    if (highest === 0) return undefined;
    watts += highest;
  }
  return watts;
}

function unreadable(zones: readonly Zone[], error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EACCES' && code !== 'EPERM') return `RAPL cannot be read: ${String(error)}`;
  const paths = zones.map(({ path }) => join(path, 'energy_uj')).join(' ');
  return `RAPL is there, but only root may read it (CVE-2020-8694). To allow it until the next boot: sudo chmod a+r ${paths}`;
}
