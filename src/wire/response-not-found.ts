/** OpenAI's error for a request that continues an unknown response. */
import type { WireError } from '../core/errors.ts';

/** OpenAI answers 400 here, unlike for `GET /v1/responses/{id}`. */
export const PREVIOUS_RESPONSE_STATUS = 400;

export const previousResponseNotFound = (id: string): WireError => ({
  message: `Previous response with id '${id}' not found.`,
  type: 'invalid_request_error',
  param: 'previous_response_id',
  code: 'previous_response_not_found',
});
