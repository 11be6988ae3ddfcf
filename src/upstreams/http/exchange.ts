/**
 * One HTTP exchange with an upstream over undici's dispatcher: no fetch, no web streams, one timer.
 * The body is pulled chunk by chunk, and the socket is paused while nothing is pulled.
 */
import type { Dispatcher } from 'undici';
import type { UpstreamError } from '../../core/errors.ts';
import type { Connections } from './connections.ts';
import type { Connection, IncomingHeaders, Sender, SentOptions } from './sender.ts';
import { Limit } from './limit.ts';
import { lengthOf, streamedBody, type RequestBody } from './request-body.ts';
import {
  abortedError,
  brokenError,
  connectError,
  isClosedByPeer,
  StaleConnectionError,
  timeoutError,
} from './exchange-errors.ts';

export interface ExchangeOptions {
  /** Named in errors. */
  readonly upstream: string;
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  /** In pieces where it is long. */
  readonly body: RequestBody;
  /** Limit until the request is sent on a connection: name look-up, TCP, TLS. */
  readonly connectMs: number;
  /** From then until `answered` is called; bytes of the body start it anew, up to a cap. */
  readonly firstByteMs: number;
  /** Limit between chunks after that, counted only during a read. */
  readonly idleMs: number;
  readonly abort: AbortSignal;
  /** The server may have read, and bill, what it gave no answer to. */
  readonly isSentOnce?: boolean | undefined;
  /** Receives the number of body bytes, once they are written. */
  readonly sent?: (bytes: number) => void;
}

/** An answer whose head has arrived. */
export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHeaders;
  /** The next chunk; undefined at the end. Rejects with UpstreamError. One call at a time. */
  read(): Promise<Buffer | undefined>;
  /** Marks the exchange as answered: from now on the idle limit applies. */
  answered(): void;
  /** Discards the rest: a short rest is read so that the connection can be reused, a long one is cut. */
  drain(): void;
  /** Closes the socket at once. */
  destroy(): void;
}

/** Bytes that may wait for a slow reader before the socket is paused. */
const HIGH_WATER_BYTES = 256 * 1024;
/** How often bytes that are no answer yet, such as comments, may start the limit for the first byte anew, */
const LIVES = 10;
/** and for how long in all. */
const LONGEST_LIFE_MS = 1_800_000;
/** What may still come behind the last byte that is wanted. */
const DRAIN_MS = 1000;

/**
 * A peer's refusal of a connection that it had closed comes within a round trip. What breaks later broke at
 * work, which a second sending would do and pay for again.
 */
const STALE_MS = 1000;

/**
 * Sends, and resolves when the answer's head is there. Where a kept connection turns out to have been closed
 * by the peer, it sends once more on a fresh one, unless that might be paid for twice: whether the peer had read a request before
 * it closed cannot be known.
 * @throws UpstreamError `unreachable`, `timeout`, `interrupted` or `aborted`.
 */
export async function exchange(to: Connections, options: ExchangeOptions): Promise<Exchange> {
  try {
    return await sendOnce(to, to.kept, options);
  } catch (error) {
    if (!(error instanceof StaleConnectionError)) throw error;
    const fresh = to.fresh();
    const sent = sendOnce(to, fresh, options);
    // Closes once the answer is over.
    fresh.close().catch(() => {});
    return await sent;
  }
}

function sendOnce(
  { origin, proxyHost }: Connections,
  dispatcher: Sender,
  options: ExchangeOptions,
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    if (options.abort.aborted) {
      reject(abortedError(options));
      return;
    }
    const running = new HttpExchange(options, proxyHost, { resolve, reject });
    const { path, method, body } = options;
    // This class times both limits: undici's own would abort a slow local model after 300 s.
    const limits = { headersTimeout: 0, bodyTimeout: 0 };
    const request: SentOptions = {
      origin,
      path,
      method,
      body: streamedBody(body),
      headers: [...options.headers, ...lengthOf(body)],
      ...limits,
      assigned: (connection) => running.assigned(connection),
    };
    const dispatch = (): void => {
      try {
        dispatcher.dispatch(request, running);
      } catch (error) {
        running.broken(error);
      }
    };
    // What breaks is not sent again: that the peer has closed is seen before, and not after.
    if (options.isSentOnce === true && dispatcher.mayBeStale?.() !== false) afterPoll(dispatch);
    else dispatch();
  });
}

/** Once the kernel was asked what has come meanwhile, which one turn alone does only where it has not done so already. */
const afterPoll = (next: () => void): void => void setImmediate(() => void setImmediate(next));

