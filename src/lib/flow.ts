/**
 * A push stream: items go from a source to one receiver, in order and without a promise for each. A source that brings several at once
 * marks the end of the batch, so that what was made of them can be written at once.
 */

export interface Receiver<T> {
  receive(item: T): void;
  /** What came at once has all been received. */
  batchEnd(): void;
  /** Once, and last: with an error where it broke. A batch ends with it too. */
  ended(error?: unknown): void;
}

/** What a receiver may do to what it receives. */
export interface FlowControl {
  /** No more is wanted for now; what is made of one item may still come. */
  hold(): void;
  release(): void;
  /** No more is wanted at all: nothing comes any more, not even an end. After the end it does nothing. */
  cancel(): void;
}

/** Gives its items once, to one receiver; nothing before it has one. */
export interface Source<T> extends FlowControl {
  pushTo(receiver: Receiver<T>): void;
}

/** Waits for one item. */
interface Reading<T> {
  readonly isPeeking: boolean;
  resolve(item: T | undefined): void;
  reject(error: unknown): void;
}

/**
 * A buffer in a push stream: keeps what its receiver does not want yet. Instead of a receiver it may have a reader, which takes one item
 * after the other. An error of the receiver breaks the flow, and never reaches the source.
 */
export class Flow<T extends object> implements Source<T>, Receiver<T> {
  readonly #waiting: T[] = [];
  readonly #from: Partial<FlowControl>;
  #receiver: Receiver<T> | undefined;
  #reading: Reading<T> | undefined;
  #isHeld = false;
  #isGiving = false;
  #end: { readonly error: unknown } | undefined;
  #isOver = false;

  /** @param from is told `release` whenever nothing waits and more is wanted, and `cancel` once. */
  constructor(from: Partial<FlowControl> = {}) {
    this.#from = from;
  }

  /** Somebody waits for more. */
  get isWanted(): boolean {
    return this.#reading !== undefined || (this.#receiver !== undefined && !this.#isHeld);
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  receive(item: T): void {
    if (this.#end !== undefined || this.#isOver) return;
    const reading = this.#reading;
    if (this.#isDirect()) this.#give(item);
    else if (reading === undefined || reading.isPeeking) this.#waiting.push(item);
    if (reading === undefined) return;
    this.#reading = undefined;
    reading.resolve(item);
  }

  batchEnd(): void {
    if (this.#receiver === undefined || this.#isOver) return;
    try {
      this.#receiver.batchEnd();
    } catch (error) {
      this.#break(error);
    }
  }

  /** A batch of one. */
  push(item: T): void {
    this.receive(item);
    this.batchEnd();
  }

  ended(error?: unknown): void {
    if (this.#end !== undefined || this.#isOver) return;
    this.#end = { error };
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading === undefined) this.#finish();
    else if (error === undefined) reading.resolve(undefined);
    else reading.reject(error);
  }

  pushTo(receiver: Receiver<T>): void {
    this.#receiver = receiver;
    if (!this.#isHeld) this.release();
  }

  hold(): void {
    this.#isHeld = true;
    this.#from.hold?.();
  }

  release(): void {
    this.#isHeld = false;
    if (this.#isGiving || this.#receiver === undefined) return;
    this.#isGiving = true;
    const had = this.#waiting.length > 0;
    while (!this.#isHeld && this.#waiting.length > 0) this.#give(this.#waiting.shift()!);
    if (had) this.batchEnd();
    this.#isGiving = false;
    this.#finish();
    if (this.isWanted && !this.#isOver) this.#from.release?.();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.close();
    this.#from.cancel?.();
  }

  /** Gives nothing more, without telling the source. */
  close(): void {
    this.drop();
    this.#isOver = true;
    this.#reading?.resolve(undefined);
    this.#reading = undefined;
  }

  /** What waits, in place of giving it. */
  takeAll(): T[] {
    return this.#waiting.splice(0);
  }

  /** What waits is not given. */
  drop(): void {
    this.#waiting.length = 0;
  }

  /** The next item; undefined at the end. One call at a time. */
  read(): Promise<T | undefined> {
    const item = this.#waiting.shift();
    if (item === undefined) return this.#next(false);
    if (this.#waiting.length === 0) this.#from.release?.();
    return Promise.resolve(item);
  }

  /** The same, but the item is given again. */
  first(): Promise<T | undefined> {
    const item = this.#waiting[0];
    return item === undefined ? this.#next(true) : Promise.resolve(item);
  }

  #next(isPeeking: boolean): Promise<T | undefined> {
    const end = this.#end;
    if (this.#isOver || (end !== undefined && end.error === undefined))
      return Promise.resolve(undefined);
    if (end !== undefined) return Promise.reject(end.error);
    return new Promise((resolve, reject) => {
      this.#reading = { isPeeking, resolve, reject };
      this.#from.release?.();
    });
  }

  #isDirect(): boolean {
    const isOpen = this.#receiver !== undefined && !this.#isHeld && !this.#isGiving;
    return isOpen && this.#waiting.length === 0;
  }

  #give(item: T): void {
    try {
      this.#receiver?.receive(item);
    } catch (error) {
      this.#break(error);
    }
  }

  /** Passes the end on, once everything before it is given. */
  #finish(): void {
    if (this.#end === undefined || this.#isOver || !this.#isDirect()) return;
    this.#isOver = true;
    this.#receiver?.ended(this.#end.error);
  }

  #break(error: unknown): void {
    if (this.#isOver) return;
    this.cancel();
    this.#receiver?.ended(error);
  }
}

/** Items that are all there already. */
export function flowOf<T extends object>(items: readonly T[]): Flow<T> {
  const flow = new Flow<T>();
  for (const item of items) flow.receive(item);
  flow.ended();
  return flow;
}

/** The same, for who takes one after the other; asked for no more than that. */
export function pulled<T extends object>(source: Source<T>): Flow<T> {
  let isAsked = false;
  const flow = new Flow<T>({
    release: () => {
      if (isAsked) return source.release();
      isAsked = true;
      source.pushTo({
        receive: (item) => {
          flow.receive(item);
          source.hold();
        },
        batchEnd: () => {},
        ended: (error) => flow.ended(error),
      });
    },
    cancel: () => source.cancel(),
  });
  return flow;
}

/**
 * Shows `each` everything that comes. Resolves at the end, or once `each` has had enough.
 * Rejects where the source breaks, or with what `each` throws.
 */
export function readAll<T>(source: Source<T>, each: (item: T) => 'enough' | void): Promise<void> {
  return new Promise((resolve, reject) => {
    source.pushTo({
      receive: (item) => {
        try {
          if (each(item) !== 'enough') return;
          resolve();
        } catch (error) {
          reject(error);
        }
        source.cancel();
      },
      batchEnd: () => {},
      ended: (error) => (error === undefined ? resolve() : reject(error)),
    });
  });
}
