/** The data that codecs write and read: numbers, texts, and words by place. `packing.ts` says in which order. */

/** Takes the numbers and texts of values, one value after the other. */
export class Packer {
  numbers: Float64Array;
  /** Where the next number goes. */
  at = 0;
  texts: string[] = [];
  readonly words: Words;

  constructor(words: Words, size = 4096) {
    this.words = words;
    this.numbers = new Float64Array(size);
  }

  put(value: number): void {
    if (this.at === this.numbers.length) this.room(1);
    this.numbers[this.at] = value;
    this.at += 1;
  }

  /** Makes room for so many more numbers, and gives what they go into from now on. */
  room(count: number): Float64Array {
    if (this.at + count <= this.numbers.length) return this.numbers;
    const larger = new Float64Array(2 * (this.numbers.length + count));
    larger.set(this.numbers);
    this.numbers = larger;
    return larger;
  }
}

/** Texts that occur again and again, by place. */
export interface Words {
  /** The place of the text; undefined where it has none and gets none. */
  placeOf(text: string): number | undefined;
  /** The same for a text of which there may be any number: only one that came before gets a place. */
  placeOfPhrase(text: string): number | undefined;
}

/** Gives back what a packer took, in the same order. */
export class Unpacker {
  readonly numbers: ArrayLike<number>;
  readonly texts: readonly string[];
  readonly words: readonly string[];
  at = 0;

  constructor(numbers: ArrayLike<number>, texts: readonly string[], words: readonly string[]) {
    this.numbers = numbers;
    this.texts = texts;
    this.words = words;
  }

  /** @throws RangeError where nothing is left: the data is damaged, or another table's */
  take(): number {
    const value = this.numbers[this.at];
    if (value === undefined) throw new RangeError('the packed data ends too early');
    this.at += 1;
    return value;
  }
}
