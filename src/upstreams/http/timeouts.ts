/** Milliseconds. A model that is slow is not one that is dead: only the connection has a short limit. */
export interface Timeouts {
  readonly connectMs: number;
  /** Until a stream's first event. Bytes before it, such as comments, start it anew, up to a cap. */
  readonly firstByteMs: number;
  /** Between two events of a stream. */
  readonly idleMs: number;
  /** Until a whole answer starts, which is when the model has finished. */
  readonly wholeMs: number;
}

/**
 * A model may reason for ten minutes, or load from disk, without a byte; OpenAI's own clients wait as long. A
 * peer that vanished is noticed sooner, by the connection itself: `connectMs`, and TCP keep-alive.
 */
const DEFAULT_TIMEOUTS: Readonly<Timeouts> = {
  connectMs: 2000,
  firstByteMs: 900_000,
  idleMs: 900_000,
  wholeMs: 1_800_000,
};

/** A limit that is set for the first byte holds for whole answers too: theirs comes with the last. */
export const resolveTimeouts = (given: Partial<Timeouts> = {}): Timeouts => ({
  connectMs: given.connectMs ?? DEFAULT_TIMEOUTS.connectMs,
  firstByteMs: given.firstByteMs ?? DEFAULT_TIMEOUTS.firstByteMs,
  idleMs: given.idleMs ?? DEFAULT_TIMEOUTS.idleMs,
  wholeMs: given.wholeMs ?? given.firstByteMs ?? DEFAULT_TIMEOUTS.wholeMs,
});
