/** CORS headers, for browsers that call the gateway directly. Off unless origins are configured. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sets the headers on Node's response: answers are written there, bypassing Hono. The requested headers are echoed, since `*`
 * does not cover Authorization and SDKs send many of their own.
 * @returns true if this was a preflight, which is then answered
 */
export function crossOrigin(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origins: readonly string[],
): boolean {
  const { origin } = incoming.headers;
  if (origin === undefined || origins.length === 0) return false;
  if (!origins.includes('*') && !origins.includes(origin)) return false;
  outgoing.setHeader('access-control-allow-origin', origins.includes('*') ? '*' : origin);
  outgoing.setHeader('access-control-expose-headers', '*, x-request-id');
  outgoing.setHeader('vary', 'Origin');
  const method = incoming.headers['access-control-request-method'];
  if (incoming.method !== 'OPTIONS' || method === undefined) return false;
  outgoing.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  const wanted = incoming.headers['access-control-request-headers'];
  if (wanted !== undefined) outgoing.setHeader('access-control-allow-headers', wanted);
  outgoing.setHeader('access-control-max-age', '600');
  outgoing.writeHead(204).end();
  return true;
}
