/** Identity and tax numbers of the US, Spain, the UK and Germany. */
import { isIdName } from './context.ts';
import { digitsOf, shape, type Digits } from './digits.ts';
import { isDigit } from '../../lib/ascii.ts';
import { before, isReference, isWordUnit, NONE, type PiiKind } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

const GROUPED_SSN = shape(3, 2, 4);
const GROUPED_TAX_ID = shape(2, 3, 3, 3);
const GROUPED_DNI = shape(2, 3, 3);
const HYPHEN = 45;

/** US Social Security numbers: never area 000, 666 or 9xx, group 00 or serial 0000 (ssa.gov). Without hyphens only where announced. */
export function isSsn(number: Digits, groups: number): boolean {
  const grouped = number.shapes[groups - 1] === GROUPED_SSN;
  if (groups !== 1 && !grouped) return false;
  if (!SSN.test(digitsOf(number, groups))) return false;
  if (grouped && number.marks[0] === HYPHEN && number.marks[1] === HYPHEN) return true;
  return SSN_WORDS.test(before(number.text, number.start));
}

/** Those of persons who are taxed and have none (ITIN) begin with 9 and have groups of their own (irs.gov). */
const SSN =
  /^(?:(?!000|666|9)\d{3}(?!00)\d{2}|9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9]))(?!0000)\d{4}$/;

const SSN_WORDS = /ssn|\bitin\b|social security|seguro social|sozialversicherung|sécurité sociale/;

/** The words before it say what it is, whatever joins it to them. */
export const isNamed = (kind: PiiKind, { text, start }: Digits): boolean =>
  (kind === 'us_ssn' ? SSN_WORDS : TAX_WORDS).test(before(text, start));

/** BZSt: eleven digits, not starting with 0, one digit twice or thrice in the first ten, check digit by ISO 7064 mod 11,10. */
export function isTaxId(number: Digits, groups: number): boolean {
  const grouped = number.shapes[groups - 1] === GROUPED_TAX_ID;
  if (groups !== 1 && !grouped) return false;
  const digits = digitsOf(number, groups);
  if (digits.startsWith('0') || !repeatsOneDigit(digits) || !mod11x10(digits)) return false;
  const words = before(number.text, number.start, 48);
  return grouped || TAX_WORDS.test(words) || !(isReference(words) || isIdName(words));
}

const TAX_WORDS = /steuer|idnr|id-nr|tax[ _-]?id|tin\b|identifikationsnummer|id fiscal/;

function repeatsOneDigit(digits: string): boolean {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let at = 0; at < 10; at++) {
    const digit = unitAt(digits, at) - 48;
    counts[digit] = (counts[digit] ?? 0) + 1;
  }
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3;
}

/** ISO 7064, mod 11,10, of eleven digits. */
export function mod11x10(digits: string): boolean {
  let product = 10;
  for (let at = 0; at < 10; at++) {
    const sum = (unitAt(digits, at) - 48 + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === unitAt(digits, 10) - 48;
}

/** The check letter of Spanish identity numbers: the number modulo 23. */
const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** DNI: eight digits (dots allowed as 12.345.678) and their letter. */
export function dniEnd(number: Digits, groups: number): number {
  if (groups !== 1 && number.shapes[groups - 1] !== GROUPED_DNI) return NONE;
  const end = number.ends[groups - 1] ?? NONE;
  return checkLetterEnd(number.text, end, Number(digitsOf(number, groups)));
}

/** NIE: X, Y or Z (0, 1, 2), seven digits and their letter. */
export function nieEnd(text: string, start: number): number {
  const first = 'xyz'.indexOf(text.charAt(start).toLowerCase());
  if (first < 0) return NONE;
  let at = start + 1;
  if (isGap(unitAt(text, at))) at++;
  const from = at;
  while (isDigit(unitAt(text, at)) && at - from < 8) at++;
  if (at - from !== 7) return NONE;
  return checkLetterEnd(text, at, Number(`${first}${text.slice(from, at)}`));
}

function checkLetterEnd(text: string, at: number, value: number): number {
  const letter = isGap(unitAt(text, at)) ? at + 1 : at;
  if (text.charAt(letter).toUpperCase() !== DNI_LETTERS.charAt(value % 23)) return NONE;
  return isWordUnit(unitAt(text, letter + 1)) ? NONE : letter + 1;
}

const isGap = (unit: number): boolean => unit === 45 || unit === 32;

/** HMRC's letters: no D, F, I, Q, U or V, no O second, and some pairs never given; QQ is HMRC's own example. */
const NINO_PREFIX = /^QQ$|^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]$/;

/** UK National Insurance number: two letters, six digits, A-D; spaces between pairs allowed. */
export function ninoEnd(text: string, start: number): number {
  let at = start + 2;
  for (let digits = 0; digits < 6; digits++) {
    if (digits % 2 === 0 && isGap(unitAt(text, at))) at++;
    if (!isDigit(unitAt(text, at))) return NONE;
    at++;
  }
  if (isGap(unitAt(text, at))) at++;
  const suffix = unitAt(text, at) & ~32;
  if (suffix < 65 || suffix > 68 || isWordUnit(unitAt(text, at + 1))) return NONE;
  return NINO_PREFIX.test(text.slice(start, start + 2).toUpperCase()) ? at + 1 : NONE;
}
