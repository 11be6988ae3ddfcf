/** Texts that have fallen into a loop: they end in the same passage, again and again. */
import { unitAt } from './text-units.ts';

/** In UTF-16 units. Shorter ones are rows of signs; what repeats after more is not looked for. */
const PERIOD = { least: 6, most: 300 } as const;
const LEAST_TIMES = 5;
/** Of all its turns together. */
const LEAST_UNITS = 120;

/** Words of the languages that are told apart for saying that something is to be repeated, and of texts that repeat themselves. */
const REPETITION =
  /\b(?:repeat|repite|repetir|r[ée]p[eè]te|wiederhol\w*|ripeti|repita|times|veces|fois|mal|lyrics|letra|song|canci[oó]n|poem|poema|chorus|pattern|lorem|loop)\b|重复|繰り返|повтори|歌词/iu;
/** Vowels of Indic scripts are marks, and what chooses the colour of a sign is none of them. */
const LETTER = /[\p{L}\p{N}]|(?![\uFE00-\uFE0F])\p{M}/u;

/** Whether a task may ask for an answer that repeats itself. */
export const asksForRepetition = (task: string): boolean => REPETITION.test(task);

/**
 * The length of the passage, in UTF-16 units, that a text ends in at least five times in a row, over at least 120 units in
 * all; undefined where it does not. Signs without a letter or a digit are no passage.
 */
export function loopAtEnd(text: string): number | undefined {
  const { length } = text;
  if (length < LEAST_UNITS) return undefined;
  const longest = Math.min(PERIOD.most, Math.floor(length / LEAST_TIMES));
  for (let period: number = PERIOD.least; period <= longest; period += 1) {
    const units = unitsOfLoop(period, LEAST_UNITS);
    if (units > length) continue;
    if (repeats(text, period, units) && LETTER.test(text.slice(-period))) return period;
  }
  return undefined;
}

/** Whether the last `length` units are the same every `period` units. */
function repeats(text: string, period: number, length: number): boolean {
  for (let at = text.length - 1; at >= text.length - length + period; at -= 1)
    if (unitAt(text, at) !== unitAt(text, at - period)) return false;
  return true;
}

/** Of so many whole turns as make a loop. */
const unitsOfLoop = (period: number, leastUnits: number): number =>
  period * Math.max(LEAST_TIMES, Math.ceil(leastUnits / period));

/** A power of two above the longest period. */
const PAST_UNITS = 512;

/**
 * Finds such loops in a text that grows, without reading it again: for each period it counts the units that are equal to those
 * one period before them. A unit costs the same however long the text is (some .4 us).
 */
export class LoopFinder {
  /** By its place modulo the length; no unit is negative. */
  readonly #past = new Int32Array(PAST_UNITS).fill(-1);
  readonly #runs = new Int32Array(PERIOD.most + 1);
  #at = 0;

  push(text: string): void {
    const [past, runs] = [this.#past, this.#runs];
    const { length } = text;
    for (let index = 0; index < length; index += 1) {
      const unit = unitAt(text, index);
      const at = this.#at;
      for (let period = PERIOD.least; period <= PERIOD.most; period += 1)
        runs[period] = past[(at - period) & (PAST_UNITS - 1)] === unit ? runs[period]! + 1 : 0;
      past[at & (PAST_UNITS - 1)] = unit;
      this.#at = at + 1;
    }
  }

  /** What the text ends in twice or more, over at least `leastUnits` in all. */
  isRepeating(leastUnits: number): boolean {
    for (let period = PERIOD.least; period <= PERIOD.most; period += 1)
      if (this.#runs[period]! >= Math.max(period, leastUnits - period)) return true;
    return false;
  }

  /** The passage of a loop of at least `leastUnits`, as `loopAtEnd` finds it. */
  passage(leastUnits: number = LEAST_UNITS): string | undefined {
    for (let period = PERIOD.least; period <= PERIOD.most; period += 1) {
      if (this.#runs[period]! + period < unitsOfLoop(period, leastUnits)) continue;
      const passage = this.#last(period);
      if (LETTER.test(passage)) return passage;
    }
    return undefined;
  }

  #last(units: number): string {
    const places = Array.from({ length: units }, (_, index) => this.#at - units + index);
    return String.fromCharCode(...places.map((at) => this.#past[at & (PAST_UNITS - 1)]!));
  }
}
