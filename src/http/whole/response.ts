/**
 * The answer to a request that came whole, as Node would write it: the same head, bytes and events, without the parts of Node's that
 * a gateway has no use for (trailers, upgrades, answers in line behind others).
 */
import { EventEmitter } from 'node:events';
import {
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderLines } from './header-lines.ts';
import type { WholeRequest } from './request.ts';

/** The members of a response that this gateway's writers use. */
type Used = Pick<
  ServerResponse,
  | 'headersSent'
  | 'destroyed'
  | 'writableEnded'
  | 'writableFinished'
  | 'writableLength'
  | 'writableNeedDrain'
  | 'shouldKeepAlive'
  | 'chunkedEncoding'
  | 'socket'
  | 'flushHeaders'
>;

/** What belongs to the server: the same for all of its answers. */
export interface AnswerStyle {
  /** The headers of a connection that stays open, with their ends. */
  readonly keepAlive: string;
  readonly lines: HeaderLines;
  /** The value of the header Date. */
  readonly date: () => string;
}

type Given = OutgoingHttpHeaders | readonly string[];

export class WholeResponse extends EventEmitter implements Used {
  headersSent = false;
  destroyed = false;
  writableEnded = false;
  writableFinished = false;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  readonly req: WholeRequest;
  readonly socket: Socket;
  readonly #style: AnswerStyle;
  readonly #over: () => void;
  /** That waits for what is written first; empty once it is on its way. */
  #head = '';
  #set: Map<string, string> | undefined;
  /** Of an answer that is written at once. */
  #bytes: number | undefined;

  /** @param over called once: all of it was handed to the system */
  constructor(req: WholeRequest, style: AnswerStyle, over: () => void) {
    super();
    this.req = req;
    this.socket = req.socket;
    this.#style = style;
    this.#over = over;
  }

  /** Bytes that wait in this process. */
  get writableLength(): number {
    return this.destroyed ? 0 : this.#head.length + this.socket.writableLength;
  }

  get writableNeedDrain(): boolean {
    return !this.destroyed && this.socket.writableNeedDrain;
  }

  setHeader(name: string, value: string): this {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    (this.#set ??= new Map()).set(name.toLowerCase(), value);
    return this;
  }

  /**
   * @param given by name, or name, value, name, value; before those of `setHeader`
   * @throws Error where the head was written, and TypeError for what no header may have, as Node's
   */
  writeHead(status: number, given: Given = {}): this {
    if (this.headersSent) throw new Error('The head of this answer was written before.');
    const list = isList(given) ? given : listOf(given);
    const all = this.#set === undefined ? list : [...unlessIn(list, this.#set), ...list];
    this.#head = this.#headText(status, all);
    this.headersSent = true;
    return this;
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(200);
    if (this.#head !== '') this.#send('', 'latin1');
  }

  /** False where the caller is to be waited for: it emits `drain`. */
  write(piece: string | Uint8Array, encoding: BufferEncoding = 'utf8'): boolean {
    if (!this.headersSent) this.writeHead(200);
    if (this.destroyed || this.writableEnded) return false;
    if (piece.length === 0) return true;
    if (!this.chunkedEncoding) return this.#send(piece, encoding);
    const { socket } = this;
    socket.cork();
    this.#send(`${sizeOf(piece, encoding).toString(16)}\r\n`, 'latin1');
    socket.write(piece, encoding);
    const isTaken = socket.write('\r\n', 'latin1');
    socket.uncork();
    return isTaken;
  }

  end(piece: string | Uint8Array = '', encoding: BufferEncoding = 'utf8'): this {
    if (this.writableEnded) return this;
    if (!this.headersSent) {
      this.#bytes = sizeOf(piece, encoding);
      this.writeHead(200);
    }
    if (this.chunkedEncoding) this.write(piece, encoding);
    this.writableEnded = true;
    if (this.destroyed) return this;
    if (this.chunkedEncoding) this.#send(LAST_CHUNK, 'latin1', this.#finish);
    else this.#send(piece, encoding, this.#finish);
    return this;
  }

  /** Closes the connection: half an answer must not look complete. */
  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.socket.destroy();
    return this;
  }

  /** The connection is closed. */
  lost(): void {
    this.destroyed = true;
    this.emit('close');
  }

  /** With the head, if that was not written: as one piece, where it has the same form. */
  #send(piece: string | Uint8Array, encoding: BufferEncoding, done?: Done): boolean {
    const { socket } = this;
    const head = this.#head;
    if (head === '') return socket.write(piece, encoding, done);
    this.#head = '';
    if (typeof piece === 'string' && (encoding === 'latin1' || piece === ''))
      return socket.write(head + piece, 'latin1', done);
    socket.cork();
    socket.write(head, 'latin1');
    const isTaken = socket.write(piece, encoding, done);
    socket.uncork();
    return isTaken;
  }

  readonly #finish = (error?: Error | null): void => {
    // The connection then says that it is closed.
    if (error != null || this.destroyed) return;
    this.writableFinished = true;
    this.destroyed = true;
    this.emit('finish');
    this.#over();
    this.emit('close');
  };

  #headText(status: number, list: readonly string[]): string {
    let lines = status === 200 ? OK : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    const said: Said = { date: undefined, connection: undefined, 'content-length': undefined };
    for (let at = 0; at < list.length; at += 2) {
      const name = list[at] ?? '';
      const value = list[at + 1] ?? '';
      lines += this.#style.lines.of(name, value);
      note(said, name, value);
    }
    if (said.date === undefined) lines += `Date: ${this.#style.date()}\r\n`;
    return `${lines}${this.#connectionLines(said.connection)}${this.#framingLine(status, said)}\r\n`;
  }

  #connectionLines(said: string | undefined): string {
    if (said !== undefined) {
      this.shouldKeepAlive &&= said.toLowerCase() !== 'close';
      return '';
    }
    return this.shouldKeepAlive ? this.#style.keepAlive : 'Connection: close\r\n';
  }

  #framingLine(status: number, said: Said): string {
    if (said['content-length'] !== undefined || status === 204 || status === 304) return '';
    if (this.#bytes !== undefined) return `Content-Length: ${this.#bytes}\r\n`;
    this.chunkedEncoding = true;
    return 'Transfer-Encoding: chunked\r\n';
  }
}

/** The headers of an answer on which others depend. */
type Said = Record<'date' | 'connection' | 'content-length', string | undefined>;

/** By their lengths, since this is asked of every header. */
const NOTED: readonly (keyof Said | undefined)[] = Array.from({ length: 15 }, (_, length) =>
  (['date', 'connection', 'content-length'] as const).find((name) => name.length === length),
);

function note(said: Said, name: string, value: string): void {
  const noted = NOTED[name.length];
  if (noted !== undefined && name.toLowerCase() === noted) said[noted] = value;
}

type Done = (error?: Error | null) => void;

const OK = 'HTTP/1.1 200 OK\r\n';
const LAST_CHUNK = '0\r\n\r\n';

const isList = (given: Given): given is readonly string[] => Array.isArray(given);

const listOf = (given: OutgoingHttpHeaders): string[] =>
  Object.entries(given).flatMap(([name, value = '']) =>
    [value].flat().flatMap((one) => [name, String(one)]),
  );

/** Those of `set` that `list` has not. */
function unlessIn(list: readonly string[], set: ReadonlyMap<string, string>): string[] {
  const names = new Set(list.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  return [...set].filter(([name]) => !names.has(name)).flat();
}

const sizeOf = (piece: string | Uint8Array, encoding: BufferEncoding): number =>
  typeof piece === 'string' ? Buffer.byteLength(piece, encoding) : piece.length;
