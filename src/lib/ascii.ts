/** Kinds of ASCII characters, by their UTF-16 units; NaN, behind the end of a text, is of none. */

export const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
export const isUpper = (unit: number): boolean => unit >= 65 && unit <= 90;
export const isLower = (unit: number): boolean => unit >= 97 && unit <= 122;
export const isLetter = (unit: number): boolean => isUpper(unit) || isLower(unit);
export const isAlnum = (unit: number): boolean => isDigit(unit) || isLetter(unit);
