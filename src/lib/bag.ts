/** A member of one `Bag`, which notes its place in it. */
export interface Bagged {
  /** Its index; -1 outside. Written by the bag alone. */
  bagAt: number;
}

/**
 * An unordered collection for what comes and goes with each request. A `Set` rebuilds its table every so many removals, once it
 * has grown old in V8's old generation, where each former table keeps what it held until the whole heap is collected: 20 KB a
 * request, and most of the time of the collector (measured).
 */
export class Bag<T extends Bagged> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** @param item that is in no bag */
  add(item: T): void {
    item.bagAt = this.#items.push(item) - 1;
  }

  /** Whether it was in here. */
  delete(item: T): boolean {
    const at = item.bagAt;
    if (this.#items[at] !== item) return false;
    item.bagAt = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return true;
    last.bagAt = at;
    this.#items[at] = last;
    return true;
  }

  /** What is in here now; it may be deleted meanwhile. */
  items(): readonly T[] {
    return [...this.#items];
  }

  /** Takes everything out. */
  clear(): void {
    for (const item of this.#items) item.bagAt = -1;
    this.#items.length = 0;
  }
}
