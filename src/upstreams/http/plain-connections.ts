/**
 * Connections to a server that speaks plain HTTP/1.1, for requests with a body: one write and one buffer to read into a request, and
 * none of what undici needs for everything else, which goes to it as before.
 */
import type { LookupFunction } from 'node:net';
import { FIELD_NAME, NOT_IN_FIELD_VALUE } from '../../lib/http-field.ts';
import { PlainConnection, type Way } from './plain-connection.ts';
import type { AnswerHandler, Sender, SentOptions } from './sender.ts';

export interface PlainOptions {
  /** Milliseconds. */
  readonly connectMs: number;
  /** Milliseconds of silence after which the kernel asks whether the peer is still there. */
  readonly keepAliveProbeMs: number;
  readonly lookup?: LookupFunction | undefined;
}

/** An idle connection is closed after so long, unless its server said otherwise. undici's own value. */
const IDLE_MS = 4000;
/** Idle connections are looked at so often. */
const LOOK_EVERY_MS = 500;
/** Servers keep idle connections for whole seconds; one that closes earlier was stopped. */
const LEAST_KEPT_MS = 900;
/** A connection that rested for this long is checked before something is written on it that may not be sent twice. */
const RESTED_MS = 50;
const READ_BYTES = 64 * 1024;

export class PlainConnections implements Sender {
  readonly #way: Way;
  readonly #others: Sender;
  /** The last one is the one that was used last. */
  readonly #idle: PlainConnection[] = [];
  readonly #all = new Set<PlainConnection>();
  readonly #shared: Buffer | undefined;
  /** The last head that may be sent: most are that of the request before. */
  #last: SentHead | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Shorter than the server has been seen to keep a connection. */
  #learnedMs = Infinity;
  #isClosing = false;

  /** @param others takes what this does not: other methods, headers that may not be sent */
  constructor(origin: URL, options: PlainOptions, others: Sender) {
    const host = origin.hostname.replace(/^\[|\]$/g, '');
    const port = Number(origin.port) || 80;
    this.#way = { host, port, named: origin.host, ...options };
    this.#others = others;
    // Read into and out of in one call; on Windows the system fills it at another time.
    this.#shared = process.platform === 'win32' ? undefined : Buffer.allocUnsafe(READ_BYTES);
  }

  dispatch(request: SentOptions, handler: AnswerHandler): boolean {
    if (!isPlain(request) || this.#isClosing) return this.#others.dispatch(request, handler);
    const { path, headers, body } = request;
    const head = this.#headOf(path, headers);
    if (head === undefined) return this.#others.dispatch(request, handler);
    const now = performance.now();
    const connection = this.#taken(now);
    request.assigned?.(connection);
    connection.send({ head, body }, handler, now);
    return true;
  }

  mayBeStale(request: SentOptions): boolean {
    // It goes to the others, of whose connections nothing is known here.
    if (!isPlain(request)) return true;
    const restedMs = this.#idle.at(-1)?.restedMs(performance.now());
    return restedMs !== undefined && restedMs > RESTED_MS;
  }

  /** Lets what is under way end. */
  async close(): Promise<void> {
    this.#stop();
    for (const connection of this.#idle.splice(0)) connection.destroy();
    await this.#others.close();
  }

  async destroy(): Promise<void> {
    this.#stop();
    for (const connection of this.#all) connection.destroy();
    await this.#others.destroy();
  }

  /** Undefined where it may not be sent. */
  #headOf(path: string, headers: readonly unknown[]): Buffer | undefined {
    const last = this.#last;
    if (last?.path === path && isSame(last.headers, headers)) return last.head;
    if (!TARGET.test(path) || !maySend(headers)) return undefined;
    let head = `POST ${path} HTTP/1.1\r\nhost: ${this.#way.named}\r\nconnection: keep-alive\r\n`;
    for (let at = 0; at < headers.length; at += 2)
      head += `${headers[at]!}: ${headers[at + 1]!}\r\n`;
    const bytes = Buffer.from(`${head}content-length: `, 'latin1');
    this.#last = { path, headers, head: bytes };
    return bytes;
  }

  #taken(now: number): PlainConnection {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.isUsable(now)) return kept;
      kept.destroy();
    }
    const connection = new PlainConnection(this.#way, {
      buffer: this.#shared ?? Buffer.allocUnsafe(READ_BYTES),
      freed: (one, keepMs = IDLE_MS) => this.#freed(one, keepMs),
      gone: (one, restedMs) => this.#gone(one, restedMs),
    });
    this.#all.add(connection);
    return connection;
  }

  #freed(connection: PlainConnection, keepMs: number): void {
    if (this.#isClosing || keepMs <= 0) return connection.destroy();
    connection.rest(performance.now(), Math.min(keepMs, this.#learnedMs));
    this.#idle.push(connection);
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  #look(): void {
    const now = performance.now();
    const stale = this.#idle.filter((connection) => !connection.isUsable(now));
    for (const connection of stale) connection.destroy();
    if (this.#idle.length === 0) this.#forgetLooking();
  }

  #gone(connection: PlainConnection, restedMs = 0): void {
    if (restedMs >= LEAST_KEPT_MS) this.#learnedMs = Math.min(this.#learnedMs, restedMs / 2);
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  #stop(): void {
    this.#isClosing = true;
    this.#forgetLooking();
  }

  #forgetLooking(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

type PlainRequest = SentOptions & { readonly headers: readonly unknown[]; readonly body: Buffer };

const isPlain = (request: SentOptions): request is PlainRequest =>
  request.method === 'POST' && request.body instanceof Buffer && Array.isArray(request.headers);

interface SentHead {
  readonly path: string;
  readonly headers: readonly string[];
  /** Up to the length of the body. */
  readonly head: Buffer;
}

function isSame(one: readonly string[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}

function maySend(headers: readonly unknown[]): headers is readonly string[] {
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at], headers[at + 1]];
    if (typeof name !== 'string' || typeof value !== 'string') return false;
    if (!FIELD_NAME.test(name) || NOT_IN_FIELD_VALUE.test(value)) return false;
    if (CARRYING.has(name.toLowerCase())) return false;
  }
  return true;
}

/** What HTTP lets stand in a target. undici says of the rest what is wrong with it, as of names and values. */
const TARGET = /^\/[\x21-\x7e]*$/;
/** They say how a request is carried. */
const CARRYING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
