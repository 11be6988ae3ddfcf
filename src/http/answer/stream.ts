/** Writes a stream of events or bytes: back-pressure slows the upstream, a closed socket stops it. */
import type { ServerResponse } from 'node:http';
import type { Operation } from '../../core/call.ts';
import type { EventStream, StreamEvent } from '../../core/upstream.ts';
import type { Receiver } from '../../lib/flow.ts';
import type { JsonObject } from '../../lib/json.ts';
import { Limit } from '../../lib/limit.ts';
import { dataEvent, namedEvent } from '../../wire/events.ts';
import { messagesError } from '../../wire/messages-error.ts';
import { asGatewayError, closeIfStopped, STOPPED_MS, type Headers } from './send.ts';
import { endedBy } from './time-limit.ts';

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // Stops proxies from buffering the stream.
  'x-accel-buffering': 'no',
} as const;

const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');
/** `/v1/messages` has an event for it. */
const PING = namedEvent({ type: 'ping' }).bytes;

/** A stream of server-sent events to one caller. */
export interface EventWriter {
  /**
   * Writes all events, a batch at a time, and the headers with the first, unless they were sent; a failure becomes an error event,
   * never a normal end. Resolves at the end.
   */
  pump(events: EventStream, headers: Headers): Promise<void>;
  /** Ends an opened stream with an error event. */
  fail(error: unknown): void;
}

interface WriterOptions {
  readonly keepAliveMs: number;
  /** Headers of an answer that has to begin before it is there. */
  readonly early: () => Headers;
  /** What stops the upstream; its reason, if it is an error of ours, is what the caller is told. */
  readonly abort: AbortSignal;
}

/**
 * While the upstream is silent, a comment is sent every `keepAliveMs`, so that proxies and clients with idle timeouts wait for a
 * local model that loads or queues. The first one also commits the response: the headers from `early` are sent, and a later
 * failure can only be an error event.
 */
export function eventWriter(
  outgoing: ServerResponse,
  operation: Operation,
  { keepAliveMs, early, abort }: WriterOptions,
): EventWriter {
  const open = (headers: Headers): void => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { ...SSE_HEADERS, ...headers });
  };
  const silence = new Limit(keepAliveMs, () => {
    // The caller may have hung up before this writer was made, and then 'close' does not fire again.
    if (outgoing.writableEnded || outgoing.destroyed) return true;
    open(early());
    if (outgoing.writableLength === 0) outgoing.write(operation === 'messages' ? PING : KEEP_ALIVE);
    return false;
  });
  outgoing.once('close', () => silence.stop());
  const fail = (error: unknown, number = 0): void => {
    silence.stop();
    if (outgoing.destroyed || outgoing.writableEnded) return;
    const id = early()['x-request-id'];
    outgoing.end(errorEvent(operation, endedBy(abort) ?? error, { number, id }));
  };
  return {
    fail,
    pump: (events, headers) =>
      new Promise((resolve) => {
        open(headers);
        const isNumbered = operation === 'responses';
        const pump = new EventPump(outgoing, events, { silence, isNumbered, fail, over: resolve });
        events.pushTo(pump);
        if (!pump.hasWritten) outgoing.flushHeaders();
      }),
  };
}

interface PumpOptions {
  /** Begins anew with each write. */
  readonly silence: Limit;
  /** As those of `/v1/responses` are. */
  readonly isNumbered: boolean;
  /** @param number the next one */
  readonly fail: (error: unknown, number: number) => void;
  readonly over: () => void;
}

/** What is longer is not kept for the end of its batch. */
const MOST_BATCH_BYTES = 64 * 1024;

class EventPump implements Receiver<StreamEvent> {
  /** The headers, too. */
  hasWritten = false;
  readonly #outgoing: ServerResponse;
  readonly #events: EventStream;
  readonly #options: PumpOptions;
  /** Each byte as a character: a text is written with less work than bytes. */
  #batch = '';
  #nextNumber = 0;
  /** Stops waiting for the caller to take what was written. */
  #goOn: (() => void) | undefined;

  constructor(outgoing: ServerResponse, events: EventStream, options: PumpOptions) {
    this.#outgoing = outgoing;
    this.#events = events;
    this.#options = options;
  }

