/** The ports of energy attribution: sensors, and the attempts they are charged to. `meters/` implements them. */
import type { Target } from './decision.ts';
import type { Energy } from './record.ts';

/** Joules, low to high; a sensor gives one figure twice, a model a range. */
export type Joules = readonly [lowJ: number, highJ: number];

/** A counter of joules: the common form of every sensor, and of every model of one. */
export interface Meter {
  readonly kind: string;
  readonly component: 'cpu' | 'gpu' | 'machine';
  readonly method: 'measured' | 'modelled';
  /** What is read and where, for people: part of the `source` of every figure. */
  readonly source: string;
  /** The component's draw when idle, where that is known beforehand. */
  readonly idleWatts?: number;
  /** Bounds of the true figure, as multiples of what is read, where a constant in it is assumed. */
  readonly factors?: readonly [low: number, high: number];
  /** The highest possible draw, where that is known. */
  readonly maxWatts?: number;
  /**
   * Joules since it was opened; never decreases.
   * @throws Error that says what is wrong and what to do, when the sensor cannot be read now
   */
  read(abort: AbortSignal): Promise<Joules>;
  close(): void;
}

/** The attribution of a running attempt, from its start to its end. */
export interface OpenAttribution {
  /** Ends it; later calls return the same figures. */
  end(): EnergyAttribution;
}

export interface EnergyAttribution {
  readonly energy: Energy;
  /** Machine time of this attempt in milliseconds: its time, divided among concurrent attempts. */
  readonly machineMs: number;
}

/** Observes the start of attempts, so that power can be shared among them. */
export interface AttemptMeter {
  /** Undefined for a target that no meter of this machine measures. */
  start(target: Target): OpenAttribution | undefined;
}

/** Carbon intensity of electricity: an average by place (location-based), never by contract. */
export interface GridIntensity {
  readonly gramsPerKwh: number;
  /** Package, version and year; or the live source. */
  readonly source: string;
}
