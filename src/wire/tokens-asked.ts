/** How many tokens a request may take, before anybody has counted: what is reserved of a limit a minute, and put right afterwards. */
import type { Call } from '../core/call.ts';
import { LIMIT_MEMBERS } from '../core/output-limit.ts';
import { isGiven } from '../lib/json.ts';

/** Bytes of JSON a token, of English prose. */
const BYTES_PER_TOKEN = 4;
/** Where the caller sets no limit; as a window's room for an answer. */
const USUAL_ANSWER = 256;

export function tokensAsked({ payload, body }: Pick<Call, 'payload' | 'body'>): number {
  const named = LIMIT_MEMBERS.find((name) => isGiven(body[name]));
  const most = named && body[named];
  const answer = typeof most === 'number' && most >= 0 ? Math.ceil(most) : USUAL_ANSWER;
  return Math.ceil(payload.length / BYTES_PER_TOKEN) + answer;
}