  receive(event: StreamEvent): void {
    if (this.#options.isNumbered) this.#nextNumber = numberAfter(event.data, this.#nextNumber);
    const { latin1 } = event;
    if (latin1 === undefined && event.bytes.length > MOST_BATCH_BYTES) {
      this.batchEnd();
      this.#write(event.bytes);
      return;
    }
    // What has no bytes is for the record alone.
    this.#batch += latin1 ?? latin1Of(event.bytes);
    if (this.#batch.length > MOST_BATCH_BYTES) this.batchEnd();
  }

  batchEnd(): void {
    const batch = this.#batch;
    if (batch === '') return;
    this.#batch = '';
    this.#write(batch);
  }

  ended(error?: unknown): void {
    this.#goOn?.();
    const { silence, fail, over } = this.#options;
    const outgoing = this.#outgoing;
    silence.stop();
    this.hasWritten = true;
    if (!outgoing.destroyed) {
      if (this.#batch !== '') outgoing.write(this.#batch, 'latin1');
      if (error === undefined) outgoing.end();
      else fail(error, this.#nextNumber);
      closeIfStopped(outgoing);
    }
    over();
  }

  #write(piece: string | Uint8Array): void {
    const outgoing = this.#outgoing;
    if (outgoing.destroyed) return this.#leave();
    const hasHead = this.hasWritten;
    this.hasWritten = true;
    this.#options.silence.beginAnew();
    const isTaken =
      typeof piece === 'string' ? writeUnits(outgoing, piece, hasHead) : outgoing.write(piece);
    if (!isTaken) this.#wait();
  }

  #leave(): void {
    this.#goOn?.();
    this.#events.cancel();
    this.#options.over();
  }

  /** The upstream waits until the caller has taken what was written. */
  #wait(): void {
    if (this.#goOn !== undefined) return;
    const outgoing = this.#outgoing;
    const { socket } = outgoing;
    this.#events.hold();
    const stopped = setTimeout(() => outgoing.destroy(), STOPPED_MS).unref();
    const done = (): void => {
      this.#goOn?.();
      if (outgoing.destroyed) this.#leave();
      else this.#events.release();
    };
    this.#goOn = () => {
      clearTimeout(stopped);
      outgoing.off('drain', done);
      outgoing.off('close', done);
      socket?.off('drain', done);
      this.#goOn = undefined;
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
    // Of what was written on it directly the response knows nothing.
    socket?.on('drain', done);
  }
}

const latin1Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/**
 * As one piece; Node would write a chunk's size, its bytes and its end as three, at the end of the turn. Behind the head, and on the
 * connection itself where it is this response's turn: there the response would only hand it on, in two steps.
 */
function writeUnits(outgoing: ServerResponse, units: string, hasHead: boolean): boolean {
  if (!outgoing.chunkedEncoding) return outgoing.write(units, 'latin1');
  const chunk = `${units.length.toString(16)}\r\n${units}\r\n`;
  const { socket } = outgoing;
  if (hasHead && socket?.writable === true) return socket.write(chunk, 'latin1');
  outgoing.chunkedEncoding = false;
  const isTaken = outgoing.write(chunk, 'latin1');
  outgoing.chunkedEncoding = true;
  return isTaken;
}

/** Writes an unparsed body. A failure closes the connection: half a file must not look complete. */
export async function pumpBytes(
  outgoing: ServerResponse,
  chunks: AsyncIterator<Uint8Array>,
): Promise<void> {
  try {
    for (let step = await chunks.next(); step.done !== true; step = await chunks.next()) {
      if (!outgoing.write(step.value)) await drained(outgoing);
      if (outgoing.destroyed) return void (await chunks.return?.());
    }
    outgoing.end();
  } catch {
    outgoing.destroy();
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const stopped = setTimeout(() => outgoing.destroy(), STOPPED_MS).unref();
    const done = (): void => {
      clearTimeout(stopped);
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}

/** Events of `/v1/responses` are numbered; the error event continues the upstream's numbering. */
function numberAfter(data: StreamEvent['data'], next: number): number {
  const number = data?.['sequence_number'];
  return typeof number === 'number' ? number + 1 : next;
}

/**
 * Without it every SDK would take the stream for complete. OpenAI's own raises on an `error` member only, the specification of
 * the Responses API has the members flat: that event carries both.
 */
function errorEvent(
  operation: Operation,
  error: unknown,
  { number, id }: { readonly number: number; readonly id: string | undefined },
): Uint8Array {
  const known = asGatewayError(error);
  if (operation === 'messages') return namedEvent(messagesError(known, id).body).bytes;
  const wire: JsonObject = { ...known.toWire() };
  if (operation !== 'responses') return dataEvent({ error: wire }).bytes;
  const { message, param, code } = wire;
  const event = { type: 'error', code, message, param, sequence_number: number, error: wire };
  return namedEvent(event).bytes;
}
