/**
 * Writes to Node's response directly, bytes unchanged: web streams in between would cost more than the rest of the gateway. Hono
 * still routes; its handlers return `RESPONSE_ALREADY_SENT`.
 */
import type { ServerResponse } from 'node:http';
import { GatewayError, UpstreamError } from '../core/errors.ts';

export type Headers = Readonly<Record<string, string>>;

export function sendBytes(
  outgoing: ServerResponse,
  bytes: Uint8Array | string,
  headers: Headers,
  status = 200,
): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(length),
  });
  outgoing.end(bytes);
}

export function sendJson(
  outgoing: ServerResponse,
  value: unknown,
  headers: Headers = {},
  status = 200,
): void {
  sendBytes(outgoing, JSON.stringify(value), headers, status);
}

/** An error as OpenAI would send it, so that every SDK maps it to its class. */
export function sendError(outgoing: ServerResponse, error: unknown, headers: Headers = {}): void {
  const known = asGatewayError(error);
  const hints = known instanceof UpstreamError ? known.headers : {};
  sendJson(outgoing, { error: known.toWire() }, { ...hints, ...headers }, known.status);
}

/** Unknown errors are not shown to the caller: their text may contain anything. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const message =
    'The gateway failed on this request. Its log has the reason under the request id.';
  return new GatewayError('gateway_internal', message, { cause: error });
}
