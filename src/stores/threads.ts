import type { Place, Threads } from '../core/threads.ts';

/** A conversation left alone longer than this has lost its prompt cache everywhere, and nobody minds where it goes on. */
const IDLE_MS = 60 * 60 * 1000;
const CAPACITY = 50_000;

interface Entry {
  readonly place: Place;
  readonly atMs: number;
}

/** In memory, bounded: the thread used longest ago is forgotten first. `nowMs` is monotonic. */
export function memoryThreads(nowMs: () => number, capacity = CAPACITY): Threads {
  // A Map keeps the order of insertion: an entry that is written again moves to the end.
  const entries = new Map<string, Entry>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (nowMs() - entry.atMs <= IDLE_MS) return entry.place;
      entries.delete(key);
      return undefined;
    },
    remember: (key, place) => {
      entries.delete(key);
      entries.set(key, { place, atMs: nowMs() });
      if (entries.size <= capacity) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
  };
}
