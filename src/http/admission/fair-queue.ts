/**
 * A fair queue: requests that wait for a place, in order within each key and in turns between keys. It also foresees how long one more
 * would wait.
 */

/** A request in line. */
export interface Waiting {
  readonly caller: string;
  /** Monotonic milliseconds after which it waits no longer. */
  readonly untilMs: number;
}

/** Which of a key's requests are in line, in order. */
interface OfKey<T> {
  readonly caller: string;
  readonly waiting: T[];
}

export class FairQueue<T extends Waiting> {
  /** Of each key that has any; the first one's turn is next. */
  #turns: OfKey<T>[] = [];
  readonly #byKey = new Map<string, OfKey<T>>();
  #size = 0;
  readonly #pace = new Pace();

  get size(): number {
    return this.#size;
  }

  /** @param now monotonic milliseconds, as everywhere here */
  join(one: T, now: number): void {
    if (this.#size === 0) this.#pace.begin(now);
    this.#size += 1;
    const known = this.#byKey.get(one.caller);
    if (known !== undefined) return void known.waiting.push(one);
    const first = { caller: one.caller, waiting: [one] };
    this.#byKey.set(one.caller, first);
    this.#turns.push(first);
  }

  /**
   * Takes out the one whose turn it is.
   * @param mayHave whether a key may have one more; the turn of one that may not is kept
   */
  next(mayHave: (caller: string) => boolean, now: number): T | undefined {
    const at = this.#turns.findIndex(({ caller }) => mayHave(caller));
    const [key] = at === -1 ? [] : this.#turns.splice(at, 1);
    const one = key?.waiting.shift();
    if (key === undefined || one === undefined) return undefined;
    this.#size -= 1;
    this.#pace.moved(now);
    if (key.waiting.length > 0) this.#turns.push(key);
    else this.#byKey.delete(key.caller);
    return one;
  }

  /** How many requests are in line whose key may have one more under way. */
  sizeOf(mayHave: (caller: string) => boolean): number {
    const sizes = this.#turns.map(({ caller, waiting }) => (mayHave(caller) ? waiting.length : 0));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Takes out the last one of the key that has the most in line; undefined where this key would then have as many. */
  makeRoomFor(caller: string): T | undefined {
    const [longest] = this.#turns.toSorted((a, b) => b.waiting.length - a.waiting.length);
    const own = this.#byKey.get(caller)?.waiting.length ?? 0;
    if (longest === undefined || longest.waiting.length <= own + 1) return undefined;
    this.#size -= 1;
    return longest.waiting.pop();
  }

  /** Takes this one out, wherever it stands. */
  leave(one: T): void {
    this.#take((other) => other === one, this.#byKey.get(one.caller));
  }

  /** Takes out the requests that have waited too long. */
  expired(now: number): readonly T[] {
    return [...this.#turns].flatMap((key) => this.#take(({ untilMs }) => untilMs <= now, key));
  }

  /** Takes out everybody. */
  all(): readonly T[] {
    return this.expired(Infinity);
  }

  /** Milliseconds that one more of this key would wait, as fast as the line moves now. */
  foreseenMs(caller: string, now: number): number {
    if (this.#size === 0) return 0;
    const own = this.#byKey.get(caller);
    const keys = this.#turns.length + (own === undefined ? 1 : 0);
    // Each turn of the key is one of every other's.
    const before = Math.min(this.#size, ((own?.waiting.length ?? 0) + 1) * keys - 1);
    return (before + 1) * this.#pace.msEach(now);
  }

  #take(isTaken: (one: T) => boolean, key: OfKey<T> | undefined): readonly T[] {
    if (key === undefined) return [];
    const taken = key.waiting.filter(isTaken);
    if (taken.length === 0) return [];
    this.#size -= taken.length;
    const left = key.waiting.filter((one) => !isTaken(one));
    key.waiting.splice(0, Infinity, ...left);
    if (left.length > 0) return taken;
    this.#byKey.delete(key.caller);
    this.#turns = this.#turns.filter((other) => other !== key);
    return taken;
  }
}

/** How many departures the pace is taken from: more than leave within ten turns of the event loop, so that a pause of the garbage collector does not distort it. */
const LOOKED_BACK_ON = 1024;

/** How fast a line moves, by those who left it last since it began; one that stands still gets slower as time goes by. */
class Pace {
  readonly #movedAtMs = new Float64Array(LOOKED_BACK_ON);
  #moves = 0;
  #beganMs = 0;

  begin(now: number): void {
    this.#moves = 0;
    this.#beganMs = now;
  }

  moved(now: number): void {
    this.#movedAtMs[this.#moves % LOOKED_BACK_ON] = now;
    this.#moves += 1;
  }

  msEach(now: number): number {
    const count = Math.min(this.#moves, LOOKED_BACK_ON);
    const oldest = this.#movedAtMs[this.#moves % LOOKED_BACK_ON] ?? 0;
    const sinceMs = this.#moves < LOOKED_BACK_ON ? this.#beganMs : oldest;
    return (now - sinceMs) / (count + 1);
  }
}
