/** Card numbers and IBANs, by their check digits and lengths. */
import { shape, type Digits } from './digits.ts';
import { isAlnum, isDigit, isLetter } from '../../lib/ascii.ts';
import { isWordUnit, NONE } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';
import { own } from '../../lib/own.ts';

/** How card numbers are grouped in print, and where a blank or two were left out of it. */
const CARD_SHAPES = new Set([
  shape(4, 4, 4, 4),
  shape(4, 6, 5),
  shape(4, 6, 4),
  shape(4, 4, 4, 4, 3),
  shape(6, 13),
  shape(4, 4, 8),
  shape(4, 12),
  shape(8, 8),
  shape(8, 4, 4),
]);

/** Luhn's check digit, a known issuer's first digits, and a length that this issuer uses (ISO/IEC 7812). */
export function isCard(number: Digits, groups: number): boolean {
  if (groups > 1 && !CARD_SHAPES.has(number.shapes[groups - 1] ?? 0)) return false;
  const { text, start } = number;
  const first = Number(text.slice(start, start + 4));
  return (
    isIssued(first, number.sums[groups - 1] ?? 0) && luhn(text, start, number.ends[groups - 1] ?? 0)
  );
}

/** First digits, lowest and highest, as four-digit numbers, and the lengths in use: ISO/IEC 7812 and the networks' own pages. */
const ISSUERS: readonly (readonly [low: number, high: number, lengths: readonly number[]])[] = [
  [4000, 4999, [13, 16, 19]],
  [5100, 5599, [16]],
  [2221, 2720, [16]],
  [3400, 3499, [15]],
  [3700, 3799, [15]],
  [3600, 3699, [14, 16]],
  [3000, 3059, [14, 16]],
  [3800, 3999, [14, 16]],
  [3528, 3589, [16, 19]],
  [6011, 6011, [16, 19]],
  [6440, 6599, [16, 19]],
  [6200, 6299, [16, 17, 18, 19]],
  [5000, 5099, [16, 18, 19]],
  [5600, 5899, [16, 18, 19]],
  [6300, 6399, [16, 18, 19]],
  [6700, 6799, [16, 18, 19]],
];

function isIssued(first: number, length: number): boolean {
  for (const [low, high, lengths] of ISSUERS)
    if (first >= low && first <= high) return lengths.includes(length);
  return false;
}

/** ISO/IEC 7812-1, annex B, on the digits between two places; other characters are passed over. */
function luhn(text: string, start: number, end: number): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let at = end - 1; at >= start; at--) {
    const digit = unitAt(text, at) - 48;
    if (digit < 0 || digit > 9) continue;
    const value = isDoubled ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** Lengths from the SWIFT IBAN registry. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24, DE: 22,
  DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HR: 21, HU: 28,
  IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, MC: 27, MD: 24,
  ME: 22, MK: 19, MR: 27, MT: 31, MU: 30, NL: 18, NO: 15, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, SA: 24, SC: 31,
  SE: 24, SI: 19, SK: 24, SM: 27, ST: 25, SV: 28, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20,
}; // prettier-ignore

/** How long the accounts of the country are whose code a text begins with; undefined where there are none. */
export const ibanLength = (text: string): number | undefined =>
  own(IBAN_LENGTHS, text.slice(0, 2).toUpperCase());

/** An IBAN at `start`: country, its length, and the remainder 1 by 97 (ISO 13616). Single spaces or hyphens may stand between. */
export function ibanEnd(text: string, start: number): number {
  if (!isDigit(unitAt(text, start + 2)) || !isDigit(unitAt(text, start + 3))) return NONE;
  const length = own(IBAN_LENGTHS, text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return NONE;
  let at = start + 4;
  let rest = 0;
  for (let read = 4; read < length; read++) {
    if (isGap(unitAt(text, at))) at++;
    const unit = unitAt(text, at);
    if (!isAlnum(unit)) return NONE;
    rest = append(rest, unit);
    at++;
  }
  // Country and check digits count last.
  for (let first = start; first < start + 4; first++) rest = append(rest, unitAt(text, first));
  return rest === 1 && !isWordUnit(unitAt(text, at)) ? at : NONE;
}

const isGap = (unit: number): boolean => unit === 32 || unit === 45 || unit === 0xa0;

/** One more character of the long number modulo 97; letters are 10 … 35. */
const append = (rest: number, unit: number): number =>
  isLetter(unit) ? (rest * 100 + (unit & ~32) - 55) % 97 : (rest * 10 + unit - 48) % 97;
