/** Those who wait, by owner: in order within each owner's line, and in turns between owners. */

interface Line<T> {
  readonly owner: string;
  readonly waiting: T[];
}

export class RoundRobin<T> {
  /** Of each owner that has any; the first one's turn is next. */
  #turns: Line<T>[] = [];
  readonly #byOwner = new Map<string, Line<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many owners have any in line. */
  get owners(): number {
    return this.#turns.length;
  }

  lengthOf(owner: string): number {
    return this.#byOwner.get(owner)?.waiting.length ?? 0;
  }

  join(owner: string, one: T): void {
    this.#size += 1;
    const known = this.#byOwner.get(owner);
    if (known !== undefined) return void known.waiting.push(one);
    const first = { owner, waiting: [one] };
    this.#byOwner.set(owner, first);
    this.#turns.push(first);
  }

  /**
   * Takes out the one whose turn it is.
   * @param mayHave whether an owner may have one more; the turn of one that may not is kept
   */
  next(mayHave: (owner: string) => boolean): T | undefined {
    const at = this.#turns.findIndex(({ owner }) => mayHave(owner));
    const [line] = at === -1 ? [] : this.#turns.splice(at, 1);
    const one = line?.waiting.shift();
    if (line === undefined || one === undefined) return undefined;
    this.#size -= 1;
    if (line.waiting.length > 0) this.#turns.push(line);
    else this.#byOwner.delete(line.owner);
    return one;
  }

  /** How many are in line whose owner may have one more. */
  sizeOf(mayHave: (owner: string) => boolean): number {
    return this.#turns.reduce(
      (sum, { owner, waiting }) => (mayHave(owner) ? sum + waiting.length : sum),
      0,
    );
  }

  /** Takes out the last one of the longest line; undefined where one more of this owner would make its line as long. */
  makeRoomFor(owner: string): T | undefined {
    const [longest] = this.#turns.toSorted((a, b) => b.waiting.length - a.waiting.length);
    if (longest === undefined || longest.waiting.length <= this.lengthOf(owner) + 1)
      return undefined;
    this.#size -= 1;
    return longest.waiting.pop();
  }

  /** Takes this one out, wherever it stands. */
  leave(owner: string, one: T): void {
    const line = this.#byOwner.get(owner);
    if (line !== undefined) this.#take(line, (other) => other === one);
  }

  /** Takes out all of which this is true. */
  takeAll(isTaken: (one: T) => boolean): readonly T[] {
    return [...this.#turns].flatMap((line) => this.#take(line, isTaken));
  }

  #take(line: Line<T>, isTaken: (one: T) => boolean): readonly T[] {
    const taken = line.waiting.filter(isTaken);
    if (taken.length === 0) return [];
    this.#size -= taken.length;
    const left = line.waiting.filter((one) => !isTaken(one));
    line.waiting.splice(0, Infinity, ...left);
    if (left.length > 0) return taken;
    this.#byOwner.delete(line.owner);
    this.#turns = this.#turns.filter((other) => other !== line);
    return taken;
  }
}
