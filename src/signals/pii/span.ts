/** What kinds of personal or secret data are found. Names, addresses and dates of birth are out of scope. */
export type PiiKind =
  | 'email'
  | 'phone'
  | 'card'
  | 'iban'
  | 'us_ssn'
  | 'es_dni'
  | 'es_nie'
  | 'uk_nino'
  | 'de_tax_id'
  | 'ip'
  | 'api_key'
  | 'jwt'
  | 'private_key';

/** Where one stands: UTF-16 offsets, `end` exclusive. */
export interface PiiSpan {
  readonly kind: PiiKind;
  readonly start: number;
  readonly end: number;
}

/** What a matcher answers when nothing it knows starts where it looked. */
export const NONE = -1;

export const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
export const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
export const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
export const isLetter = (unit: number): boolean => isUpper(unit) || isLower(unit);
export const isAlnum = (unit: number): boolean => isDigit(unit) || isLetter(unit);

/** Letters and digits of any script, and the underscore: what a find must not touch on either side. */
export const isWordUnit = (unit: number): boolean =>
  isAlnum(unit) || unit === 95 || (unit >= 0xc0 && unit < 0x2000 && unit !== 0xd7 && unit !== 0xf7);

/** The words just before a place, lower case: what a bare number is said to be. */
export const before = (text: string, start: number, most = 36): string =>
  text.slice(Math.max(0, start - most), start).toLowerCase();
