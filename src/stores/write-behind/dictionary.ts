/** The words of packed records, by place. They grow with use, up to a limit; a text beyond it stays with its record. */
import type { Words } from '../../lib/packing/packer.ts';

export interface Dictionary extends Words {
  /** All, by place. */
  readonly words: readonly string[];
}

/** About 5 MB at most. */
const MOST_WORDS = 30_000;
/** Of them, those with figures in them. */
const MOST_PHRASES = 4_000;
const LONGEST = 160;
/** Phrases that came once are remembered so far back. */
const RECENT = 1_000;

export function dictionary(): Dictionary {
  const words: string[] = [];
  const places = new Map<string, number>();
  let recent = new Set<string>();
  let phrases = 0;
  const add = (text: string): number | undefined => {
    if (words.length >= MOST_WORDS || text.length > LONGEST || !text.isWellFormed())
      return undefined;
    places.set(text, words.length);
    return words.push(text) - 1;
  };
  return {
    words,
    placeOf: (text) => places.get(text) ?? add(text),
    placeOfPhrase: (text) => {
      const place = places.get(text);
      if (place !== undefined || phrases >= MOST_PHRASES) return place;
      if (!recent.delete(text)) {
        if (recent.size >= RECENT) recent = new Set();
        recent.add(text);
        return undefined;
      }
      phrases += 1;
      return add(text);
    },
  };
}
