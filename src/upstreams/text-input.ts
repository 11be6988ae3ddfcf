/** Embeddings for a server that takes text only. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import { hasTokens, withTextInput } from '../wire/embedding-input.ts';

/** @throws UpstreamError `rejected` (400) for token numbers that are of no known encoding */
export function readable(call: Call): Call {
  const read = withTextInput(call);
  if (call.operation !== 'embeddings' || !hasTokens(read.body['input'])) return read;
  const message =
    "'input' holds token numbers that are not of cl100k_base, and this model takes text only. Send the text itself.";
  const wire = { message, type: 'invalid_request_error', param: 'input', code: 'invalid_value' };
  throw new UpstreamError('rejected', message, { status: 400, wire });
}
