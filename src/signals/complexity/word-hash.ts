/** The hash by which words are looked up while a text is scanned: FNV-1a, 32 bits. */
import { unitAt } from '../../lib/text-units.ts';

export const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
/** The hash with one unit more. */
export const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, HASH_PRIME);

/** Of a word as it is written. */
export function hashOf(word: string): number {
  let hash = HASH_START;
  for (let at = 0, end = word.length; at < end; at += 1) hash = hashStep(hash, unitAt(word, at));
  return hash;
}
