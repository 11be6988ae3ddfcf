/** Splits a text into words as hashes: folded, without making a string of each. */
import { foldUnit } from './fold.ts';
import { unitAt, unitReader } from '../../lib/text-units.ts';

/** FNV-1a's offset and prime, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const SPACE = 32;

/** One step of the word hash; it starts with `HASH_START`. */
const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, PRIME);
const HASH_START: number = OFFSET | 0;

/** Words of a text as numbers: hashes instead of strings, so that reading makes no garbage. */
export interface Words {
  /** Folded text, words apart by single spaces, one space before the first and after the last. */
  readonly folded: Uint16Array;
  /** How much of `folded` is used. */
  readonly length: number;
  /** A hash a word, in order. */
  readonly hashes: Int32Array;
  readonly count: number;
}

/** The hash that `splitWords` gives a word written like this. */
export function wordHash(word: string): number {
  let hash = HASH_START;
  for (let at = 0, end = word.length; at < end; at++) {
    const unit = foldUnit(unitAt(word, at));
    if (unit !== 0 && unit !== SPACE) hash = hashStep(hash, unit);
  }
  return hash;
}

/** Splits and folds in one pass, linear in the text: sample long texts before. */
export const splitWords = (text: string): Words => splitInto(roomFor(text.length), text);

/** The same into arrays of its own, which the next text overwrites: memory outside of the heap is dear. */
export function wordSplitter(): (text: string) => Words {
  let room = roomFor(USUAL);
  return (text) => {
    if (text.length + 2 > room.folded.length) room = roomFor(2 * text.length);
    return splitInto(room, text);
  };
}

/** Units; a request's text is mostly shorter. */
const USUAL = 1000;

type Room = Pick<Words, 'folded' | 'hashes'>;

const roomFor = (units: number): Room => ({
  folded: new Uint16Array(units + 2),
  hashes: new Int32Array((units >> 1) + 1),
});

const unitsOf = unitReader();

function splitInto({ folded, hashes }: Room, text: string): Words {
  const units = unitsOf(text);
  let length = 1;
  let count = 0;
  let hash = HASH_START;
  folded[0] = SPACE;
  for (let at = 0, end = text.length; at < end; at++) {
    const unit = foldUnit(units[at]!);
    if (unit === 0) continue;
    if (unit !== SPACE) {
      hash = hashStep(hash, unit);
      folded[length++] = unit;
    } else if (folded[length - 1] !== SPACE) {
      hashes[count++] = hash;
      hash = HASH_START;
      folded[length++] = SPACE;
    }
  }
  if (folded[length - 1] !== SPACE) {
    hashes[count++] = hash;
    folded[length++] = SPACE;
  }
  return { folded, length, hashes, count };
}
