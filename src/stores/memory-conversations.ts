import { LRUCache } from 'lru-cache';
import type { Threads } from '../core/conversations.ts';
import type { Place } from '../core/decision.ts';

/** A conversation left alone longer than this has lost its prompt cache everywhere, and nobody minds where it goes on. */
const IDLE_MS = 60 * 60 * 1000;
const CAPACITY = 50_000;

interface Entry {
  readonly place: Place;
  readonly atMs: number;
}

/**
 * In memory, bounded: the thread used longest ago is forgotten first. `nowMs` is monotonic. No Map: to find
 * its oldest key costs 55 µs when it has held 50,000 for long, this 2.
 */
export function memoryThreads(nowMs: () => number, capacity = CAPACITY): Threads {
  const entries = new LRUCache<string, Entry>({ max: capacity });
  return {
    get: (key) => {
      const entry = entries.peek(key);
      if (entry === undefined) return undefined;
      if (nowMs() - entry.atMs <= IDLE_MS) return entry.place;
      entries.delete(key);
      return undefined;
    },
    remember: (key, place) => {
      entries.set(key, { place, atMs: nowMs() });
    },
  };
}
