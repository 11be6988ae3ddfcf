/** Writes a stream of events or bytes: back-pressure holds the upstream, a closed socket stops it. */
import type { ServerResponse } from 'node:http';
import type { Operation } from '../core/call.ts';
import type { StreamEvent } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { dataEvent, namedEvent } from '../wire/events.ts';
import { asGatewayError, type Headers } from './send.ts';

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // Proxies that buffer would turn a stream into a wait.
  'x-accel-buffering': 'no',
} as const;

const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

/** A stream of server-sent events to one caller. */
export interface EventWriter {
  /** Sends the headers now, if they are not out yet. */
  open(headers: Headers): void;
  /** Writes all events; a failure becomes an error event, never a clean end. */
  pump(events: AsyncIterator<StreamEvent>): Promise<void>;
  /** Ends an opened stream with an error event. */
  fail(error: unknown): void;
}

/**
 * While nothing comes, a comment goes out every `keepAliveMs`, so that proxies and clients with idle
 * timeouts wait for a local model that loads or queues. The first one also commits the response:
 * headers are sent as `early` gives them then, and a later failure can only be an error event.
 */
export function eventWriter(
  outgoing: ServerResponse,
  operation: Operation,
  { keepAliveMs, early }: { readonly keepAliveMs: number; readonly early: () => Headers },
): EventWriter {
  const open = (headers: Headers): void => {
    if (!outgoing.headersSent) outgoing.writeHead(200, { ...SSE_HEADERS, ...headers });
    outgoing.flushHeaders();
  };
  let nextNumber = 0;
  const silence = setInterval(() => {
    // The caller may have left before this writer was made: its 'close' is past then.
    if (outgoing.writableEnded || outgoing.destroyed) return clearInterval(silence);
    open(early());
    if (outgoing.writableLength === 0) outgoing.write(KEEP_ALIVE);
  }, keepAliveMs).unref();
  outgoing.once('close', () => clearInterval(silence));
  const fail = (error: unknown): void => {
    clearInterval(silence);
    if (outgoing.destroyed || outgoing.writableEnded) return;
    outgoing.end(errorEvent(operation, error, nextNumber));
  };
  const pump = async (events: AsyncIterator<StreamEvent>): Promise<void> => {
    try {
      for (let step = await events.next(); step.done !== true; step = await events.next()) {
        silence.refresh();
        nextNumber = numberAfter(step.value, nextNumber);
        if (!outgoing.write(step.value.bytes)) await drained(outgoing);
        if (outgoing.destroyed) return void (await events.return?.());
      }
      clearInterval(silence);
      outgoing.end();
    } catch (error) {
      fail(error);
    }
  };
  return { open, pump, fail };
}

/** Writes a body nobody reads. A failure breaks the connection: half a file must not look whole. */
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
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}

/** Events of `/v1/responses` are numbered; ours goes on where the upstream's stopped. */
function numberAfter({ data }: StreamEvent, next: number): number {
  const number = data?.['sequence_number'];
  return typeof number === 'number' ? number + 1 : next;
}

/**
 * A stream without it would look finished to every SDK. OpenAI's own raises on an `error` member only, the
 * specification of the Responses API has the members flat: that event carries both.
 */
function errorEvent(operation: Operation, error: unknown, number: number): Uint8Array {
  const wire: JsonObject = { ...asGatewayError(error).toWire() };
  if (operation !== 'responses') return dataEvent({ error: wire }).bytes;
  const { message, param, code } = wire;
  const event = { type: 'error', code, message, param, sequence_number: number, error: wire };
  return namedEvent(event).bytes;
}
