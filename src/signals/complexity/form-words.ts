/** How many words a text has, how long they are, and how many are different: what stands between white space. */
import { isSpace } from '../../lib/spaces.ts';
import { unitAt } from '../../lib/text-units.ts';

interface WordCounts {
  readonly words: number;
  readonly letters: number;
  readonly longest: number;
  /** Capitals apart. */
  readonly distinct: number;
}

/** Linear in the text. `counts` says which words count, by their first unit and the one behind their last. */
type CountWords = (text: string, counts?: (from: number, to: number) => boolean) => WordCounts;

const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Buffers are its own: one counter is used by one caller at a time. */
export function wordCounter(): CountWords {
  const seen = new SeenWords();
  return (text, counts = () => true) => {
    const found = { words: 0, letters: 0, longest: 0, distinct: 0 };
    const lower = text.toLowerCase();
    // in some languages a capital is two small letters: then places differ, and each word is made small by itself
    const isAligned = lower.length === text.length;
    const { length } = text;
    seen.clear();
    for (let at = 0; at < length; at += 1) {
      if (isSpace(unitAt(text, at))) continue;
      const from = at;
      at += 1;
      while (at < length && !isSpace(unitAt(text, at))) at += 1;
      if (!counts(from, at)) continue;
      const size = at - from;
      found.words += 1;
      found.letters += size;
      if (size > found.longest) found.longest = size;
      const isNew = isAligned
        ? seen.add(lower, from, at)
        : seen.add(text.slice(from, at).toLowerCase());
      if (isNew) found.distinct += 1;
    }
    return found;
  };
}

/** Words by their hash, with their units to compare. */
class SeenWords {
  /** Where a word begins in `#units`, plus one; 0 in an empty slot. A power of two. */
  #slots = new Int32Array(512);
  #lengths = new Int32Array(512);
  #units = new Uint16Array(4096);
  #used = 0;
  #count = 0;

  clear(): void {
    if (this.#count > 0) this.#slots.fill(0);
    this.#used = 0;
    this.#count = 0;
  }

  /** Whether it is there for the first time. */
  add(text: string, from = 0, to = text.length): boolean {
    const size = to - from;
    if (this.#used + size > this.#units.length) this.#moreUnits(size);
    const units = this.#units;
    const start = this.#used;
    let hash = OFFSET;
    for (let at = from, into = start; at < to; at += 1, into += 1) {
      const unit = unitAt(text, at);
      units[into] = unit;
      hash = Math.imul(hash ^ unit, PRIME);
    }
    const slot = this.#slotOf(hash, start, size);
    if (this.#slots[slot] !== 0) return false;
    this.#slots[slot] = start + 1;
    this.#lengths[slot] = size;
    this.#used += size;
    this.#count += 1;
    if (2 * this.#count > this.#slots.length) this.#moreSlots();
    return true;
  }

  /** Where the word is, or the empty slot at which looking for it ends. */
  #slotOf(hash: number, start: number, size: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (slots[slot] !== 0 && !this.#isSame(slot, start, size)) slot = (slot + 1) & mask;
    return slot;
  }

  #isSame(slot: number, start: number, size: number): boolean {
    if (this.#lengths[slot] !== size) return false;
    const units = this.#units;
    const other = this.#slots[slot]! - 1;
    for (let at = 0; at < size; at += 1) if (units[other + at] !== units[start + at]) return false;
    return true;
  }

  #moreUnits(size: number): void {
    const more = new Uint16Array(2 * (this.#units.length + size));
    more.set(this.#units);
    this.#units = more;
  }

  #moreSlots(): void {
    const [slots, lengths, units] = [this.#slots, this.#lengths, this.#units];
    this.#slots = new Int32Array(2 * slots.length);
    this.#lengths = new Int32Array(2 * slots.length);
    for (let slot = 0; slot < slots.length; slot += 1) {
      const start = slots[slot]! - 1;
      if (start < 0) continue;
      const size = lengths[slot]!;
      let hash = OFFSET;
      for (let at = 0; at < size; at += 1) hash = Math.imul(hash ^ units[start + at]!, PRIME);
      const place = this.#slotOf(hash, start, size);
      this.#slots[place] = start + 1;
      this.#lengths[place] = size;
    }
  }
}
