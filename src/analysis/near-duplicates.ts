/**
 * Finds near-duplicate texts: by the Jaccard similarity of their word shingles (Broder, 1997), computed exactly for pairs that share a
 * band of their MinHash signatures.
 */
import { createHash } from 'node:crypto';

export interface NearDuplicates {
  /** True where it is like a text that was added before; else it is added. */
  isKnown(text: string): boolean;
}

/** Words of a shingle. */
const WORDS = 3;
/** From this similarity on two texts are the same example. */
const SIMILAR = 0.8;
/** Bands of rows: two texts of similarity .8 share one with probability 1 - (1 - .8^4)^16 = .9998. */
const [BANDS, ROWS] = [16, 4];

export function nearDuplicates(): NearDuplicates {
  const known: ReadonlySet<number>[] = [];
  const bands = new Map<string, number[]>();
  return {
    isKnown: (text) => {
      const shingles = shinglesOf(text);
      const names = bandsOf(shingles);
      const candidates = new Set(names.flatMap((name) => bands.get(name) ?? []));
      for (const candidate of candidates)
        if (jaccard(shingles, known[candidate]!) >= SIMILAR) return true;
      for (const name of names) {
        const before = bands.get(name);
        if (before === undefined) bands.set(name, [known.length]);
        else before.push(known.length);
      }
      known.push(shingles);
      return false;
    },
  };
}

/** Digests; letters and digits alone, so that case and punctuation make no difference. */
function shinglesOf(text: string): ReadonlySet<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const shingles = new Set<number>();
  for (let at = 0; at + WORDS <= Math.max(words.length, WORDS); at += 1)
    shingles.add(digest(words.slice(at, at + WORDS).join(' ')));
  return shingles;
}

const digest = (text: string): number => createHash('sha1').update(text).digest().readUInt32LE(0);

function bandsOf(shingles: ReadonlySet<number>): readonly string[] {
  return Array.from({ length: BANDS }, (_, band) => {
    const rows = Array.from({ length: ROWS }, (__, row) => least(shingles, band * ROWS + row));
    return `${band}:${rows.join(',')}`;
  });
}

/** The least of the shingles under the n-th of a family of hash functions (murmur's finaliser over a salted value). */
function least(shingles: ReadonlySet<number>, n: number): number {
  const salt = Math.imul(n + 1, 0x9e3779b1);
  let found = 0xffffffff;
  for (const shingle of shingles) {
    let mixed = shingle ^ salt;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed = (mixed ^ (mixed >>> 16)) >>> 0;
    if (mixed < found) found = mixed;
  }
  return found;
}

function jaccard(one: ReadonlySet<number>, other: ReadonlySet<number>): number {
  let shared = 0;
  for (const shingle of one) if (other.has(shingle)) shared += 1;
  return shared / (one.size + other.size - shared);
}
