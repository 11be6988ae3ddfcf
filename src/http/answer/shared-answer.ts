/**
 * One answer for all callers that ask for it: written once, kept, and sent to each caller that joins, event by event. To its writer it
 * looks like a caller's connection, but a caller that leaves does not stop it.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isObject, textIn, type Json } from '../../lib/json.ts';
import { packPieces, unpackPieces } from '../../lib/packed-pieces.ts';
import { closeIfStopped } from './send.ts';

interface Head {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
}

interface SharedOptions {
  /** How long it goes on where nobody waits any more, in milliseconds. */
  readonly lingerMs: number;
  /** What is longer is not kept, and cannot be joined. */
  readonly maxBytes: number;
}

/** Bytes that may wait in one caller's connection; what comes after them it reads from what is kept, or is left behind. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** A caller of the answer. */
interface Reader {
  readonly outgoing: ServerResponse;
  /** The first piece that it has not been written. */
  next: number;
}

const isFull = ({ outgoing }: Reader): boolean => outgoing.writableLength > MOST_WAITING_BYTES;

/** Sends what `packed` made. False for what is damaged: nothing is sent. */
export function replay(packed: Uint8Array, outgoing: ServerResponse): boolean {
  const found = unpackPieces(packed);
  const status = found?.about['status'];
  if (found === undefined || typeof status !== 'number') return false;
  outgoing.setHeader(REPLAYED, 'true');
  outgoing.writeHead(status, headersIn(found.about['headers']));
  for (const piece of found.pieces) outgoing.write(piece);
  outgoing.end();
  return true;
}

function headersIn(value: Json | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  const texts = Object.entries(value).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(texts.map(([name, text]) => [name, textIn(text)]));
}

const isList = (headers: OutgoingHttpHeaders | readonly string[]): headers is readonly string[] =>
  Array.isArray(headers);

function byName(list: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) headers[list[at]!] = list[at + 1]!;
  return headers;
}

const REPLAYED = 'idempotent-replayed';

/** The members of a response that this gateway's writers use. */
export class SharedAnswer extends EventEmitter {
  readonly req: IncomingMessage;
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  #head: Head | undefined;
  #chunks: Uint8Array[] | undefined = [];
  /** Pieces so far, kept or not. */
  #count = 0;
  #bytes = 0;
  #lingers = true;
  #timer: NodeJS.Timeout | undefined;
  readonly #options: SharedOptions;
  readonly #readers = new Set<Reader>();

  constructor(first: ServerResponse, options: SharedOptions) {
    super();
    this.req = first.req;
    this.#options = options;
    this.#listen({ outgoing: first, next: 0 });
  }

  /** Undefined until it begins. */
  get status(): number | undefined {
    return this.#head?.status;
  }

  /** Bytes that are kept of it. */
  get size(): number {
    return this.#bytes;
  }

  get canBeJoined(): boolean {
    return this.#chunks !== undefined && !this.destroyed;
  }

  get writableLength(): number {
    return 0;
  }

  /** From now on the answer ends with its last caller: nobody pays for it. */
  endWithCallers(): void {
    this.#lingers = false;
    if (this.#readers.size === 0 && !this.writableEnded) this.destroy();
  }

  /** All of it, for whoever asks another process; undefined where it is not kept. */
  packed(): Uint8Array | undefined {
    if (this.#head === undefined || this.#chunks === undefined) return undefined;
    return packPieces(this.#head, this.#chunks);
  }

  /** Sends all that there is, and what comes. */
  join(outgoing: ServerResponse): void {
    clearTimeout(this.#timer);
    outgoing.setHeader(REPLAYED, 'true');
    if (this.#head !== undefined) outgoing.writeHead(this.#head.status, this.#head.headers);
    const reader = { outgoing, next: 0 };
    this.#listen(reader);
    this.#catchUp(reader);
  }

  /** @param given by name, or name, value, name, value */
  writeHead(status: number, given: OutgoingHttpHeaders | readonly string[]): this {
    const headers = isList(given) ? byName(given) : given;
    this.#head = { status, headers };
    this.headersSent = true;
    for (const { outgoing } of this.#readers) outgoing.writeHead(status, headers);
    return this;
  }

  flushHeaders(): void {
    for (const { outgoing } of this.#readers) outgoing.flushHeaders();
  }

  /** False where nobody takes more now. A caller that is slower than another does not hold that one up. */
  write(chunk: Uint8Array | string, encoding?: BufferEncoding): boolean {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#keep(bytes);
    this.#count += 1;
    let isTaken = this.#readers.size === 0;
    for (const reader of this.#readers) {
      this.#pass(reader, bytes);
      isTaken ||= !reader.outgoing.writableNeedDrain;
    }
    return isTaken;
  }

  end(chunk?: Uint8Array | string, encoding?: BufferEncoding): this {
    if (chunk !== undefined && chunk.length > 0) this.write(chunk, encoding);
    this.writableEnded = true;
    this.writableFinished = true;
    for (const reader of this.#readers) this.#catchUp(reader);
    this.emit('close');
    return this;
  }

  /** Half an answer must not look complete: every caller's connection is closed. */
  destroy(): this {
    if (this.destroyed || this.writableEnded) return this;
    this.destroyed = true;
    clearTimeout(this.#timer);
    for (const { outgoing } of this.#readers) outgoing.destroy();
    this.#readers.clear();
    this.emit('close');
    return this;
  }

  /** Writes the newest piece to who has all before it and room for it; the only caller there is has room, and the writer waits. */
  #pass(reader: Reader, bytes: Uint8Array): void {
    const isNext = reader.next === this.#count - 1;
    if (isNext && (!isFull(reader) || this.#readers.size === 1)) {
      reader.next = this.#count;
      reader.outgoing.write(bytes);
    } else if (this.#chunks === undefined) this.#leaveBehind(reader);
    else closeIfStopped(reader.outgoing);
  }

  /** What it lacks is not kept. */
  #leaveBehind(reader: Reader): void {
    this.#readers.delete(reader);
    reader.outgoing.destroy();
    this.#left();
  }

  /** Writes kept pieces as long as there is room, and ends what has all. */
  #catchUp(reader: Reader): void {
    const { outgoing } = reader;
    while (reader.next < this.#count && !isFull(reader)) {
      const piece = this.#chunks?.[reader.next];
      if (piece === undefined) return this.#leaveBehind(reader);
      reader.next += 1;
      outgoing.write(piece);
    }
    if (reader.next < this.#count) return closeIfStopped(outgoing);
    if (!this.writableEnded) return;
    this.#readers.delete(reader);
    outgoing.end();
    closeIfStopped(outgoing);
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#options.maxBytes) this.#chunks = undefined;
    this.#chunks?.push(bytes);
  }

  #listen(reader: Reader): void {
    const { outgoing } = reader;
    this.#readers.add(reader);
    outgoing.on('drain', () => {
      if (!this.#readers.has(reader)) return;
      this.#catchUp(reader);
      this.emit('drain');
    });
    const gone = (): void => {
      if (this.#readers.delete(reader)) this.#left();
    };
    outgoing.once('close', gone);
    if (outgoing.destroyed) gone();
  }

  /** A caller that gave up waiting asks again, one that left an answer that had begun does not. */
  #left(): void {
    this.emit('drain');
    if (this.#readers.size > 0 || this.writableEnded || this.destroyed) return;
    if (!this.#lingers || this.headersSent) return void this.destroy();
    this.#timer = setTimeout(() => this.destroy(), this.#options.lingerMs).unref();
  }
}
