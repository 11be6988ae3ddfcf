/** What opening a meter takes, and what comes of it. */
import type { Meter } from '../core/meter.ts';
import type { Files } from './files.ts';

/** A meter, or why there is none, in words that say what to do about it. */
export type Opened = { readonly meter: Meter } | { readonly why: string };

export interface MeterOptions {
  readonly files: Files;
  /** `/sys`, or what stands in for it. */
  readonly sysRoot: string;
  /** `/proc`, or what stands in for it. */
  readonly procRoot: string;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** As `process.platform` has it. */
  readonly platform: string;
  /** Seconds in which something ran, from the start on: what a constant wattage is multiplied with. */
  readonly busySeconds: () => number;
  readonly commands: MeterCommands;
  readonly settings: MeterSettings;
}

/** Programs and their arguments. */
interface MeterCommands {
  readonly nvidia: readonly [string, ...string[]];
  readonly apple: readonly [string, ...string[]];
}

/** What the configuration says. */
export interface MeterSettings {
  readonly fixedWatts?: number;
  readonly idleWatts?: number;
  readonly tdpWatts?: number;
  readonly prometheus?: { readonly url: string; readonly query: string };
}
