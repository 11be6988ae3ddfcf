/** What the forwarder's thread and whoever started it tell each other. */

/** Given to the thread when it starts. */
export interface ForwarderSetup {
  readonly url: string;
  /** The outbox's file, and its name. */
  readonly path: string;
  readonly outbox: string;
  readonly shared: SharedArrayBuffer;
}

/** What it is asked to do. */
export type ToForwarder = 'flush' | 'close';

/** What it says without being asked: what is wrong now. */
export interface ForwarderNews {
  readonly problem: string | undefined;
}

/** Memory that both see: a message for each row would cost the main thread more than the row. */
interface SharedStats {
  /** 1: something was written that the thread has not noticed yet. */
  readonly woken: Int32Array<SharedArrayBuffer>;
  /** Rows that wait, since when in milliseconds since the epoch (0: none), rows that were dropped. */
  readonly stats: Float64Array<SharedArrayBuffer>;
}

const WOKEN_BYTES = 8;
const STATS = 3;

export const newShared = (): SharedArrayBuffer => new SharedArrayBuffer(WOKEN_BYTES + 8 * STATS);

export const sharedStats = (shared: SharedArrayBuffer): SharedStats => ({
  woken: new Int32Array(shared, 0, 1),
  stats: new Float64Array(shared, WOKEN_BYTES, STATS),
});
