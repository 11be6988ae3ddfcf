/** Beginnings and ends that many texts share: what is put before or behind every question to fool a router. No text is kept. */

/** Characters of a beginning or an end. */
const AFFIX_CHARS = 40;
/** At least this many requests of a window share it, and half of all. */
const LEAST_SHARED = 20;
/** Hashes that are remembered; then they are forgotten together. */
const MOST_HASHES = 1000;

export interface CommonAffixes {
  /** Takes a text; what it shares with most others of the window. */
  seen(text: string, atMs: number): readonly ('beginning' | 'ending')[];
}

export function commonAffixes(windowMs: number): CommonAffixes {
  let counts = new Map<number, number>();
  let count = 0;
  let sinceMs = -Infinity;
  const isShared = (hash: number): boolean => {
    const times = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, times);
    return times >= LEAST_SHARED && times * 2 >= count;
  };
  return {
    seen: (text, atMs) => {
      if (atMs - sinceMs > windowMs || counts.size > MOST_HASHES) {
        counts = new Map();
        count = 0;
        sinceMs = atMs;
      }
      count += 1;
      // Of a shorter one both would be most of it.
      if (text.length < 2 * AFFIX_CHARS) return NONE;
      const begins = isShared(hashOf(text, 0, 1));
      const ends = isShared(hashOf(text, text.length - AFFIX_CHARS, 2));
      if (!begins && !ends) return NONE;
      return [...(begins ? (['beginning'] as const) : []), ...(ends ? (['ending'] as const) : [])];
    },
  };
}

const NONE: readonly never[] = [];

/** FNV-1a, 32 bits, of `AFFIX_CHARS` UTF-16 units. */
function hashOf(text: string, from: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = from; at < from + AFFIX_CHARS; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
