/** How long a request may take in all, and what ends it before: its caller, its own deadline, ours, or the shutdown. */
import type { ServerResponse } from 'node:http';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';

export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Ends it with this error. */
  end(error: GatewayError): void;
  /** The first byte of the answer is there: what the caller would wait for it is over. */
  begun(): void;
  /** Nothing is left to limit. */
  over(): void;
}

interface LimitOptions {
  /** Milliseconds from the request's arrival. */
  readonly totalMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** Aborts when the socket closes before the answer is complete: the caller hung up, so the upstream must stop. */
export const timeLimit = (call: Call, outgoing: ServerResponse, options: LimitOptions): TimeLimit =>
  new RunningLimit(call, outgoing, options);

class RunningLimit implements TimeLimit {
  readonly #controller = new AbortController();
  readonly #call: Call;
  readonly #options: LimitOptions;
  /** The caller's own deadline comes first. */
  #isCallers: boolean;
  #timer: NodeJS.Timeout;

  constructor(call: Call, outgoing: ServerResponse, options: LimitOptions) {
    this.#call = call;
    this.#options = options;
    this.#isCallers = this.#callersMs <= options.totalMs;
    this.#timer = this.#started();
    outgoing.on('close', () => {
      this.over();
      if (!outgoing.writableFinished) this.#controller.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(error: GatewayError): void {
    this.#controller.abort(error);
  }

  begun(): void {
    const isOver = this.#isCallers && this.#call.deadlineIsForFirstByte === true;
    if (!isOver || this.signal.aborted) return;
    this.over();
    this.#isCallers = false;
    this.#timer = this.#started();
  }

  over(): void {
    clearTimeout(this.#timer);
  }

  get #callersMs(): number {
    return this.#call.deadlineMs ?? Infinity;
  }

  #started(): NodeJS.Timeout {
    const { nowMs, totalMs } = this.#options;
    const ms = this.#isCallers ? this.#callersMs : totalMs;
    const left = Math.max(1, ms - (nowMs() - this.#call.startedMs));
    return setTimeout(() => this.#expired(), left).unref();
  }

  #expired(): void {
    const { totalMs } = this.#options;
    this.end(this.#isCallers ? callersTime(this.#callersMs) : ourTime(totalMs));
  }
}

/** What ended a request before its time; undefined for a caller that hung up, and where nothing did. */
export const endedBy = ({ aborted, reason }: AbortSignal): GatewayError | undefined =>
  aborted && reason instanceof GatewayError ? reason : undefined;

const callersTime = (ms: number): GatewayError =>
  new GatewayError(
    'gateway_deadline',
    `The answer was not complete within the ${Math.round(ms)} ms that the request gives it (X-Smallfirst-Deadline-Ms, or the client's own time-out). Give it more, or ask for less.`,
    // Whoever gave it no longer will give it no longer the next time.
    { headers: { 'x-should-retry': 'false' } },
  );

const ourTime = (ms: number): GatewayError =>
  new GatewayError(
    'gateway_deadline',
    `The answer was not complete within ${Math.round(ms / 1000)} s, the limit for a request. Ask for less, or raise limits.totalMs.`,
  );
