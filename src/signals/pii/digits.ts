/** Reads a number with the marks between its groups, for the kinds that are told by digits. */
import { isDigit } from '../../lib/ascii.ts';
import { isWordUnit } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

/** No number that is looked for has more. */
const MOST_DIGITS = 24;
const MOST_GROUPS = 6;
const OPEN = 40;
const CLOSE = 41;

/**
 * A number as people write it: groups of digits with a mark or a space between. Filled in place by
 * `readDigits`, since long tables of figures would make millions of them.
 */
export interface Digits {
  text: string;
  /** Where the first digit is. */
  start: number;
  groups: number;
  /** By number of groups taken: how many digits, where they end, and `shape` of their sizes. */
  readonly sums: Int32Array;
  readonly ends: Int32Array;
  readonly shapes: Int32Array;
  /** The character before each group but the first (index 0 = before the second). */
  readonly marks: Int32Array;
  /** A letter, or a further digit, follows at once. */
  runsOn: boolean;
}

export const noDigits = (): Digits => ({
  text: '',
  start: 0,
  groups: 0,
  sums: new Int32Array(MOST_GROUPS),
  ends: new Int32Array(MOST_GROUPS),
  shapes: new Int32Array(MOST_GROUPS),
  marks: new Int32Array(MOST_GROUPS),
  runsOn: false,
});

/** The sizes of up to six groups as one number, so that comparing shapes costs nothing: `shape(3, 3, 4)`. */
export const shape = (...sizes: readonly number[]): number =>
  sizes.reduce((all, size) => (all << 5) | size, 0);

/** Reads the number that starts at `start` (a digit, or an opening bracket before one): some 40 characters at most. */
export function readDigits(into: Digits, text: string, start: number): void {
  let at = unitAt(text, start) === OPEN ? start + 1 : start;
  let sum = 0;
  let sizes = 0;
  let groups = 0;
  into.text = text;
  into.start = at;
  while (groups < MOST_GROUPS && sum < MOST_DIGITS) {
    const from = at;
    while (isDigit(unitAt(text, at)) && at - from < MOST_DIGITS) at++;
    sum += at - from;
    sizes = (sizes << 5) | (at - from);
    into.sums[groups] = sum;
    into.ends[groups] = at;
    into.shapes[groups] = sizes;
    groups++;
    const length = markLength(text, at);
    if (length === 0) break;
    into.marks[groups - 1] = unitAt(text, at);
    at += length;
  }
  into.groups = groups;
  into.runsOn = isWordUnit(unitAt(text, into.ends[groups - 1] ?? start));
}

/** One mark, or a bracket and one mark, that a digit follows; 0 where the number ends. */
function markLength(text: string, at: number): number {
  let end = at;
  if (unitAt(text, end) === CLOSE) end++;
  if (isMark(unitAt(text, end))) end++;
  if (unitAt(text, end) === OPEN) end++;
  return end > at && isDigit(unitAt(text, end)) ? end - at : 0;
}

/** Space, no-break spaces, hyphens, dot, slash. */
function isMark(unit: number): boolean {
  if (unit < 0xa0) return unit === 32 || (unit >= 45 && unit <= 47);
  return unit === 0xa0 || unit === 0x2009 || unit === 0x202f || (unit >= 0x2010 && unit <= 0x2013);
}

/** The digits of the first `groups` groups, without marks. */
export function digitsOf({ text, start, ends, sums }: Digits, groups: number): string {
  const written = text.slice(start, ends[groups - 1]);
  return written.length === sums[groups - 1] ? written : written.replace(/\D/g, '');
}

/** Nothing that belongs to a word follows the first `groups` groups. */
export const endsClean = (number: Digits, groups: number): boolean =>
  groups < number.groups || !number.runsOn;
