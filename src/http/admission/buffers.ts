/**
 * The part of the memory budget that requests take: bodies from their first byte to the end of their request, and answers until
 * they are taken. Beyond it a request is refused before its body is read, rather than the process dying for want of memory.
 */
import type { ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import { GatewayError } from '../../core/errors.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';

export interface Buffers {
  /**
   * Bytes that a request of this caller holds; nothing yet.
   * @throws GatewayError `gateway_overloaded` while the heap is full
   */
  open(caller: string): BodyBytes;
  /** Counts an answer until this caller has taken it. */
  untilTaken(outgoing: ServerResponse, bytes: number): void;
}

export interface BodyBytes {
  /** @throws GatewayError `gateway_overloaded` where these bytes do not fit */
  take(bytes: number): void;
  /** Large bodies are parsed and judged one at a time: each exists several times meanwhile. Undefined: it need not wait. */
  turn(): Promise<void> | undefined;
  /** Lets the next large body in. */
  judged(): void;
  /** `done` is called once the body was judged or released. */
  onJudged(done: () => void): void;
  /** Gives everything back. Calls after the first change nothing. */
  release(): void;
}

const MIB = 1024 * 1024;
const LEAST_BYTES = 64 * MIB;

/** Of the heap, as parsing a body takes several times its size. */
export const defaultBufferedBytes = (): number =>
  Math.max(LEAST_BYTES, Math.floor(getHeapStatistics().heap_size_limit / 4));

/** A small body is never refused for its size: as many as may be under way at once fit beside the rest. */
const SMALL_BYTES = 64 * 1024;
/** A larger body waits while the heap is nearly full. */
const LARGE_BYTES = MIB;
const STRAINED = 0.8;
const FULL = 0.9;
/** A reader that takes nothing for this long is closed if others wait for room. */
const HURRY_MS = 5000;

export interface BuffersOptions {
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** How full the heap is, of 1. */
  readonly heapShare?: () => number;
}

export function createBuffers(budget: ByteBudget, options: BuffersOptions): Buffers {
  const counts = new Counts(budget, heapWatch(options));
  return {
    open: (caller) => {
      if (counts.heap.isFull()) throw strained('requests');
      return new HeldBytes(caller, counts);
    },
    untilTaken: (outgoing, bytes) => countUntilTaken(budget, outgoing, bytes),
  };
}

/** What all requests hold together. */
class Counts {
  readonly heap: HeapWatch;
  readonly #budget: ByteBudget;
  readonly #byCaller = new Map<string, number>();
  readonly #lane = oneAtATime();

  constructor(budget: ByteBudget, heap: HeapWatch) {
    this.#budget = budget;
    this.heap = heap;
  }

  add(caller: string, bytes: number): void {
    this.#budget.add(bytes);
    const own = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (own > 0) this.#byCaller.set(caller, own);
    else this.#byCaller.delete(caller);
  }

  /** @throws GatewayError `gateway_overloaded` where a caller may not have so much more */
  check(caller: string, bytes: number): void {
    const { maxBytes } = this.#budget;
    if (!this.#budget.fits(bytes)) throw full(maxBytes);
    if (bytes > LARGE_BYTES && this.heap.now() > STRAINED) throw strained('bodies over 1 MiB');
    const share = (this.#byCaller.get(caller) ?? 0) + bytes;
    // A body that is larger than a share is taken alone.
    const isGreedy = share > maxBytes / 4 && share > bytes && this.#byCaller.size > 1;
    if (isGreedy) throw greedy(caller, maxBytes);
  }

  /** Resolves to what lets the next large body in. */
  enterLane(): Promise<() => void> {
    return this.#lane.enter();
  }
}

/** A class rather than closures, because there is one for each request. */
class HeldBytes implements BodyBytes {
  readonly #caller: string;
  readonly #counts: Counts;
  #bytes = 0;
  /** The bytes that are counted. */
  #own = 0;
  #waiting: (() => void)[] | undefined;

  constructor(caller: string, counts: Counts) {
    this.#caller = caller;
    this.#counts = counts;
  }

  take(more: number): void {
    const weight = weightOf(this.#bytes + more) - this.#own;
    if (this.#bytes + more > SMALL_BYTES) this.#counts.check(this.#caller, weight);
    this.#bytes += more;
    this.#own += weight;
    this.#counts.add(this.#caller, weight);
  }

  turn(): Promise<void> | undefined {
    if (this.#bytes <= LARGE_BYTES) return undefined;
    return this.#counts.enterLane().then((leave) => this.onJudged(leave));
  }

  judged(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    for (const done of waiting) done();
  }

  onJudged(done: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push(done);
  }

  release(): void {
    this.judged();
    this.#counts.add(this.#caller, -this.#own);
    this.#own = 0;
  }
}

function countUntilTaken(budget: ByteBudget, outgoing: ServerResponse, bytes: number): void {
  if (bytes <= SMALL_BYTES || outgoing.destroyed) return;
  const writing = { hurry: () => void outgoing.socket?.setTimeout(HURRY_MS) };
  outgoing.once('close', () => budget.written(writing));
  budget.writing(writing, bytes);
}

/** A large body is in memory as bytes and as the text that is read. */
const weightOf = (bytes: number): number => (bytes > LARGE_BYTES ? 2 * bytes : bytes);

/** In order of arrival. */
function oneAtATime() {
  let last = Promise.resolve();
  return {
    /** Resolves to what lets the next one in. */
    enter: async (): Promise<() => void> => {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      return resolve;
    },
  };
}

const LOOK_EVERY_MS = 100;

interface HeapWatch {
  now(): number;
  isFull(): boolean;
}

/** The heap counts as full once two samples in a row say so: until the next collection it holds garbage too. */
function heapWatch({ nowMs, heapShare = heapShareNow }: BuffersOptions): HeapWatch {
  let lookedAtMs = -Infinity;
  let share = 0;
  let before = 0;
  return {
    now: heapShare,
    isFull: (): boolean => {
      const now = nowMs();
      if (now - lookedAtMs >= LOOK_EVERY_MS) {
        lookedAtMs = now;
        before = share;
        share = heapShare();
      }
      return share > FULL && before > FULL;
    },
  };
}

function heapShareNow(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}

const full = (maxBytes: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Request bodies and answers of ${Math.floor(maxBytes / MIB)} MiB are under way, which is the limit. Ask again in a second, or raise limits.maxBufferedBytes.`,
  );

const strained = (what: string): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `The memory of the gateway is nearly full, so ${what} are not taken now. Ask again in a second, or give its process a larger heap.`,
  );

const greedy = (caller: string, maxBytes: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Key '${caller}' has a quarter of the ${Math.floor(maxBytes / MIB)} MiB for request bodies and answers under way, and others send too. Ask again in a second, or raise limits.maxBufferedBytes.`,
  );
