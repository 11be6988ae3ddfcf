/** The book of attempts in memory, for a gateway that is one process. */
import type { AttemptIntent, AttemptLog } from '../../core/attempt-log.ts';

export function memoryAttempts(): AttemptLog {
  const open = new Map<string, AttemptIntent>();
  let oldest: number | undefined;
  let unreconciled = 0;
  let unreconciledNanoUsd = 0;
  return {
    open: (intent) => {
      open.set(intent.id, intent);
      return RECEIVED;
    },
    end: ({ id, state, usedNanoUsd }) => {
      const intent = open.get(id);
      if (intent === undefined) return;
      open.delete(id);
      if (state !== 'unknown') return;
      unreconciled += 1;
      unreconciledNanoUsd += usedNanoUsd;
      oldest ??= intent.atMs;
    },
    committed: () => Promise.resolve([]),
    stats: () => {
      const since = oldest === undefined ? {} : { oldestUnreconciledMs: oldest };
      return { open: open.size, queued: 0, unreconciledNanoUsd, unreconciled, ...since };
    },
  };
}

const RECEIVED = Promise.resolve({ elsewhere: [] });
