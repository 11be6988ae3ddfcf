/** Turns a text into feature keys for the classifier of tasks. */
import concepts from './concepts.json' with { type: 'json' };
import { wordHash, type Words } from '../text/words.ts';

/** A text as it is read: its words, and its distinct word pieces (`meaning/`). */
export interface Said {
  readonly words: Words;
  readonly pieces: Int32Array;
}

/** Turns a text into feature keys: its words, pairs of near ones, pieces of four letters, word pieces, and what its words mean. */
export interface FeatureReader {
  /** Writes the keys, repeats included, to `into` (at most its length) and answers how many. */
  read(said: Said, into: Int32Array): number;
}

/** Keys of different kinds must not meet: each kind is stirred with its own number. */
const WORD = 0x11;
const PAIR = 0x22;
/** Two words with one between them: "forgot my password" and "forgot the password". */
const GAP = 0x55;
const PIECE = 0x33;
const CONCEPT = 0x44;
/** Word pieces are stems more often than four letters are, and one in several languages. */
const STEM = 0x66;
const PRIME = 0x01000193;
const SPACE = 32;
/** Letters of a piece, the spaces around a word included: with 3 to 5 nothing was gained but time. */
const PIECE_LENGTH = 4;

/**
 * A word's meaning counts this often: with it alone a Spanish message must be told apart by English
 * examples, whose words and pieces it does not share.
 */
const CONCEPT_TIMES = 3;

/** The dictionary of `concepts.json` (six languages, written by hand) is indexed with the first text: most policies have no domains. */
export function featureReader(): FeatureReader {
  let meanings: ReadonlyMap<number, readonly number[]> | undefined;
  return {
    read: ({ words, pieces }, into) => {
      meanings ??= indexed();
      let count = readWords(words, into);
      count = readPieces(words, into, count);
      for (let at = 0; at < words.count && count + 4 < into.length; at++)
        for (const concept of meanings.get(words.hashes[at] ?? 0) ?? [])
          for (let time = 0; time < CONCEPT_TIMES; time++)
            into[count++] = Math.imul(concept + time, PRIME) ^ CONCEPT;
      for (const piece of pieces)
        if (count < into.length) into[count++] = Math.imul(piece + 1, PRIME) ^ STEM;
      return count;
    },
  };
}

/** What each word of the dictionary means, by its hash. */
function indexed(): ReadonlyMap<number, readonly number[]> {
  const meanings = new Map<number, number[]>();
  for (const [concept, words] of Object.entries(concepts)) {
    const meaning = wordHash(concept);
    for (const word of new Set(words.split(' '))) {
      const hash = wordHash(word);
      const known = meanings.get(hash);
      if (known === undefined) meanings.set(hash, [meaning]);
      else known.push(meaning);
    }
  }
  return meanings;
}

function readWords({ hashes, count }: Words, into: Int32Array): number {
  let written = 0;
  for (let at = 0; at < count && written + 3 < into.length; at++) {
    const hash = hashes[at] ?? 0;
    into[written++] = hash ^ WORD;
    if (at + 1 < count) into[written++] = Math.imul(hash, 31) ^ (hashes[at + 1] ?? 0) ^ PAIR;
    if (at + 2 < count) into[written++] = Math.imul(hash, 37) ^ (hashes[at + 2] ?? 0) ^ GAP;
  }
  return written;
}

/** Four neighbouring characters of one word, of which the first or the last may be the space beside it. */
function readPieces({ folded, length }: Words, into: Int32Array, from: number): number {
  let written = from;
  for (let at = 0; at + PIECE_LENGTH <= length && written < into.length; at++) {
    if (folded[at + 1] === SPACE || folded[at + 2] === SPACE) continue;
    let hash = PIECE;
    for (let next = at; next < at + PIECE_LENGTH; next++)
      hash = Math.imul(hash ^ (folded[next] ?? 0), PRIME);
    into[written++] = hash;
  }
  return written;
}
