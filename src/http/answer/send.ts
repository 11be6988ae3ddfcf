/**
 * Writes to Node's response directly, bytes unchanged: web streams in between would cost more than the rest of the gateway. Where
 * Hono routes (`listener.ts`), its handlers return `RESPONSE_ALREADY_SENT`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { withWholeSeconds } from '../../engine/retry-after.ts';
import { messagesError } from '../../wire/messages-error.ts';

/** An answer that does not fit the kernel's buffers waits for its reader. */
const WAITED_FOR_BYTES = 64 * 1024;
/** A reader that takes nothing for so long is gone. */
export const STOPPED_MS = 60_000;

export type Headers = Readonly<Record<string, string>>;

export function sendBytes(
  outgoing: ServerResponse,
  bytes: Uint8Array | string,
  headers: Headers,
  status = 200,
): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const length = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
  outgoing.writeHead(status, headOf(headers, length));
  if (bytes instanceof Buffer && length <= WITH_HEAD_BYTES)
    outgoing.end(bytes.toString('latin1'), 'latin1');
  else outgoing.end(bytes);
  closeIfStopped(outgoing);
}

/** Node joins the head with a text and writes both as one; a longer copy would cost more than the second piece. */
const WITH_HEAD_BYTES = 8 * 1024;

/** Name, value, name, value: Node takes it as it is, an object would be copied once more. */
function headOf(headers: Headers, length: number): string[] {
  const list = headers['content-type'] === undefined ? ['content-type', 'application/json'] : [];
  for (const name in headers) if (name !== 'content-length') list.push(name, headers[name]!);
  list.push('content-length', String(length));
  return list;
}

/** Node closes a connection on which nothing moves for so long. After the last write. */
export function closeIfStopped({ writableLength, socket }: ServerResponse): void {
  if (writableLength > WAITED_FOR_BYTES) socket?.setTimeout(STOPPED_MS);
}

export function sendJson(
  outgoing: ServerResponse,
  value: unknown,
  headers: Headers = {},
  status = 200,
): void {
  sendBytes(outgoing, JSON.stringify(value), headers, status);
}

/** An error as OpenAI or, for its clients, Anthropic would send it, so that every SDK maps it to its class. */
export function sendError(outgoing: ServerResponse, error: unknown, headers: Headers = {}): void {
  const known = asGatewayError(error);
  const all = { ...retryAfter(known), ...withWholeSeconds(known.headers), ...headers };
  if (!speaksMessages(outgoing.req)) {
    return sendJson(outgoing, { error: known.toWire(), ...known.more }, all, known.status);
  }
  const id = headers['x-request-id'];
  const { status, body } = messagesError(known, id);
  sendJson(outgoing, body, id === undefined ? all : { ...all, 'request-id': id }, status);
}

/** What asks for too much, or comes at a bad moment, is told when to come again even where nobody said. */
const retryAfter = ({ code, status }: GatewayError): Headers =>
  status === 503 || status === 429 ? { 'retry-after': RETRY_AFTER_S.get(code) ?? '1' } : {};

/** Seconds. Another second would change nothing in these. */
const RETRY_AFTER_S: ReadonlyMap<ErrorCode, string> = new Map([
  ['gateway_draining', '5'],
  ['upstream_loading', '5'],
  ['upstream_unavailable', '5'],
  ['policy_no_target', '60'],
  ['policy_budget_exceeded', '3600'],
]);

/** Whether the caller speaks Anthropic's API: its clients say so on every route. */
export const speaksMessages = ({ url = '', headers }: IncomingMessage): boolean =>
  headers['anthropic-version'] !== undefined || /^\/v1\/messages(?:[/?]|$)/.test(url);

/** Unknown errors are not shown to the caller: their text may contain anything. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const message =
    'The gateway failed on this request. Its log has the reason under the request id.';
  return new GatewayError('gateway_internal', message, { cause: error });
}
