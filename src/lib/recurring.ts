/** Remembers results for texts that recur: system prompts, and earlier turns of a conversation. */

import { unitAt } from './text-units.ts';

/** Texts that are remembered: one a slot. A power of two. */
const SLOTS = 64;
/** Shorter ones are read as fast as they are looked up. */
const LEAST_UNITS = 24;
/** Of a text so many units are looked at, evenly spaced, and as many at its end. */
const LOOKS = 4;

/**
 * A text is remembered when it comes for the second time, so that what is said once is not kept. At most 64 texts of `mostUnits`; a text that
 * falls into the slot of another takes its place.
 */
export class Recurring<Found> {
  readonly #mostUnits: number;
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => '');
  readonly #found: (Found | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  /** Of the texts that came last. */
  readonly #marks = new Int32Array(SLOTS);
  /** Of the text that was asked for last; 0 where it is not to be remembered. */
  #mark = 0;

  constructor(mostUnits: number) {
    this.#mostUnits = mostUnits;
  }

  /** What was found in the same text; undefined where that is not known. */
  of(text: string): Found | undefined {
    const { length } = text;
    this.#mark = length < LEAST_UNITS || length > this.#mostUnits ? 0 : markOf(text);
    const slot = slotOf(this.#mark);
    return this.#texts[slot] === text ? this.#found[slot] : undefined;
  }

  /** To be called with a text of which nothing was known when it was asked for, before another is; `found` where it is to be remembered. */
  met(text: string, found: () => Found): void {
    const mark = this.#mark;
    if (mark === 0) return;
    const slot = slotOf(mark);
    if (this.#marks[slot] === mark) {
      this.#texts[slot] = apart(text);
      this.#found[slot] = found();
    } else this.#marks[slot] = mark;
  }
}

/** The same text, without one that it is a part of. */
const apart = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');

/** Not 0. Texts that differ may have the same. */
function markOf(text: string): number {
  const { length } = text;
  let mark = length;
  for (let look = 1; look <= LOOKS; look += 1) {
    mark = Math.imul(mark ^ unitAt(text, Math.floor((look * length) / (LOOKS + 1))), PRIME);
    mark = Math.imul(mark ^ unitAt(text, length - look), PRIME);
  }
  return mark | 1;
}

const PRIME = 0x01000193;
const slotOf = (mark: number): number => ((mark >>> 16) ^ (mark >>> 8)) & (SLOTS - 1);
