/** Input and result of opening a meter. */
import type { Meter } from '../core/meter.ts';
import type { Files } from './files.ts';

/** A meter, or why it cannot be used and what to do about that. */
export type Opened = { readonly meter: Meter } | { readonly why: string };

export interface MeterOptions {
  readonly files: Files;
  /** `/sys`, or a test's replacement. */
  readonly sysRoot: string;
  /** `/proc`, or a test's replacement. */
  readonly procRoot: string;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** `process.platform`. */
  readonly platform: string;
  /** Seconds since the start in which attempts ran: multiplied by a constant wattage. */
  readonly busySeconds: () => number;
  readonly commands: MeterCommands;
  readonly settings: MeterSettings;
}

/** Programs and their arguments. */
interface MeterCommands {
  readonly nvidia: readonly [string, ...string[]];
  readonly apple: readonly [string, ...string[]];
}

/** From the configuration. */
export interface MeterSettings {
  readonly fixedWatts?: number;
  readonly idleWatts?: number;
  readonly tdpWatts?: number;
  readonly prometheus?: { readonly url: string; readonly query: string };
}
