/** Telephone numbers: international ones, and national ones of the countries that are read everywhere. */
import { digitsOf, endsClean, shape, type Digits } from './digits.ts';
import { isIdName, isPartOfMore } from './context.ts';
import { before, isReference } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

/** What a number is announced as when it is a telephone's, in six languages. */
const PHONE_WORDS =
  /tel|phone|fon\b|handy|mobil|mob\b|m[oó]vil|celular|cell|call|ring|ll[aá]m|whatsapp|sms|text me|anruf|ruf|nummer ist|portable|appel|contact|número es|number is|numéro|fax|chiam|ligar|ligue/;

/** Says nothing about the number; the form alone must do. */
type Form = 'never' | 'where-said' | 'always';

/** 555-0123: a telephone only where it is said to be one. */
const LOCAL_US = shape(3, 4);
const GROUPED_US = new Set([shape(3, 3, 4), shape(1, 3, 3, 4)]);
const GROUPED_ES = new Set([shape(3, 3, 3), shape(3, 2, 2, 2), shape(2, 3, 2, 2)]);
const GROUPED_FR = shape(2, 2, 2, 2, 2);
const SLASH = 47;
const PLUS = 43;
const ZERO = 48;

/**
 * How many groups of a number, from its start, are a telephone number; 0 = none. International with
 * `+` or 00, else as written in the US, Spain, the UK, Germany and France; a form that could be any
 * other number counts only where the words before it say so. `marked` is where the plus sign or the
 * bracket stands, else the first digit.
 */
export function phoneGroups(number: Digits, marked: number): number {
  if (unitAt(number.text, marked) === PLUS) return international(number, 0);
  const first = unitAt(number.text, number.start) - ZERO;
  const abroad = first === 0 && unitAt(number.text, number.start + 1) === ZERO;
  const groups = abroad ? international(number, 2) : nationalGroups(number, first);
  if (groups === 0) return 0;
  const form = abroad ? 'always' : nationalForm(number, groups);
  if (form === 'never') return 0;
  const words = before(number.text, marked);
  if (isReference(words) || isIdName(words)) return 0;
  if (PHONE_WORDS.test(words)) return groups;
  return form === 'always' && !isPartOfMore(number, groups) ? groups : 0;
}

/** The most groups that have as many digits as national numbers with this first digit have; 0 = none. */
function nationalGroups(number: Digits, first: number): number {
  for (let groups = number.groups; groups > 0; groups--) {
    const digits = number.sums[groups - 1] ?? 0;
    const fits = hasLength(digits, first) || number.shapes[groups - 1] === LOCAL_US;
    if (fits && endsClean(number, groups)) return groups;
  }
  return 0;
}

/** 0… in Europe, 1… and 2… to 9… in America, 6… to 9… in Spain. */
function hasLength(digits: number, first: number): boolean {
  if (first === 0) return digits >= 9 && digits <= 12;
  if (first === 1) return digits === 11;
  return digits === 10 || (digits === 9 && first >= 6);
}

/** E.164: country code and number have 8 to 15 digits. */
function international(number: Digits, skip: number): number {
  for (let groups = number.groups; groups > 0; groups--) {
    const length = (number.sums[groups - 1] ?? 0) - skip;
    if (length < 8 || length > 15 || !endsClean(number, groups)) continue;
    if (digitsOf(number, groups).charAt(skip) > '0') return groups;
  }
  return 0;
}

function nationalForm(number: Digits, groups: number): Form {
  let slashes = 0;
  for (let at = 0; at < groups - 1; at++) if (number.marks[at] === SLASH) slashes++;
  if (slashes > 1) return 'never';
  const sizes = number.shapes[groups - 1] ?? 0;
  const digits = digitsOf(number, groups);
  if (sizes === LOCAL_US) return 'where-said';
  if (unitAt(digits, 0) !== ZERO)
    return digits.length === 9 ? spanish(sizes, groups) : american(digits, sizes, slashes);
  return british(digits, groups) === 'always' ? 'always' : continental(number, groups, digits);
}

/** NANP: the area starts with 2-9. So does the exchange, but 555-123-4567 is what people write for an example. */
function american(digits: string, sizes: number, slashes: number): Form {
  if (!/^1?[2-9]\d{9}$/.test(digits)) return 'never';
  return GROUPED_US.has(sizes) && slashes === 0 ? 'always' : 'where-said';
}

/** Nine digits that start with 6, 7, 8 or 9. */
function spanish(sizes: number, groups: number): Form {
  if (GROUPED_ES.has(sizes)) return 'always';
  return groups > 4 ? 'never' : 'where-said';
}

/** 07 mobiles and 01, 02, 03, 08 areas: eleven digits, ten for a few old areas. */
function british(digits: string, groups: number): Form {
  if (!/^0(?:7[1-9]|[1238])/.test(digits) || groups > 4) return 'never';
  if (digits.length === 11) return 'always';
  return digits.length === 10 && digits.startsWith('01') && groups > 1 ? 'always' : 'never';
}

/** Germany: a mobile prefix, or an area of three to five digits after which the number stands apart. France: ten digits in pairs. */
function continental(number: Digits, groups: number, digits: string): Form {
  if (!/^0[1-9]/.test(digits)) return 'never';
  if (number.shapes[groups - 1] === GROUPED_FR) return 'always';
  if (/^01[567]/.test(digits) && digits.length >= 11) return 'always';
  const area = number.sums[0] ?? 0;
  return groups >= 2 && groups <= 4 && area >= 3 && area <= 5 ? 'always' : 'where-said';
}
