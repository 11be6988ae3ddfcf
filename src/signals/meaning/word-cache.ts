/** Words that were cut lately need not be cut again: a request is read by several signals, and most words are frequent. */

/** Cuts a word, `length` units of it, and calls `found` with each piece. */
type CutWord = (word: Uint16Array, length: number, found: (piece: number) => void) => void;

/** The same; `hash` is that of all of its units but the first, which all words share. */
type CutHashed = (...word: [...Parameters<CutWord>, hash: number]) => void;

/** Words that are remembered: one a slot, the last that fell into it. 300 kB. */
const SLOTS = 4096;
/** Longer words and those of more pieces are cut each time. */
const MAX_UNITS = 20;
const MAX_PIECES = 8;
/** FNV-1a over units. */
export const FIRST_HASH = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** The hash with one unit more. */
export const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, PRIME);

export function remembered(cut: CutWord): CutHashed {
  const lengths = new Uint8Array(SLOTS);
  const units = new Uint16Array(SLOTS * MAX_UNITS);
  const counts = new Uint8Array(SLOTS);
  const pieces = new Int32Array(SLOTS * MAX_PIECES);
  const cutNow = new Int32Array(MAX_PIECES);
  let count = 0;
  const keep = (piece: number): void => {
    if (count < MAX_PIECES) cutNow[count] = piece;
    count += 1;
  };

  const isSame = (slot: number, word: Uint16Array, length: number): boolean => {
    if (lengths[slot] !== length) return false;
    const from = slot * MAX_UNITS;
    for (let at = 0; at < length; at += 1) if (units[from + at] !== word[at]) return false;
    return true;
  };

  return (word, length, found, hash) => {
    if (length > MAX_UNITS) return cut(word, length, found);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    if (isSame(slot, word, length)) {
      const from = slot * MAX_PIECES;
      const end = from + counts[slot]!;
      for (let at = from; at < end; at += 1) found(pieces[at]!);
      return;
    }
    count = 0;
    cut(word, length, keep);
    if (count > MAX_PIECES) return cut(word, length, found);
    lengths[slot] = length;
    counts[slot] = count;
    units.set(word.subarray(0, length), slot * MAX_UNITS);
    pieces.set(cutNow, slot * MAX_PIECES);
    for (let at = 0; at < count; at += 1) found(cutNow[at]!);
  };
}
