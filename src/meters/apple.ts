/**
 * Apple's `powermetrics`, which only root may run. Its figures are the chip's own estimates, not a
 * meter's, without the memory and the screen. Never tested on a Mac: only against its format.
 */
import { childLines } from './child-lines.ts';
import type { MeterOptions, Opened } from './opened.ts';
import { integratePower } from './power.ts';

export const APPLE_COMMAND = [
  'sudo',
  '-n',
  'powermetrics',
  '--samplers',
  'cpu_power,gpu_power',
  '-i',
  '1000',
] as const;

const FIRST_SAMPLE_MS = 5000;

export async function openApple(options: MeterOptions): Promise<Opened> {
  if (options.platform !== 'darwin') return { why: 'this is not a Mac' };
  const power = integratePower();
  const first = new AbortController();
  const read = powermetricsReader((watts) => {
    power.add([watts, watts], options.nowMs());
    first.abort();
  });
  const { commands, nowMs } = options;
  const lines = childLines({ command: commands.apple, nowMs, onLine: read });
  const deadline = AbortSignal.any([first.signal, AbortSignal.timeout(FIRST_SAMPLE_MS)]);
  while (!deadline.aborted && lines.problem() === undefined) await lines.first(deadline);
  if (!first.signal.aborted) {
    const why = lines.problem() ?? 'powermetrics reports no power';
    lines.close();
    return {
      why: `${why}. It needs a line in sudoers: %admin ALL=(root) NOPASSWD: /usr/bin/powermetrics`,
    };
  }
  return {
    meter: {
      kind: 'apple',
      component: 'machine',
      method: 'modelled',
      source: 'powermetrics CPU + GPU power, an estimate of the chip',
      read: async () => {
        const why = lines.problem();
        if (why !== undefined) throw new Error(why);
        return power.total();
      },
      close: () => lines.close(),
    },
  };
}

/** A sample has a line for each part: `CPU Power: 812 mW`, `GPU Power: 35 mW`; the GPU's ends it. */
export function powermetricsReader(onWatts: (watts: number) => void): (line: string) => void {
  let cpuWatts: number | undefined;
  return (line) => {
    const [, part, figure] = /^(CPU|GPU) Power: (\d+) mW/.exec(line.trim()) ?? [];
    if (figure === undefined) return;
    const watts = Number(figure) / 1000;
    if (part === 'CPU') cpuWatts = watts;
    else if (cpuWatts !== undefined) {
      onWatts(cpuWatts + watts);
      cpuWatts = undefined;
    }
  };
}
