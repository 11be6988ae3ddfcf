/**
 * A fair queue: requests that wait for a place, in order within each key and in turns between keys. It also foresees how long one more
 * would wait.
 */
import { RoundRobin } from '../../lib/round-robin.ts';

/** A request in line. */
export interface Waiting {
  readonly caller: string;
  /** Monotonic milliseconds after which it waits no longer. */
  readonly untilMs: number;
}

export class FairQueue<T extends Waiting> {
  readonly #lines = new RoundRobin<T>();
  readonly #pace = new Pace();

  get size(): number {
    return this.#lines.size;
  }

  /** @param now monotonic milliseconds, as everywhere here */
  join(one: T, now: number): void {
    if (this.size === 0) this.#pace.begin(now);
    this.#lines.join(one.caller, one);
  }

  /**
   * Takes out the one whose turn it is.
   * @param mayHave whether a key may have one more; the turn of one that may not is kept
   */
  next(mayHave: (caller: string) => boolean, now: number): T | undefined {
    const one = this.#lines.next(mayHave);
    if (one !== undefined) this.#pace.moved(now);
    return one;
  }

  /** How many requests are in line whose key may have one more under way. */
  sizeOf(mayHave: (caller: string) => boolean): number {
    return this.#lines.sizeOf(mayHave);
  }

  /** Takes out the last one of the key that has the most in line; undefined where this key would then have as many. */
  makeRoomFor(caller: string): T | undefined {
    return this.#lines.makeRoomFor(caller);
  }

  /** Takes this one out, wherever it stands. */
  leave(one: T): void {
    this.#lines.leave(one.caller, one);
  }

  /** Takes out the requests that have waited too long. */
  expired(now: number): readonly T[] {
    return this.#lines.takeAll(({ untilMs }) => untilMs <= now);
  }

  /** Takes out everybody. */
  all(): readonly T[] {
    return this.expired(Infinity);
  }

  /** Milliseconds that one more of this key would wait, as fast as the line moves now. */
  foreseenMs(caller: string, now: number): number {
    if (this.size === 0) return 0;
    const own = this.#lines.lengthOf(caller);
    const keys = this.#lines.owners + (own === 0 ? 1 : 0);
    // Each turn of the key is one of every other's.
    const before = Math.min(this.size, (own + 1) * keys - 1);
    return (before + 1) * this.#pace.msEach(now);
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
