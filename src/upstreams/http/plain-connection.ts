/** One connection to a server over plain HTTP/1.1: a request at a time. */
import { connect, type Socket, type LookupFunction } from 'node:net';
import { errors, type Dispatcher } from 'undici';
import { afterPoll } from '../../lib/after-poll.ts';
import type { AnswerHead } from './answer-head.ts';
import { AnswerParser } from './answer-parser.ts';
import type { AnswerHandler, Connection } from './sender.ts';

/** Where it goes. */
export interface Way {
  readonly host: string;
  readonly port: number;
  /** In the `Host` header. */
  readonly named: string;
  readonly connectMs: number;
  readonly keepAliveProbeMs: number;
  readonly lookup?: LookupFunction | undefined;
}

interface Holder {
  /** To read into. */
  readonly buffer: Buffer;
  /** Its answer is over. @param keepMs how long the server keeps it; undefined where it does not say */
  readonly freed: (connection: PlainConnection, keepMs: number | undefined) => void;
  /** @param restedMs how long it had carried nothing when the server closed it; undefined where it did not */
  readonly gone: (connection: PlainConnection, restedMs: number | undefined) => void;
}

export interface PlainRequest {
  /** Checked, from the request line on, up to the figures of the body's length: a character a byte. */
  readonly head: Buffer;
  readonly body: Buffer;
}

/** What is longer is not copied together with the head. */
const MOST_COPIED_BYTES = 32 * 1024;
/** A server that closes after so long may do so while the next request is on its way. */
const EARLIER_MS = 2000;

export class PlainConnection implements Connection {
  isUsed = false;
  readonly tellsReadEnd = true;
  readonly #way: Way;
  readonly #holder: Holder;
  readonly #socket: Socket;
  readonly #parser: AnswerParser;
  #run: Run | undefined;
  #usableUntilMs = 0;
  /** Since when nothing is under way on it; undefined while something is. */
  #restsSinceMs: number | undefined;
  /** How long it had rested when it was written on; until an answer comes. */
  #restedMs: number | undefined;
  #keepMs: number | undefined;
  #isKept = true;
  #lastHead: AnswerHead | undefined;
  /** An answer has come to its end, in what was just read. */
  #isOver = false;
  #failure: Error | undefined;

