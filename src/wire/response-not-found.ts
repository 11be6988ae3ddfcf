/** What OpenAI says to a request that continues a response it does not know. */
import type { WireError } from '../core/errors.ts';

/** OpenAI answers with 400 here, unlike for `GET /v1/responses/{id}`. */
export const PREVIOUS_RESPONSE_STATUS = 400;

export const previousResponseNotFound = (id: string): WireError => ({
  message: `Previous response with id '${id}' not found.`,
  type: 'invalid_request_error',
  param: 'previous_response_id',
  code: 'previous_response_not_found',
});
