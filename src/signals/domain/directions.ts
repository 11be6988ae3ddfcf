/** Where a text lies from the middle of the examples, by what it means. */
import type { Meaning } from '../meaning/meaning.ts';

/** The length of what a text means, as the classifier sees it; why it is this: `WORDS_LENGTH` in `learn.ts`. */
const MEANING_LENGTH = 0.6;

export interface Directions {
  readonly width: number;
  /** Writes it, of length `MEANING_LENGTH`; zeros and false where the text has no piece. */
  of(pieces: Int32Array, into: Float32Array): boolean;
}

/** The mean over all texts; empty without a meaning. */
export function middleOf(
  documents: readonly { readonly pieces: Int32Array }[],
  meaning: Meaning | undefined,
): Float64Array {
  const width = meaning?.dimensions ?? 0;
  const point = new Float64Array(width);
  const middle = new Float64Array(width);
  for (const { pieces } of documents) {
    meaning?.rareMean(pieces, point);
    for (let at = 0; at < width; at++)
      middle[at] = (middle[at] ?? 0) + (point[at] ?? 0) / documents.length;
  }
  return middle;
}

export function directions(middle: Float64Array, meaning: Meaning | undefined): Directions {
  if (meaning === undefined) return { width: 0, of: () => false };
  const width = meaning.dimensions;
  const point = new Float64Array(width);
  return {
    width,
    of: (pieces, into) => {
      into.fill(0);
      if (pieces.length === 0) return false;
      meaning.rareMean(pieces, point);
      let square = 0;
      for (let at = 0; at < width; at++) square += ((point[at] ?? 0) - (middle[at] ?? 0)) ** 2;
      const scale = square === 0 ? 0 : MEANING_LENGTH / Math.sqrt(square);
      for (let at = 0; at < width; at++) into[at] = ((point[at] ?? 0) - (middle[at] ?? 0)) * scale;
      return true;
    },
  };
}
