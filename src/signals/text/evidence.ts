/** Adds up what words say for something, each with its own weight. */
import { wordHash, type Words } from './words.ts';

/** Words (folded as `splitWords` folds) and how surely each alone speaks for the thing, 0..1. */
export type Lexicon = ReadonlyMap<number, number>;

/** A lexicon from lines of words, a weight each. Longer weights win where a word stands twice. */
export function lexicon(rows: Readonly<Record<string, number>>): Lexicon {
  const table = new Map<number, number>();
  for (const [line, weight] of Object.entries(rows))
    for (const word of line.split(' ')) {
      const hash = wordHash(word);
      table.set(hash, Math.max(weight, table.get(hash) ?? 0));
    }
  return table;
}

/** A word counts this often at most, however much a text repeats it. */
const REPEATS = 2;

/**
 * Independent hints, put together: 1 − Π(1 − weight), the chance that at least one is right. A word
 * that comes back adds less, so that repeating one word a hundred times proves nothing.
 */
export function gather(words: Words, table: Lexicon): { readonly score: number; hits: number } {
  let seen: Map<number, number> | undefined;
  let doubt = 1;
  let hits = 0;
  for (let at = 0; at < words.count; at++) {
    const hash = words.hashes[at] ?? 0;
    const weight = table.get(hash);
    if (weight === undefined) continue;
    seen ??= new Map();
    const times = seen.get(hash) ?? 0;
    if (times >= REPEATS) continue;
    seen.set(hash, times + 1);
    hits++;
    doubt *= times === 0 ? 1 - weight : 1 - weight / 2;
  }
  return { score: 1 - doubt, hits };
}

/** Two scores that speak for the same thing. */
export const either = (one: number, other: number): number => 1 - (1 - one) * (1 - other);
