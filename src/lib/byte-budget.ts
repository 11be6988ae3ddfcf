/** One budget of bytes for everything that comes from outside and is kept in memory: bodies, answers, and what is remembered of both. */

/** Of an answer that is read whole: so much of each is not counted. */
const UNCOUNTED_BYTES = 64 * 1024;

/** What is read is in memory as pieces, as a whole and as a text, two of them at a time. */
const COPIES = 2;

/** What is smaller dies young, in the collections that happen anyway. */
const COLLECTED_BYTES = 256 * 1024;
/** Of the budget: a collection for less takes longer than it is worth. */
const UNCOLLECTED_SHARE = 1 / 8;

/** An answer on its way to its caller. */
export interface Writing {
  /** Others wait for its bytes: its reader has little time left. */
  hurry(): void;
}

export class ByteBudget {
  readonly maxBytes: number;
  #held = 0;
  readonly #caches: (() => number)[] = [];
  readonly #readings = new Set<AnswerReading>();
  readonly #writings = new Map<Writing, number>();
  #waiting: (() => void)[] = [];

  /** What was given back since the last collection, and is still in memory. */
  #uncollected = 0;
  readonly #collect: () => void;

  /**
   * @param collect frees what nobody holds. V8 sees buffers and long texts as a few words each, and waits for 64 MB of them, which a
   * small process does not have.
   */
  constructor(maxBytes: number, collect: () => void = () => {}) {
    this.maxBytes = maxBytes;
    this.#collect = collect;
  }

  /** Bytes, with those of caches. */
  heldBytes(): number {
    return this.#caches.reduce((sum, size) => sum + size(), this.#held);
  }

  fits(bytes: number): boolean {
    this.#collectFor(bytes, this.maxBytes);
    return this.heldBytes() + bytes <= this.maxBytes;
  }

  /** A negative number gives back. */
  add(bytes: number): void {
    this.#held += bytes;
    if (bytes >= 0) return;
    if (-bytes > COLLECTED_BYTES) this.#uncollected -= bytes;
    this.#wake();
  }

  /** A cache with a bound of its own, which takes from what is left for others. */
  counts(bytes: () => number): void {
    this.#caches.push(bytes);
  }

  /** An answer that an upstream sends whole. */
  reading(): AnswerReading {
    const reading = new AnswerReading(this, () => {
      this.#readings.delete(reading);
      this.#wake();
    });
    this.#readings.add(reading);
    return reading;
  }

  /** Counts an answer until `written` is called with it. */
  writing(writing: Writing, bytes: number): void {
    this.#writings.set(writing, bytes);
    this.#held += bytes;
    if (this.#waiting.length > 0) writing.hurry();
  }

  written(writing: Writing): void {
    const bytes = this.#writings.get(writing);
    if (bytes === undefined) return;
    this.#writings.delete(writing);
    this.add(-bytes);
  }

  /**
   * Undefined where these bytes of a reading may be taken now. Beyond half of the budget one is read after the other, and the oldest
   * goes on where nothing is being written: something must end for the others to go on.
   */
  room(reading: AnswerReading, bytes: number): Promise<void> | undefined {
    const [oldest] = this.#readings;
    const isOldest = oldest === reading;
    const most = isOldest ? this.maxBytes : this.maxBytes / 2;
    this.#collectFor(bytes, most);
    if (this.heldBytes() + bytes <= most) return undefined;
    if (isOldest && this.#writings.size === 0) return undefined;
    for (const writing of this.#writings.keys()) writing.hurry();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #collectFor(bytes: number, most: number): void {
    if (this.#uncollected < this.maxBytes * UNCOLLECTED_SHARE) return;
    if (this.heldBytes() + this.#uncollected + bytes <= most) return;
    this.#uncollected = 0;
    this.#collect();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const goOn of waiting) goOn();
  }
}

/** One answer while it is read. Its upstream waits where there is no room for it. */
export class AnswerReading {
  readonly #budget: ByteBudget;
  readonly #left: () => void;
  #bytes = 0;
  #counted = 0;

  constructor(budget: ByteBudget, left: () => void) {
    this.#budget = budget;
    this.#left = left;
  }

  /** Before the next bytes are asked for. Undefined: there is nothing to wait for. */
  take(bytes: number): Promise<void> | undefined {
    this.#bytes += bytes;
    if (this.#bytes <= UNCOUNTED_BYTES) return undefined;
    const wanted = COPIES * this.#bytes - this.#counted;
    const room = this.#budget.room(this, wanted);
    return room === undefined ? this.#count(wanted) : this.#waitFor(wanted, room);
  }

  /** Gives everything back. */
  over(): void {
    this.#budget.add(-this.#counted);
    this.#counted = 0;
    this.#left();
  }

  async #waitFor(wanted: number, first: Promise<void>): Promise<void> {
    let room: Promise<void> | undefined = first;
    while (room !== undefined) {
      await room;
      room = this.#budget.room(this, wanted);
    }
    this.#count(wanted);
  }

  #count(bytes: number): undefined {
    this.#counted += bytes;
    this.#budget.add(bytes);
  }
}

/** Of a budget, the most that one cache takes. */
const CACHE_SHARE = 1 / 4;

/** How large a cache may be that would be so large by itself. */
export const shareOf = (budget: ByteBudget | undefined, bytes: number): number =>
  budget === undefined ? bytes : Math.min(bytes, Math.floor(budget.maxBytes * CACHE_SHARE));
