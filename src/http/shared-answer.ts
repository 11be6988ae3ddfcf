/**
 * One answer for whoever asks for it again: written once, kept, and sent to every caller that joins, event by event. It stands in
 * the place of a caller's connection, which may close without stopping it.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isObject, textIn, type Json } from '../lib/json.ts';
import { packPieces, unpackPieces } from '../lib/packed-pieces.ts';
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

function endReader(reader: ServerResponse): void {
  reader.end();
  closeIfStopped(reader);
}

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
  #bytes = 0;
  #lingers = true;
  #timer: NodeJS.Timeout | undefined;
  readonly #options: SharedOptions;
  readonly #readers = new Set<ServerResponse>();

  constructor(first: ServerResponse, options: SharedOptions) {
    super();
    this.req = first.req;
    this.#options = options;
    this.#listen(first);
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

  /** What nobody pays for ends with its last caller, whenever that leaves. */
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
    for (const chunk of this.#chunks ?? []) outgoing.write(chunk);
    if (this.writableEnded) endReader(outgoing);
    else this.#listen(outgoing);
  }

  /** @param given by name, or name, value, name, value */
  writeHead(status: number, given: OutgoingHttpHeaders | readonly string[]): this {
    const headers = isList(given) ? byName(given) : given;
    this.#head = { status, headers };
    this.headersSent = true;
    for (const reader of this.#readers) reader.writeHead(status, headers);
    return this;
  }

  flushHeaders(): void {
    for (const reader of this.#readers) reader.flushHeaders();
  }

  write(chunk: Uint8Array | string, encoding?: BufferEncoding): boolean {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#keep(bytes);
    let isTaken = true;
    for (const reader of this.#readers) {
      if (reader.write(bytes)) continue;
      isTaken = false;
      reader.once('drain', () => this.emit('drain'));
    }
    return isTaken;
  }

  end(chunk?: Uint8Array | string, encoding?: BufferEncoding): this {
    if (chunk !== undefined && chunk.length > 0) this.write(chunk, encoding);
    this.writableEnded = true;
    this.writableFinished = true;
    for (const reader of this.#readers) endReader(reader);
    this.#readers.clear();
    this.emit('close');
    return this;
  }

  /** Half an answer must not look complete: every caller's connection is closed. */
  destroy(): this {
    if (this.destroyed || this.writableEnded) return this;
    this.destroyed = true;
    clearTimeout(this.#timer);
    for (const reader of this.#readers) reader.destroy();
    this.#readers.clear();
    this.emit('close');
    return this;
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#options.maxBytes) this.#chunks = undefined;
    this.#chunks?.push(bytes);
  }

  #listen(outgoing: ServerResponse): void {
    this.#readers.add(outgoing);
    outgoing.once('close', () => {
      if (this.#readers.delete(outgoing)) this.#left();
    });
    if (outgoing.destroyed && this.#readers.delete(outgoing)) this.#left();
  }

  /** A caller that gave up waiting asks again, one that left an answer that had begun does not. */
  #left(): void {
    this.emit('drain');
    if (this.#readers.size > 0 || this.writableEnded || this.destroyed) return;
    if (!this.#lingers || this.headersSent) return void this.destroy();
    this.#timer = setTimeout(() => this.destroy(), this.#options.lingerMs).unref();
  }
}
