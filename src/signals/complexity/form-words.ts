/** How many words a text has, how long they are, and how many are different: what stands between white space. */
import { isSpace } from '../../lib/spaces.ts';
import { unitAt } from '../../lib/text-units.ts';
import { isIdeograph } from './form-signs.ts';

interface WordCounts {
  readonly words: number;
  readonly letters: number;
  readonly longest: number;
  /** Capitals apart. */
  readonly distinct: number;
}

/** Linear in the text. */
type CountWords = (text: string, hasIdeographs: boolean) => WordCounts;

const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Words with Han characters or kana do not count. Buffers are its own: one counter is used by one caller at a time. */
export function wordCounter(): CountWords {
  const seen = new SeenWords();
  return (text, hasIdeographs) => {
    const found = { words: 0, letters: 0, longest: 0, distinct: 0 };
    const lower = text.toLowerCase();
    const { length } = text;
    // in some languages a capital is two small letters: then places differ, and each word is made small by itself
    const isAligned = lower.length === length;
    seen.clear();
    for (let at = 0; at < length; at += 1) {
      const from = at;
      if (isAligned) at += seen.read(lower, at);
      else {
        while (at < length && !isSpace(unitAt(text, at))) at += 1;
        seen.read(text.slice(from, at).toLowerCase(), 0);
      }
      const size = at - from;
      if (size === 0 || (hasIdeographs && hasIdeograph(text, from, at))) continue;
      found.words += 1;
      found.letters += size;
      if (size > found.longest) found.longest = size;
      if (seen.addRead()) found.distinct += 1;
    }
    return found;
  };
}

function hasIdeograph(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (isIdeograph(unitAt(text, at))) return true;
  return false;
}

/** Words by their hash, with their units to compare. */
class SeenWords {
  /** Where a word begins in `#units`, plus one; 0 in an empty slot. A power of two. */
  #slots = new Int32Array(512);
  #lengths = new Int32Array(512);
  #units = new Uint16Array(4096);
  #used = 0;
  #count = 0;
  /** Of the word that was read last, which stands behind those that are used. */
  #hash = OFFSET;
  #size = 0;

  clear(): void {
    if (this.#count > 0) this.#slots.fill(0);
    this.#used = 0;
    this.#count = 0;
  }

  /** Reads what stands from there up to white space, and gives how many units that are. */
  read(text: string, from: number): number {
    const most = text.length - from;
    if (this.#used + most > this.#units.length) this.#moreUnits(most);
    const units = this.#units;
    const start = this.#used;
    let hash = OFFSET;
    let size = 0;
    for (; size < most; size += 1) {
      const unit = unitAt(text, from + size);
      if (isSpace(unit)) break;
      units[start + size] = unit;
      hash = Math.imul(hash ^ unit, PRIME);
    }
    this.#hash = hash;
    this.#size = size;
    return size;
  }

  /** Whether the word that was read last is there for the first time. */
  addRead(): boolean {
    const size = this.#size;
    const slot = this.#slotOf(this.#hash, this.#used, size);
    if (this.#slots[slot] !== 0) return false;
    this.#slots[slot] = this.#used + 1;
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
