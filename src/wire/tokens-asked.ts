/** How many tokens a request may take, before anybody has counted: what is reserved of a limit a minute, and put right afterwards. */
import type { Call } from '../core/call.ts';

/** Bytes of JSON a token, of English prose. */
const BYTES_PER_TOKEN = 4;
/** Where the caller sets no limit; as a window's room for an answer. */
const USUAL_ANSWER = 256;

export function tokensAsked({ payload, body }: Pick<Call, 'payload' | 'body'>): number {
  const most = body['max_completion_tokens'] ?? body['max_tokens'] ?? body['max_output_tokens'];
  const answer = typeof most === 'number' && most >= 0 ? Math.ceil(most) : USUAL_ANSWER;
  return Math.ceil(payload.length / BYTES_PER_TOKEN) + answer;
}
