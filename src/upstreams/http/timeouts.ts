import type { Locality } from '../../core/decision.ts';

/** Milliseconds. A model that is slow is not one that is dead: only the connection has a short limit. */
export interface Timeouts {
  readonly connectMs: number;
  /** Until a stream's first event. */
  readonly firstByteMs: number;
  /** Between two events of a stream. */
  readonly idleMs: number;
  /** Until a whole answer starts, which is when the model has finished it. */
  readonly wholeMs: number;
}

/** A cloud that is silent for two minutes is ill; a local model may be loading from disk for ten. */
const DEFAULT_TIMEOUTS: Readonly<Record<Locality, Timeouts>> = {
  cloud: { connectMs: 2000, firstByteMs: 120_000, idleMs: 60_000, wholeMs: 600_000 },
  local: { connectMs: 2000, firstByteMs: 600_000, idleMs: 300_000, wholeMs: 1_800_000 },
};

/** A limit that is set for the first byte holds for whole answers too: theirs comes with the last. */
export function resolveTimeouts(locality: Locality, given: Partial<Timeouts> = {}): Timeouts {
  const defaults = DEFAULT_TIMEOUTS[locality];
  return {
    connectMs: given.connectMs ?? defaults.connectMs,
    firstByteMs: given.firstByteMs ?? defaults.firstByteMs,
    idleMs: given.idleMs ?? defaults.idleMs,
    wholeMs: given.wholeMs ?? given.firstByteMs ?? defaults.wholeMs,
  };
}
