/** Answers what no route answered: an error that was thrown, or a route that is not there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import { ANONYMOUS, callFromHead } from './accept.ts';
import type { HttpParts } from './parts.ts';
import { sendError } from './answer/send.ts';

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** A request under `/v1` leaves its record even if no route matches it. */
export function sendFailure(
  { incoming, outgoing }: Exchange,
  error: unknown,
  parts: HttpParts,
): void {
  const call = callFromHead(incoming, 'passthrough', ANONYMOUS, parts);
  if (!(error instanceof GatewayError)) parts.reportBug(error, call.id);
  if (incoming.url?.startsWith('/v1/') === true) parts.gateway.reject(call, error);
  sendError(outgoing, error, { 'x-request-id': call.id });
}
