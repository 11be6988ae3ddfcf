/**
 * The last resort: a processor's power modelled from the load of the whole machine, without GPU, memory
 * and the power supply's losses.
 *
 * low  = TDP (0.1 + 0.9 load^3)            CodeCarbon's curve
 * high = TDP (0.1 + 0.9 (2 load - load^1.4))   Fan, Weber, Barroso, ISCA 2007, between the same ends
 *
 * Both are right at no load and at full load; between them one is below the measured power of processors,
 * the other above. An unknown TDP counts as 85 W, as in CodeCarbon, and every figure, being proportional
 * to it, is given as the range from a laptop's processor to a server's.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { textIn, type Files } from './files.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { integratePower, type Watts } from './power.ts';

const UNKNOWN_TDP_WATTS = 85;
/** Base powers of common laptop and common server processors (makers' data sheets: 15 W, 250 W). */
const LAPTOP_TDP_WATTS = 15;
const SERVER_TDP_WATTS = 250;
const UNKNOWN_TDP_FACTORS = [
  LAPTOP_TDP_WATTS / UNKNOWN_TDP_WATTS,
  SERVER_TDP_WATTS / UNKNOWN_TDP_WATTS,
] as const;
const IDLE_SHARE = 0.1;
const FAN_EXPONENT = 1.4;

/** Time of all processors together since the start, in any unit. */
interface CpuTime {
  readonly busy: number;
  readonly total: number;
}

/** @param load of all processors, as a share of the time. @returns the least and the most that it may be */
export function modelledWatts(tdpWatts: number, load: number): Watts {
  const share = Math.min(1, Math.max(0, load));
  const at = (curve: number): number => tdpWatts * (IDLE_SHARE + (1 - IDLE_SHARE) * curve);
  return [at(share ** 3), at(2 * share - share ** FAN_EXPONENT)];
}

export async function openModelled(options: MeterOptions): Promise<Opened> {
  const { tdpWatts } = options.settings;
  const tdp = tdpWatts ?? UNKNOWN_TDP_WATTS;
  const power = integratePower();
  let before = await cpuTime(options.files, options.procRoot);
  let beforeMs = options.nowMs();
  return {
    meter: {
      kind: 'modelled',
      component: 'cpu',
      method: 'modelled',
      source: `processor of ${tdp} W${tdpWatts === undefined ? ' (unknown: 15 to 250 W)' : ''} x load`,
      ...(tdpWatts === undefined ? { factors: UNKNOWN_TDP_FACTORS } : {}),
      idleWatts: IDLE_SHARE * tdp,
      maxWatts: tdp,
      read: async () => {
        const now = await cpuTime(options.files, options.procRoot);
        const nowMs = options.nowMs();
        const total = now.total - before.total;
        if (total > 0) {
          // The load is the mean since the last reading, so the power holds for all of that time.
          const watts = modelledWatts(tdp, (now.busy - before.busy) / total);
          power.addMean(watts, nowMs - beforeMs);
          before = now;
          beforeMs = nowMs;
        }
        return power.total();
      },
      close: () => {},
    },
  };
}

/** The first line of `/proc/stat`; without that file, Node's `cpus()`. */
async function cpuTime(files: Files, procRoot: string): Promise<CpuTime> {
  const text = await textIn(files, join(procRoot, 'stat'));
  const all = /^cpu +(.+)/
    .exec(text ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  if (all !== undefined && all.length >= 5 && all.every(Number.isFinite)) {
    // user nice system idle iowait irq softirq steal; guests are in user already.
    const counted = all.slice(0, 8);
    const total = counted.reduce((sum, ticks) => sum + ticks, 0);
    return { total, busy: total - all[3]! - all[4]! - (all[7] ?? 0) };
  }
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const active = times.user + times.nice + times.sys + times.irq;
    busy += active;
    total += active + times.idle;
  }
  return { busy, total };
}
