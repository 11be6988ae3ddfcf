/** Keeps the deadline of each request for shared state, and counts the answers that did not come. */
import { STATE_PORTS, type StateDeadline, type StatePort } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { Soon } from '../lib/soon.ts';

export interface Deadlines {
  /** Starts the deadline of a new request. */
  start(): StateDeadline;
  /** Of stored responses, which nothing can take the place of. */
  startStored(): StateDeadline;
  /** Answers that came too late or never, by port, since the process started. */
  timeouts(): Readonly<Record<StatePort, number>>;
}

/** Two questions to a Redis one after the other, each of which may take 50 ms, on a machine that is busy. */
const STORED_DEADLINE_MS = 250;

interface Options {
  /** Total time that one request may wait, in milliseconds. */
  readonly ms: number;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

export function createDeadlines({ ms, nowMs }: Options): Deadlines {
  const counts = new Map<StatePort, number>(STATE_PORTS.map((port) => [port, 0]));
  const tools: Tools = {
    nowMs,
    onUnknown: (port) => counts.set(port, (counts.get(port) ?? 0) + 1),
  };
  return {
    start: () => new RequestDeadline(ms, tools),
    startStored: () => new RequestDeadline(STORED_DEADLINE_MS, tools),
    // One entry for each of STATE_PORTS, by construction.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    timeouts: () => Object.fromEntries(counts) as Record<StatePort, number>,
  };
}

interface Tools {
  readonly nowMs: () => number;
  readonly onUnknown: (port: StatePort) => void;
}

/** A class, so that a request that never waits costs one small object and no closures. */
class RequestDeadline implements StateDeadline {
  #leftMs: number;
  /** Waits in progress; overlapping ones count once. */
  #waits = 0;
  #sinceMs = 0;
  readonly #tools: Tools;

  constructor(ms: number, tools: Tools) {
    this.#leftMs = ms;
    this.#tools = tools;
  }

  get ms(): number {
    if (this.#waits === 0) return this.#leftMs;
    return Math.max(0, this.#leftMs - (this.#tools.nowMs() - this.#sinceMs));
  }

  expired(): boolean {
    return this.ms === 0;
  }

  known<T>(port: StatePort, answer: Soon<T>, unknown: () => T): Soon<T> {
    return answer instanceof Promise ? this.#wait(port, answer, unknown) : answer;
  }

  async #wait<T>(port: StatePort, answer: Promise<T>, unknown: () => T): Promise<T> {
    if (this.#waits === 0) this.#sinceMs = this.#tools.nowMs();
    this.#waits += 1;
    const late = expiry(this.ms);
    try {
      return await Promise.race([answer, late.promise]);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      this.#tools.onUnknown(port);
      return unknown();
    } finally {
      late.cancel();
      const { ms } = this;
      this.#waits -= 1;
      if (this.#waits === 0) this.#leftMs = ms;
    }
  }
}

/** Rejects after `ms` milliseconds, unless it is cancelled. */
function expiry(ms: number): { readonly promise: Promise<never>; cancel(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = (): void => reject(new Error('no answer in time'));
  // Timers run before sockets are read: `setImmediate` lets an answer that arrived while this thread was busy be read first.
  const timer = setTimeout(() => void setImmediate(late), ms);
  return { promise, cancel: () => clearTimeout(timer) };
}
