/** A wattage from the configuration, for a machine without sensors: read off a power meter once. */
import type { MeterOptions, Opened } from './opened.ts';

export async function openFixed({ settings, nowMs, busySeconds }: MeterOptions): Promise<Opened> {
  const { fixedWatts, idleWatts = 0 } = settings;
  if (fixedWatts === undefined) {
    return { why: 'it needs `energy.fixedWatts`: what the machine draws while it answers' };
  }
  const openedMs = nowMs();
  const busyBefore = busySeconds();
  return {
    meter: {
      kind: 'fixed',
      component: 'machine',
      method: 'modelled',
      source: `configuration: ${fixedWatts} W while answering, ${idleWatts} W otherwise`,
      idleWatts,
      maxWatts: fixedWatts,
      read: async () => {
        const busy = busySeconds() - busyBefore;
        const idle = (nowMs() - openedMs) / 1000 - busy;
        const joules = fixedWatts * busy + idleWatts * idle;
        return [joules, joules];
      },
      close: () => {},
    },
  };
}