/** Who waits for the head of the answer. */
interface Asking {
  readonly resolve: (exchange: Exchange) => void;
  readonly reject: (error: UpstreamError) => void;
}

interface Waiting {
  resolve(chunk: Buffer | undefined): void;
  reject(error: UpstreamError): void;
}

class HttpExchange implements Exchange, Dispatcher.DispatchHandler {
  status = 0;
  headers: IncomingHeaders = {};
  readonly #options: ExchangeOptions;
  readonly #proxyHost: string | undefined;
  readonly #asking: Asking;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #connection: Connection | undefined;
  /** When it was written on a connection that had carried others; monotonic milliseconds. */
  #reusedAtMs: number | undefined;
  /** Until when bytes start the limit for the first one anew; monotonic milliseconds. */
  #livesUntilMs = 0;
  #waiting: Waiting | undefined;
  #failure: UpstreamError | undefined;
  #isAnswered = false;
  #isUnwanted = false;
  #isOver = false;
  readonly #limit: Limit;

  constructor(options: ExchangeOptions, proxyHost: string | undefined, asking: Asking) {
    this.#options = options;
    this.#proxyHost = proxyHost;
    this.#asking = asking;
    // undici has its own limit for this, with a resolution of half a second.
    this.#limit = new Limit(options.connectMs, this.#onTimeout);
    options.abort.addEventListener('abort', this.#onAbort, { once: true });
  }

  read(): Promise<Buffer | undefined> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queuedBytes -= chunk.length;
      if (this.#queuedBytes === 0 && this.#controller?.paused === true) this.#controller.resume();
      return Promise.resolve(chunk);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isOver) return Promise.resolve(undefined);
    if (this.#isAnswered) this.#limit.beginAnew();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#limit.set(this.#options.idleMs);
  }

  drain(): void {
    if (this.#isOver) return;
    this.#isUnwanted = true;
    this.#queue.length = 0;
    this.#controller?.resume();
    this.#limit.set(DRAIN_MS);
  }

  destroy(): void {
    this.fail(abortedError(this.#options));
  }

  /** Fails once: closes the socket and rejects a waiting read. Later failures are ignored. */
  fail(error: UpstreamError): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#stop();
    if (error.attemptCause === 'aborted') this.#queue.length = 0;
    if (this.#controller?.aborted === false) this.#controller.abort(error);
    if (this.status === 0) this.#asking.reject(error);
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  assigned(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#connection !== undefined) {
      if (this.#connection.isUsed) this.#reusedAtMs = performance.now();
      this.#connection.isUsed = true;
    }
    const { firstByteMs } = this.#options;
    const longestMs = Math.max(firstByteMs, Math.min(LIVES * firstByteMs, LONGEST_LIFE_MS));
    this.#livesUntilMs = performance.now() + longestMs - firstByteMs;
    if (this.#failure === undefined) this.#limit.set(firstByteMs);
    else controller.abort(this.#failure);
  }

  onBodySent(chunk: Buffer): void {
    this.#options.sent?.(chunk.length);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHeaders,
  ): void {
    this.#reusedAtMs = undefined;
    // 1xx: the real head is still to come.
    if (status < 200 || this.#isOver) return;
    this.status = status;
    this.headers = headers;
    this.#asking.resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isUnwanted || this.#isOver) return;
    if (!this.#isAnswered && performance.now() < this.#livesUntilMs) this.#limit.beginAnew();
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(chunk);
      return;
    }
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > HIGH_WATER_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#stop();
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.broken(error);
  }

  /** The connection failed, or never came to be. */
  broken(error: unknown): void {
    if (this.#isStale(error)) {
      this.fail(new StaleConnectionError(this.#options.upstream, error));
      return;
    }
    const isSent = this.#controller !== undefined;
    const proxyHost = this.#proxyHost;
    this.fail(brokenError(this.#options, { isSent, hasHead: this.status !== 0, proxyHost }, error));
  }

  #isStale(error: unknown): boolean {
    if (this.#reusedAtMs === undefined || this.#options.isSentOnce === true) return false;
    if (!isClosedByPeer(error)) return false;
    return performance.now() - this.#reusedAtMs <= STALE_MS;
  }

  #stop(): void {
    this.#isOver = true;
    this.#limit.stop();
    this.#options.abort.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.fail(abortedError(this.#options));

  readonly #onTimeout = (): boolean => {
    // A busy reader is not the upstream's fault; its next read starts the limit anew.
    if (this.#isAnswered && this.#waiting === undefined && !this.#isUnwanted) return false;
    if (this.#controller === undefined) this.fail(connectError(this.#options, this.#proxyHost));
    else this.fail(timeoutError(this.#options, this.#isAnswered));
    return true;
  };
}
