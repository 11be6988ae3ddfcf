/** Answers that may be given again, in this process: the least recently used go when there are too many bytes. */
import { LRUCache } from 'lru-cache';
import { shareOf, type ByteBudget } from '../../lib/byte-budget.ts';
import { MOST_ANSWER_BYTES, type KeptAnswers } from '../../core/kept-answers.ts';

/** Synchronous: nothing is awaited. */
export interface MemoryAnswers extends KeptAnswers {
  get(key: string): Uint8Array | undefined;
  /** How many bytes there are of all. */
  bytes(): number;
}

/** Of all. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What stands before an answer: who gave it, and what it cost. */
const HEAD_BYTES = 64 * 1024;
/** What an entry takes beside its bytes. */
const ENTRY_BYTES = 256;

interface Bounds {
  readonly maxBytes?: number;
  /** What they count against. */
  readonly memory?: ByteBudget | undefined;
}

export function memoryAnswers(
  nowMs: () => number,
  { maxBytes = MAX_BYTES, memory }: Bounds = {},
): MemoryAnswers {
  const kept = new LRUCache<string, Uint8Array>({
    maxSize: shareOf(memory, maxBytes),
    maxEntrySize: MOST_ANSWER_BYTES + HEAD_BYTES,
    sizeCalculation: ({ length }) => length + ENTRY_BYTES,
    perf: { now: nowMs },
    // Each look at the clock is one of this process's.
    ttlResolution: 0,
  });
  memory?.counts(() => kept.calculatedSize);
  return {
    get: (key) => kept.get(key),
    set: (key, bytes, ttlMs) => void kept.set(key, bytes, { ttl: ttlMs }),
    delete: (key) => void kept.delete(key),
    bytes: () => kept.calculatedSize,
  };
}
