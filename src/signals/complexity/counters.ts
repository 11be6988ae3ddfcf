/** What the scanner counts in a stretch of text. Fields below `WORDS` are the character classes themselves. */

export const WORDS = 19;
/** Words that carry meaning: no function words, at least three letters. Near equal in a text and its translation. */
export const CONTENT = 20;
export const LONG = 21;
export const LETTERS = 22;
export const NUMBERS = 23;
/** Numbers of four digits and more. */
export const BIG_NUMBERS = 24;
export const DECIMALS = 25;
/** `x`, `n`, `G`: mostly variables. */
export const SINGLES = 26;
export const CAPITALISED = 27;
export const ACRONYMS = 28;
export const QUESTIONS = 29;
/** `\frac`, `\angle`. */
export const COMMANDS = 30;
/** `\int`, `\sum`, `\lim`: they name a concept in every language. */
export const HARD_COMMANDS = 31;
/** `____`: a gap to fill. */
export const GAPS = 32;
/** Content words seen for the first time. */
export const FRESH = 33;
export const SENTENCES = 34;
export const MONEY = 35;
/** `==`, `=>`, `->`, `()`, `[]`, `};`: signs that prose does not pair. */
export const CODE_MARKS = 36;
/** Numbers seen for the first time. */
export const FRESH_NUMBERS = 37;
const FIELDS = 38;

export interface Tally {
  readonly fields: Float64Array;
  readonly concepts: Float64Array;
  /** Both in one. */
  readonly all: Float64Array;
}

export function emptyTally(concepts: number): Tally {
  const all = new Float64Array(FIELDS + concepts);
  return { all, fields: all.subarray(0, FIELDS), concepts: all.subarray(FIELDS) };
}

export function clear({ all }: Tally): void {
  all.fill(0);
}

/** Adds one tally to another and empties it. */
export function pour({ all: from }: Tally, { all: into }: Tally): void {
  for (let at = 0; at < from.length; at += 1) {
    const count = from[at]!;
    // few of them are counted in a sentence
    if (count === 0) continue;
    into[at]! += count;
    from[at] = 0;
  }
}
