/** The ports between what draws power and who is charged for it. `meters/` implements them. */
import type { Target } from './decision.ts';
import type { Energy } from './record.ts';

/** Joules, low to high; a sensor says one figure twice, a model a range. */
export type Joules = readonly [lowJ: number, highJ: number];

/** A counter of joules: everything with a sensor, and every model of one, is made to look like it. */
export interface Meter {
  readonly kind: string;
  readonly component: 'cpu' | 'gpu' | 'machine';
  readonly method: 'measured' | 'modelled';
  /** What is read and where, in words: it ends up in the `source` of every figure. */
  readonly source: string;
  /** What the component draws when nothing is asked of it, where that is known beforehand. */
  readonly idleWatts?: number;
  /** The true figures lie between these multiples of what is read, where a constant in it is only assumed. */
  readonly factors?: readonly [low: number, high: number];
  /** More than this it cannot draw, where that is known. */
  readonly maxWatts?: number;
  /**
   * Joules since it was opened; never falls.
   * @throws Error that says what is wrong and what to do, when the sensor cannot be read just now
   */
  read(abort: AbortSignal): Promise<Joules>;
  close(): void;
}

/** One attempt's share of what a machine draws, from its start to its end. */
export interface OpenAttribution {
  /** Ends it; later calls give the same. */
  end(): EnergyAttribution;
}

export interface EnergyAttribution {
  readonly energy: Energy;
  /** Milliseconds of the machine that were this attempt's: its time, shared with whatever ran beside it. */
  readonly machineMs: number;
}

/** Told when attempts start, so that power can be shared among them. */
export interface AttemptMeter {
  /** Undefined for a target that no meter of this machine sees. */
  start(target: Target): OpenAttribution | undefined;
}

/** How much carbon a kilowatt-hour carries: an average, by place, never by contract. */
export interface GridIntensity {
  readonly gramsPerKwh: number;
  /** Package, version and year; or the live source. */
  readonly source: string;
}
