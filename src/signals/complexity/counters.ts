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

type Below<N extends number, Found extends number[] = []> = Found['length'] extends N
  ? Found[number]
  : Below<N, [...Found, Found['length']]>;

/** One number for each class of characters and each constant above: at one of these there always is one. */
export type Counts = Float64Array & Record<Below<typeof FIELDS>, number>;

/** Counts of a stretch of text. */
export class Tally {
  // As long as its type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  readonly fields = new Float64Array(FIELDS) as Counts;
  /** How often each concept is named. `name` writes them. */
  readonly concepts: Float64Array;
  /** The concepts that are named: few of all. */
  readonly #named: Uint8Array;
  #count = 0;

  constructor(concepts: number) {
    this.concepts = new Float64Array(concepts);
    this.#named = new Uint8Array(concepts);
  }

  name(concept: number, times = 1): void {
    if (this.concepts[concept] === 0) this.#named[this.#count++] = concept;
    this.concepts[concept]! += times;
  }

  clear(): void {
    this.fields.fill(0);
    for (let at = 0; at < this.#count; at += 1) this.concepts[this.#named[at]!] = 0;
    this.#count = 0;
  }

  /** Adds it to another and empties it. */
  pourInto(other: Tally): void {
    for (let at = 0; at < FIELDS; at += 1) other.fields[at]! += this.fields[at]!;
    for (let at = 0; at < this.#count; at += 1) {
      const concept = this.#named[at]!;
      other.name(concept, this.concepts[concept]);
    }
    this.clear();
  }
}