  constructor(way: Way, holder: Holder) {
    this.#way = way;
    this.#holder = holder;
    this.#parser = new AnswerParser({
      head: (head) => this.#head(head),
      data: (chunk) => this.#run?.handler.onResponseData?.(this.#run, chunk),
      end: () => this.#ended(),
    });
    this.#socket = this.#open();
  }

  /** It is connected when the request is written, which it may wait for. @param now monotonic milliseconds */
  send(request: PlainRequest, handler: AnswerHandler, now: number): void {
    const run = new Run(this, handler);
    this.#run = run;
    this.#restedMs = this.restedMs(now);
    this.#restsSinceMs = undefined;
    if (!this.#socket.connecting) {
      this.#socket.ref();
      this.#write(request, run);
      return;
    }
    this.#socket.once('connect', () => this.#write(request, run));
  }

  isUsable(now: number): boolean {
    return now < this.#usableUntilMs && !this.#socket.destroyed && this.#socket.readable;
  }

  /** Marks it as idle, for this long at most. */
  rest(now: number, keepMs: number): void {
    this.#restsSinceMs = now;
    this.#usableUntilMs = now + keepMs;
    this.#socket.unref();
  }

  /** Undefined where something is under way, or nothing ever was. */
  restedMs(now: number): number | undefined {
    return this.#restsSinceMs === undefined ? undefined : now - this.#restsSinceMs;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(failure?: Error): void {
    this.#failure ??= failure;
    this.#socket.destroy();
  }

  #open(): Socket {
    const { host, port, connectMs, keepAliveProbeMs, lookup } = this.#way;
    const { buffer } = this.#holder;
    const callback = (count: number): boolean => this.#read(count);
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: { buffer, callback },
      ...(lookup === undefined ? {} : { lookup }),
    });
    socket.setKeepAlive(true, keepAliveProbeMs);
    socket.setTimeout(connectMs, () => afterPoll(() => this.#connectsTooLong()));
    socket.once('connect', () => socket.setTimeout(0));
    socket.on('error', (error) => (this.#failure ??= error));
    socket.on('end', () => this.#peerEnded());
    socket.on('close', () => this.#closed());
    return socket;
  }

  /** Unless it is connected by now, and this thread was too busy to see it. */
  #connectsTooLong(): void {
    if (this.#socket.connecting) this.destroy(new errors.ConnectTimeoutError());
  }

  #write({ head, body }: PlainRequest, run: Run): void {
    run.handler.onRequestStart?.(run, undefined);
    if (run.aborted) return;
    this.#parser.expect();
    if (body.length > MOST_COPIED_BYTES) {
      this.#socket.cork();
      this.#socket.write(joined(head, body.length));
      this.#socket.write(body);
      this.#socket.uncork();
    } else this.#socket.write(joined(head, body.length, body));
    // undici's interface has them as what was handed to the socket.
    run.handler.onBodySent?.(body);
  }

  #read(count: number): boolean {
    try {
      this.#parser.feed(this.#holder.buffer, count);
      this.#run?.handler.onReadEnd?.();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    // Only now: bytes behind an answer must not become the next answer.
    if (this.#isOver) this.#release();
    return this.#run?.paused !== true;
  }

  #head(head: AnswerHead): void {
    const { status, headers, isKept } = head;
    const run = this.#run;
    if (run === undefined) return;
    this.#restedMs = undefined;
    // The reader gives the same head again where it says the same.
    if (status >= 200 && head !== this.#lastHead) {
      this.#lastHead = head;
      this.#isKept = isKept;
      this.#keepMs = keptFor(headers['keep-alive']);
    }
    run.handler.onResponseStart?.(run, status, headers);
  }

  #ended(): void {
    const run = this.#run;
    this.#run = undefined;
    this.#isOver = true;
    if (run === undefined) return;
    run.leave();
    if (run.paused) this.#socket.resume();
    if (run.aborted) this.#isKept = false;
    else run.handler.onResponseEnd?.(run, {});
  }

  /** An answer that came before the whole request was written leaves the rest of it on the connection. */
  #release(): void {
    this.#isOver = false;
    if (this.#isKept && this.#socket.writableLength === 0) this.#holder.freed(this, this.#keepMs);
    else this.destroy();
  }

  #peerEnded(): void {
    this.#parser.finish();
    this.destroy(new errors.SocketError('other side closed'));
  }

  #closed(): void {
    const isPeers = this.#failure !== undefined && this.#run?.aborted !== true;
    this.#holder.gone(this, isPeers ? this.#closedAfterMs() : undefined);
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined || run.aborted) return;
    const failure = this.#failure ?? new errors.SocketError('closed');
    run.handler.onResponseError?.(run, failure);
  }

  /** True if the server had closed before it read the request, or while it did. */
  #closedAfterMs(): number | undefined {
    return this.#restedMs ?? this.restedMs(performance.now());
  }
}

/** One request on a connection, for whoever asked. */
class Run implements Dispatcher.DispatchController {
  readonly handler: AnswerHandler;
  aborted = false;
  paused = false;
  reason: Error | null = null;
  /** Until the answer is over: then it is another's. */
  #connection: PlainConnection | undefined;

  constructor(connection: PlainConnection, handler: AnswerHandler) {
    this.#connection = connection;
    this.handler = handler;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#connection?.destroy(reason);
  }

  leave(): void {
    this.#connection = undefined;
  }

  pause(): void {
    this.paused = true;
    this.#connection?.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#connection?.resume();
  }
}

/** Head, length and, where it is given, body. */
function joined(head: Buffer, length: number, body: Buffer = NOTHING): Buffer {
  const figures = String(length);
  const start = head.length + figures.length + HEAD_END.length;
  const bytes = Buffer.allocUnsafe(start + body.length);
  bytes.set(head);
  for (let at = 0; at < figures.length; at += 1) bytes[head.length + at] = figures.charCodeAt(at);
  bytes.set(HEAD_END, head.length + figures.length);
  bytes.set(body, start);
  return bytes;
}

const NOTHING = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');

function keptFor(said: string | string[] | undefined): number | undefined {
  if (typeof said !== 'string') return undefined;
  const seconds = /(?:^|[\s,;])timeout=(\d{1,6})/i.exec(said)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000 - EARLIER_MS;
}
