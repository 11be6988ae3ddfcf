import { digitsOf, shape, type Digits } from './digits.ts';
import { isAlnum, isDigit, isLetter, isWordUnit, NONE } from './span.ts';

/** How card numbers are grouped in print. */
const CARD_SHAPES = new Set([
  shape(4, 4, 4, 4),
  shape(4, 6, 5),
  shape(4, 6, 4),
  shape(4, 4, 4, 4, 3),
  shape(6, 13),
]);

/** Luhn's check digit, a known issuer's first digits, and a length that this issuer uses (ISO/IEC 7812). */
export function isCard(number: Digits, groups: number): boolean {
  if (groups > 1 && !CARD_SHAPES.has(number.shapes[groups - 1] ?? 0)) return false;
  const digits = digitsOf(number, groups);
  return isIssued(digits) && luhn(digits);
}

function isIssued(digits: string): boolean {
  const length = digits.length;
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  if (two >= 40 && two <= 49) return length === 16 || length === 13 || length === 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 36 || two === 30 || two === 38 || two === 39) return length === 14 || length === 16;
  // Discover, UnionPay, JCB, Maestro.
  if (two === 35 || two === 60 || two === 64 || two === 65) return length === 16 || length === 19;
  if (two === 62) return length >= 16;
  return (two === 50 || (two >= 56 && two <= 69)) && (length === 16 || length >= 18);
}

/** ISO/IEC 7812-1, annex B. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = digit * 2;
    sum += at % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
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

/** An IBAN at `start`: country, its length, and the remainder 1 by 97 (ISO 13616). Spaces or hyphens may stand between groups. */
export function ibanEnd(text: string, start: number): number {
  const country = text.slice(start, start + 2).toUpperCase();
  const length = IBAN_LENGTHS[country];
  if (length === undefined || !isDigit(text.charCodeAt(start + 2))) return NONE;
  let compact = '';
  let at = start;
  // One mark at most between two characters: 2 × 34 characters are read at most.
  while (compact.length < length && at < text.length) {
    const unit = text.charCodeAt(at);
    if (isAlnum(unit)) compact += text.charAt(at);
    else if (!isGap(unit) || !isAlnum(text.charCodeAt(at + 1))) break;
    at++;
  }
  if (compact.length !== length || isWordUnit(text.charCodeAt(at))) return NONE;
  return mod97(compact.toUpperCase()) === 1 ? at : NONE;
}

const isGap = (unit: number): boolean => unit === 32 || unit === 45 || unit === 0xa0;

/** Country and check digits moved to the end, letters as 10 … 35, modulo 97. */
function mod97(iban: string): number {
  const turned = iban.slice(4) + iban.slice(0, 4);
  let rest = 0;
  for (let at = 0; at < turned.length; at++) {
    const unit = turned.charCodeAt(at);
    rest = isLetter(unit) ? (rest * 100 + unit - 55) % 97 : (rest * 10 + unit - 48) % 97;
  }
  return rest;
}
