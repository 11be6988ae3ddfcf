/** Chooses the meters: the configured kind, or the first of each list that works on this machine. */
import type { Meter } from '../core/meter.ts';
import { openApple } from './apple.ts';
import { openFixed } from './fixed.ts';
import { openModelled } from './modelled.ts';
import { openNvidia } from './nvidia.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { openAmd, openBattery } from './power-files.ts';
import { openPrometheus } from './prometheus.ts';
import { openRapl } from './rapl.ts';

const KINDS = {
  prometheus: openPrometheus,
  rapl: openRapl,
  nvidia: openNvidia,
  amd: openAmd,
  apple: openApple,
  battery: openBattery,
  fixed: openFixed,
  modelled: openModelled,
} as const satisfies Record<string, (options: MeterOptions) => Promise<Opened>>;

export type MeterKind = keyof typeof KINDS;

/** Preference: a configured source for the whole machine, then energy counters, power sensors, models. */
const MACHINE_KINDS: readonly MeterKind[] = [
  'prometheus',
  'rapl',
  'apple',
  'battery',
  'fixed',
  'modelled',
];
const GPU_KINDS: readonly MeterKind[] = ['nvidia', 'amd'];

export interface Tried {
  readonly kind: MeterKind;
  readonly used: boolean;
  /** What it reads; or why it cannot be used, and what to do about that. */
  readonly why: string;
}

export interface Chosen {
  readonly meters: readonly Meter[];
  readonly tried: readonly Tried[];
}

/** @throws Error that says what to do, when the configured meter cannot be used */
export async function chooseMeters(
  wanted: MeterKind | 'auto',
  options: MeterOptions,
): Promise<Chosen> {
  if (wanted !== 'auto') {
    const chosen = await firstAvailable([wanted], options);
    if (chosen.meters.length > 0) return chosen;
    throw new Error(
      `\`energy.meter: ${wanted}\` cannot be used: ${chosen.tried[0]?.why}. Fix that, or write \`meter: auto\` to use the best meter that works.`,
    );
  }
  const machine = await firstAvailable(MACHINE_KINDS, options);
  if (machine.meters.some(({ component }) => component === 'machine')) return machine;
  const gpu = await firstAvailable(GPU_KINDS, options);
  return {
    meters: [...machine.meters, ...gpu.meters],
    tried: [...machine.tried, ...gpu.tried],
  };
}

async function firstAvailable(kinds: readonly MeterKind[], options: MeterOptions): Promise<Chosen> {
  const tried: Tried[] = [];
  for (const kind of kinds) {
    const opened = await KINDS[kind](options);
    if ('meter' in opened) {
      tried.push({ kind, used: true, why: opened.meter.source });
      return { meters: [opened.meter], tried };
    }
    tried.push({ kind, used: false, why: opened.why });
  }
  return { meters: [], tried };
}
