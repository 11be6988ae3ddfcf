/**
 * Slows down callers that retry at once. Who is refused because there is no room is told when to ask again; if many ignore that, each of
 * their connections is read a little later after its refusal, because refusing in a loop takes processor time from requests that are
 * answered.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/**
 * Shorter than what `Retry-After` says: proxies send requests of others on the same connection. Spread, since those who were refused
 * together would all be back in one turn of the event loop.
 */
const READ_AFTER_MS = { least: 500, most: 950 };
/** So many refusals a second cost next to nothing. */
const CHEAP = 500;

/** Call it before the refusal is sent, which it does not delay. */
export type ReadLater = (
  incoming: Pick<IncomingMessage, 'socket' | 'readableEnded' | 'once'>,
  outgoing: Pick<ServerResponse, 'once'>,
  error: unknown,
) => void;

/** @param nowMs monotonic milliseconds */
export function createReadLater(nowMs: () => number): ReadLater {
  let secondBeganMs = -Infinity;
  let refused = 0;
  const isCheap = (): boolean => {
    const now = nowMs();
    if (now - secondBeganMs >= 1000) {
      secondBeganMs = now;
      refused = 0;
    }
    refused += 1;
    return refused <= CHEAP;
  };
  return (incoming, outgoing, error) => {
    if (!(error instanceof GatewayError) || error.code !== 'gateway_overloaded') return;
    if (isCheap()) return;
    const { socket } = incoming;
    const afterMs = READ_AFTER_MS.least + (refused % (READ_AFTER_MS.most - READ_AFTER_MS.least));
    const pause = (): void => {
      if (socket.destroyed) return;
      socket.pause();
      setTimeout(() => void socket.resume(), afterMs).unref();
    };
    outgoing.once('finish', () => {
      // Node reads on for what is left of a request that nobody reads, and takes back a pause before its end.
      if (incoming.readableEnded) pause();
      else incoming.once('end', pause);
    });
  };
}
