import { afterPoll } from './after-poll.ts';

/**
 * A restartable time limit with one timer: making and clearing a timer for each limit of each request costs more than checking again when
 * one fires too early. Milliseconds, monotonic.
 */
export class Limit {
  readonly #reached: () => boolean;
  #ms: number;
  #dueMs: number;
  #timer: NodeJS.Timeout;
  #isOver = false;

  /** `reached` returns false where the wait was for something else: then the limit starts again. */
  constructor(ms: number, reached: () => boolean) {
    this.#reached = reached;
    this.#ms = ms;
    this.#dueMs = performance.now() + ms;
    this.#timer = setTimeout(this.#look, ms).unref();
  }

  /** From now on the limit is this. */
  set(ms: number, now = performance.now()): void {
    if (this.#isOver) return;
    const before = this.#dueMs;
    this.#ms = ms;
    this.#dueMs = now + ms;
    if (this.#dueMs < before) this.#wait(ms);
  }

  beginAnew(): void {
    this.#dueMs = performance.now() + this.#ms;
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#look, ms).unref();
  }

  #leftMs(): number {
    return Math.ceil(this.#dueMs - performance.now());
  }

  readonly #look = (): void => {
    const leftMs = this.#leftMs();
    if (leftMs > 0) this.#wait(leftMs);
    // A thread that was busy all the while has not read yet what came in time.
    else afterPoll(this.#due);
  };

  readonly #due = (): void => {
    if (this.#isOver) return;
    const leftMs = this.#leftMs();
    if (leftMs > 0) this.#wait(leftMs);
    else if (!this.#reached()) this.#wait(this.#ms);
  };
}
