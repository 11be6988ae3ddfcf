/** An exchange under way: its body is given as it comes, and the socket is paused while much of it waits. */
import type { Dispatcher } from 'undici';
import type { UpstreamError } from '../../core/errors.ts';
import { Flow, type FlowControl } from '../../lib/flow.ts';
import { Limit } from '../../lib/limit.ts';
import {
  abortedError,
  brokenError,
  connectError,
  isClosedByPeer,
  StaleConnectionError,
  timeoutError,
} from './exchange-errors.ts';
import type { ExchangeOptions } from './exchange-options.ts';
import { mediaType } from './headers.ts';
import type { AnswerHandler, Connection, IncomingHeaders } from './sender.ts';

/** An answer whose head has arrived. */
export interface Exchange {
  readonly status: number;
  readonly headers: IncomingHeaders;
  /** All of the body, where it was waited for to its end; else undefined: it has to be read. */
  gathered(): Buffer | undefined;
  /** Breaks with UpstreamError. */
  readonly body: Flow<Buffer>;
  /** Marks the exchange as answered: from now on the idle limit applies. */
  answered(): void;
  /** Discards the rest: a short rest is read so that the connection can be reused, a long one is cut. */
  drain(): void;
  /** Closes the socket at once. */
  destroy(): void;
}

/** Bytes that may wait for a slow reader before the socket is paused. */
const HIGH_WATER_BYTES = 256 * 1024;
/** How often bytes that are not yet an answer, such as comments, may restart the limit for the first byte. */
const LIVES = 10;
/** How long such restarts may go on in all. */
const LONGEST_LIFE_MS = 1_800_000;
/** What may still come behind the last byte that is wanted. */
const DRAIN_MS = 1000;

/** An answer that is longer is read as it comes. */
const MOST_GATHERED_BYTES = 64 * 1024;

/**
 * A peer's refusal of a connection that it had closed comes within a round trip. What breaks later broke at
 * work, which a second sending would do and pay for again.
 */
const STALE_MS = 1000;

/** The one who waits for the answer. */
export interface Asking {
  readonly resolve: (exchange: Exchange) => void;
  readonly reject: (error: UpstreamError) => void;
}

