/** Which meters to use: the one that was asked for, or the first of each ladder that works here. */
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

/** What sees the whole machine first where it is configured, then counters, then powers, then guesses. */
const MACHINE_LADDER: readonly MeterKind[] = [
  'prometheus',
  'rapl',
  'apple',
  'battery',
  'fixed',
  'modelled',
];
const GPU_LADDER: readonly MeterKind[] = ['nvidia', 'amd'];

export interface Tried {
  readonly kind: MeterKind;
  readonly used: boolean;
  /** What it reads; or why it was passed over, and what to do about that. */
  readonly why: string;
}

export interface Chosen {
  readonly meters: readonly Meter[];
  readonly tried: readonly Tried[];
}

/** @throws Error that says what to do, when the one meter that was asked for cannot be had */
export async function chooseMeters(
  wanted: MeterKind | 'auto',
  options: MeterOptions,
): Promise<Chosen> {
  if (wanted !== 'auto') {
    const chosen = await firstAvailable([wanted], options);
    if (chosen.meters.length > 0) return chosen;
    throw new Error(
      `\`energy.meter: ${wanted}\` cannot be used: ${chosen.tried[0]?.why}. Mend that, or write \`meter: auto\`, which takes the best there is.`,
    );
  }
  const machine = await firstAvailable(MACHINE_LADDER, options);
  if (machine.meters.some(({ component }) => component === 'machine')) return machine;
  const gpu = await firstAvailable(GPU_LADDER, options);
  return {
    meters: [...machine.meters, ...gpu.meters],
    tried: [...machine.tried, ...gpu.tried],
  };
}

/** The first rung that holds. */
async function firstAvailable(
  ladder: readonly MeterKind[],
  options: MeterOptions,
): Promise<Chosen> {
  const tried: Tried[] = [];
  for (const kind of ladder) {
    const opened = await KINDS[kind](options);
    if ('meter' in opened) {
      tried.push({ kind, used: true, why: opened.meter.source });
      return { meters: [opened.meter], tried };
    }
    tried.push({ kind, used: false, why: opened.why });
  }
  return { meters: [], tried };
}
