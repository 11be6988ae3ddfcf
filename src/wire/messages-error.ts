/** An error in the words of Anthropic's API, for whoever speaks it. */
import { UpstreamError, type GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';

/** As Anthropic documents them under "Errors". */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export interface MessagesError {
  readonly status: number;
  readonly body: JsonObject;
}

/** 503 is 529 there: the status that its clients wait for before they ask again. */
export function messagesError(error: GatewayError, requestId: string | undefined): MessagesError {
  const status = error.status === 503 ? 529 : error.status;
  const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  const { message } = error.toWire();
  const said = isTooLong(error) ? tooLong(message) : message;
  return {
    status,
    body: { type: 'error', error: { type, message: said }, request_id: requestId ?? null },
  };
}

/** By these words Claude Code knows that it has to compact the conversation. */
const TOO_LONG = 'prompt is too long';

/** Servers have codes of their own for it. */
const isTooLong = (error: GatewayError): boolean =>
  error.toWire().code === 'context_length_exceeded' ||
  (error instanceof UpstreamError && error.attemptCause === 'context_overflow');

const tooLong = (message: string): string =>
  message.toLowerCase().includes(TOO_LONG) ? message : `${TOO_LONG}: ${message}`;
