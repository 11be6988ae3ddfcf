import { LRUCache } from 'lru-cache';
import type { Conversations } from '../core/conversations.ts';
import type { ConversationPlace } from '../core/decision.ts';

/** A conversation left alone longer than this has lost its prompt cache everywhere, and nobody minds where it goes on. */
const IDLE_MS = 60 * 60 * 1000;
/** A conversation has an entry of its own and one for each turn. */
const CAPACITY = 100_000;

/** Answers at once: nothing is awaited. */
export interface MemoryConversations extends Conversations {
  get(key: string): ConversationPlace | undefined;
}

interface ConversationEntry {
  readonly place: ConversationPlace;
  readonly atMs: number;
}

/**
 * In memory, bounded: the thread used longest ago is forgotten first. `nowMs` is monotonic. No Map: to find
 * its oldest key costs 55 µs when it has held 50,000 for long, this 2.
 */
export function memoryConversations(nowMs: () => number, capacity = CAPACITY): MemoryConversations {
  const entries = new LRUCache<string, ConversationEntry>({ max: capacity });
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
