/** A machine whose kernel files, clock and programs are set by the test. */
import { posix } from 'node:path';
import type { Files } from '../../src/meters/files.ts';
import { realFiles } from '../../src/meters/files.ts';
import type { MeterOptions } from '../../src/meters/opened.ts';

export interface FakeMachine {
  /** Text by path; a file with the text `denied` cannot be read. */
  readonly tree: Map<string, string>;
  readonly options: MeterOptions;
  wait(seconds: number): void;
  put(path: string, value: string | number): void;
  /** A RAPL zone: `intel-rapl:0`, its name and counter. */
  zone(id: string, name: string, energyUj: number, rangeUj?: number): void;
}

export const DENIED = 'denied';
const POWERCAP = '/sys/class/powercap';

export function fakeMachine(change: Partial<MeterOptions> = {}): FakeMachine {
  const tree = new Map<string, string>();
  let nowMs = 0;
  const put = (path: string, value: string | number): void => void tree.set(path, `${value}\n`);
  return {
    tree,
    put,
    wait: (seconds) => (nowMs += seconds * 1000),
    zone: (id, name, energyUj, rangeUj = 262_143_328_850) => {
      put(`${POWERCAP}/${id}/name`, name);
      put(`${POWERCAP}/${id}/energy_uj`, energyUj);
      put(`${POWERCAP}/${id}/max_energy_range_uj`, rangeUj);
    },
    options: {
      files: filesOf(tree),
      sysRoot: '/sys',
      procRoot: '/proc',
      nowMs: () => nowMs,
      platform: 'linux',
      busySeconds: () => 0,
      commands: { nvidia: ['no-such-nvidia-smi'], apple: ['no-such-powermetrics'] },
      settings: {},
      ...change,
    },
  };
}

function filesOf(tree: ReadonlyMap<string, string>): Files {
  return {
    list: async (folder) => {
      const below = [...tree.keys()].filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0]!))];
    },
    read: async (path) => {
      const text = tree.get(posix.normalize(path));
      if (text?.trim() === DENIED) {
        throw Object.assign(new Error(`EACCES: permission denied, open '${path}'`), {
          code: 'EACCES',
        });
      }
      return text ?? (await realFiles.read('/nowhere/at/all'));
    },
  };
}