/** It implements the interfaces of its body and of the abort listener itself, because there is one for each request. */
export class RunningExchange
  implements Exchange, AnswerHandler, Pick<FlowControl, 'release' | 'cancel'>
{
  status = 0;
  headers: IncomingHeaders = {};
  readonly body: Flow<Buffer>;
  readonly #options: ExchangeOptions;
  readonly #proxyHost: string | undefined;
  readonly #asking: Asking;
  /** Of the body, since nothing waited. */
  #waitingBytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #connection: Connection | undefined;
  /** When it was written on a connection that had carried others; monotonic milliseconds. */
  #reusedAtMs: number | undefined;
  /** Until when bytes start the limit for the first one anew; monotonic milliseconds. */
  #livesUntilMs = 0;
  #failure: UpstreamError | undefined;
  #isInBatch = false;
  #isAnswered = false;
  /** Until its end has come, or more than is waited for. */
  #isGathering = false;
  #isGathered = false;
  #isUnwanted = false;
  #isOver = false;
  readonly #limit: Limit;

  constructor(options: ExchangeOptions, proxyHost: string | undefined, asking: Asking) {
    this.#options = options;
    this.#proxyHost = proxyHost;
    this.#asking = asking;
    this.body = new Flow<Buffer>(this);
    // undici has its own limit for this, with a resolution of half a second.
    this.#limit = new Limit(options.connectMs, this.#onTimeout);
    options.abort.addEventListener('abort', this);
  }

  gathered(): Buffer | undefined {
    if (!this.#isGathered) return undefined;
    this.#isGathered = false;
    const chunks = this.body.takeAll();
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  }

  answered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#limit.set(this.#options.idleMs);
  }

  drain(): void {
    if (this.#isOver) return;
    this.#isUnwanted = true;
    this.body.close();
    this.#controller?.resume();
    this.#limit.set(DRAIN_MS);
  }

  destroy(): void {
    this.fail(abortedError(this.#options));
  }

  /** Fails once: closes the socket and breaks the body. Later failures are ignored. */
  fail(error: UpstreamError): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#stop();
    if (error.attemptCause === 'aborted') this.body.drop();
    if (this.#controller?.aborted === false) this.#controller.abort(error);
    if (this.status === 0 || this.#isGathering) this.#asking.reject(error);
    this.body.ended(error);
  }

  assigned(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const now = performance.now();
    if (this.#connection !== undefined) {
      if (this.#connection.isUsed) this.#reusedAtMs = now;
      this.#connection.isUsed = true;
    }
    const { firstByteMs } = this.#options;
    const longestMs = Math.max(firstByteMs, Math.min(LIVES * firstByteMs, LONGEST_LIFE_MS));
    this.#livesUntilMs = now + longestMs - firstByteMs;
    if (this.#failure === undefined) this.#limit.set(firstByteMs, now);
    else controller.abort(this.#failure);
  }

  onBodySent(chunk: Buffer): void {
    this.#options.egress?.bytesSent(chunk.length);
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
    this.#isGathering = this.#options.isWhole === true && mayBeGathered(status, headers);
    if (!this.#isGathering) this.#asking.resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isUnwanted || this.#isOver) return;
    if (this.#isGathering) return this.#gather(chunk);
    if (!this.#isAnswered && performance.now() < this.#livesUntilMs) this.#limit.beginAnew();
    this.body.receive(chunk);
    if (!this.#isInBatch) this.#beginBatch();
    if (this.#isAnswered && this.body.isWanted) this.#limit.beginAnew();
    if (!this.body.hasWaiting) return;
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > HIGH_WATER_BYTES) controller.pause();
  }

  #beginBatch(): void {
    this.#isInBatch = true;
    if (this.#connection?.tellsReadEnd !== true) process.nextTick(endBatch, this);
  }

  onReadEnd(): void {
    if (!this.#isInBatch) return;
    this.#isInBatch = false;
    this.body.batchEnd();
  }

  #gather(chunk: Buffer): void {
    this.body.receive(chunk);
    this.#waitingBytes += chunk.length;
    // The end is reported next, so nothing is left to limit.
    if (this.#waitingBytes === Number(this.headers['content-length'])) return;
    this.answered();
    this.#limit.beginAnew();
    if (this.#waitingBytes <= MOST_GATHERED_BYTES) return;
    this.#isGathering = false;
    this.#asking.resolve(this);
  }

  onResponseEnd(): void {
    this.#stop();
    if (this.#isGathering) this.#whole();
    this.body.ended();
  }

  #whole(): void {
    const { turns } = this.#options;
    this.#isGathering = false;
    this.#isGathered = true;
    if (turns === undefined) this.#asking.resolve(this);
    else turns.pass(() => this.#asking.resolve(this));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.broken(error);
  }

  /** The connection failed, or never came to be. */
  broken(error: unknown): void {
    const isOnKept = this.#isStale(error);
    if (isOnKept && this.#options.isSentOnce !== true) {
      this.fail(new StaleConnectionError(this.#options.upstream, error));
      return;
    }
    const isSent = this.#controller !== undefined;
    const how = { isSent, hasHead: this.status !== 0, proxyHost: this.#proxyHost, isOnKept };
    this.fail(brokenError(this.#options, how, error));
  }

  #isStale(error: unknown): boolean {
    if (this.#reusedAtMs === undefined || this.status !== 0) return false;
    if (!isClosedByPeer(error)) return false;
    return performance.now() - this.#reusedAtMs <= STALE_MS;
  }

  /** Of the signal: whoever asked has gone. */
  handleEvent(): void {
    this.destroy();
  }

  cancel(): void {
    this.destroy();
  }

  /** Nothing is waiting to be read, and more is wanted. */
  release(): void {
    if (this.#isOver) return;
    this.#waitingBytes = 0;
    if (this.#controller?.paused === true) this.#controller.resume();
    if (this.#isAnswered) this.#limit.beginAnew();
  }

  #stop(): void {
    this.#isOver = true;
    this.#limit.stop();
    this.#options.abort.removeEventListener('abort', this);
  }

  readonly #onTimeout = (): boolean => {
    // A busy reader is not the upstream's fault; the limit starts anew when it wants more.
    const isRead = this.body.isWanted || this.#isGathering || this.#isUnwanted;
    if (this.#isAnswered && !isRead) return false;
    if (this.#controller === undefined) this.fail(connectError(this.#options, this.#proxyHost));
    else this.fail(timeoutError(this.#options, this.#isAnswered));
    return true;
  };
}

/** What is no stream of events, and not compressed. */
const mayBeGathered = (status: number, headers: IncomingHeaders): boolean =>
  status < 300 &&
  headers['content-encoding'] === undefined &&
  mediaType(headers) !== 'text/event-stream';

/** Of a connection that does not tell: chunks of one read, which may be many, come in one go, and nothing else runs between them. */
const endBatch = (running: RunningExchange): void => running.onReadEnd();
