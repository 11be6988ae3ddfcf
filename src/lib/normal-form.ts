/** Recognises texts that NFKC would not change, without normalising them: most are of this kind. */
import { unitAt } from './text-units.ts';

/**
 * UTF-16 units that NFKC leaves alone, and that join with nothing before them (Unicode 17): of the scripts and signs that texts in the languages
 * served are made of. Combining marks, Hangul's single letters and surrogates are not among them.
 */
export const NORMAL_UNITS: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x9f],
  [0xa1, 0xa7],
  [0xa9, 0xa9],
  [0xab, 0xae],
  [0xb0, 0xb1],
  [0xb6, 0xb7],
  [0xbb, 0xbb],
  [0xbf, 0x131],
  [0x134, 0x13e],
  [0x141, 0x148],
  [0x14a, 0x17e],
  [0x391, 0x3c9],
  [0x400, 0x482],
  [0x621, 0x64a],
  [0x2010, 0x2010],
  [0x2012, 0x2016],
  [0x2018, 0x2023],
  [0x2030, 0x2032],
  [0x2039, 0x203a],
  [0x3001, 0x3011],
  [0x3041, 0x3096],
  [0x30a1, 0x30fe],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
];

/**
 * By UTF-16 unit: 1 in one of the ranges, else 0.
 * @param but units that are in a range and are left out
 */
export function unitTable(
  ranges: readonly (readonly [from: number, to: number])[],
  but: Iterable<number> = [],
): Uint8Array {
  const isOne = new Uint8Array(65_536);
  for (const [from, to] of ranges) isOne.fill(1, from, to + 1);
  for (const unit of but) isOne[unit] = 0;
  return isOne;
}

/** Whether every unit of a text is one of a table's. */
export const hasOnly =
  (isOne: Uint8Array) =>
  (text: string): boolean => {
    for (let at = 0, end = text.length; at < end; at += 1)
      if (isOne[unitAt(text, at)] === 0) return false;
    return true;
  };
