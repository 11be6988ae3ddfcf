/** Braille as letters and figures: grade 1, and the marks of an address in it and in computers' braille. */

/** Dots of a to z, as bits. */
const LETTERS = [
  1, 3, 9, 25, 17, 11, 27, 19, 10, 26, 5, 7, 13, 29, 21, 15, 31, 23, 14, 30, 37, 39, 58, 45, 61, 53,
];
/** Behind this one a to j are 1 to 9 and 0. */
const NUMBER_SIGN = 60;
/** The first comes before an a for an at sign in grade 1: an address without its first letter is one. */
const SIGNS: ReadonlyMap<number, string> = new Map([
  [8, '@'],
  [50, '.'],
  [40, '.'],
  [36, '-'],
  [32, ''],
]);
const RUNS = /[\u2801-\u283f]{2,}/g;
const FIRST = 0x2800;
const A = 97;

/** With each row of two cells or more as what it says. */
export const fromBraille = (text: string): string => text.replaceAll(RUNS, said);

function said(run: string): string {
  let text = '';
  let isNumber = false;
  for (const cell of run) {
    const dots = cell.charCodeAt(0) - FIRST;
    const letter = LETTERS.indexOf(dots);
    if (dots === NUMBER_SIGN) isNumber = true;
    else if (isNumber && letter !== -1 && letter < 10) text += (letter + 1) % 10;
    else {
      isNumber = false;
      text += letter === -1 ? (SIGNS.get(dots) ?? cell) : String.fromCharCode(A + letter);
    }
  }
  return text;
}
