/**
 * Who is refused for want of room is told when to ask again. A connection that asks at once is read a little later: refusing in a loop
 * takes the processor from those that are answered.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';

/** Shorter than what `Retry-After` says: proxies send requests of others on the same connection. */
const READ_AFTER_MS = 500;

/** Call it before the refusal is sent. */
export function readLater(
  incoming: Pick<IncomingMessage, 'socket' | 'complete'>,
  outgoing: Pick<ServerResponse, 'once'>,
  error: unknown,
): void {
  if (!(error instanceof GatewayError) || error.code !== 'gateway_overloaded') return;
  const { socket } = incoming;
  outgoing.once('finish', () => {
    // Node starts reading again once the answer is out, before the next requests are there.
    setImmediate(() => {
      // The rest of a body is read now, or the connection closed.
      if (!incoming.complete || socket.destroyed) return;
      socket.pause();
      setTimeout(() => void socket.resume(), READ_AFTER_MS).unref();
    });
  });
}
