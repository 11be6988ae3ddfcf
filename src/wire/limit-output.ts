/** Limits how much may be written, in the member that each operation has for it; every other byte of the request stays. */
import type { Call } from '../core/call.ts';
import { withMembers } from '../lib/json-outline.ts';
import { spliceJson } from '../lib/json-splice.ts';

/** The call with at most `tokens` of output, in place of a larger limit or of none. */
export function withOutputLimit(call: Call, tokens: number): Call {
  const members = limitMembers(call);
  const changes = Object.fromEntries(members.map((member) => [member, tokens]));
  const texts = Object.fromEntries(members.map((member) => [member, String(tokens)]));
  return {
    ...call,
    body: withMembers(call.body, changes),
    payload: spliceJson(call.payload, texts),
  };
}

/** The members of chat: the old name, and the new one. */
const OF_CHAT = ['max_tokens', 'max_completion_tokens'];

function limitMembers({ operation, body }: Call): readonly string[] {
  if (operation === 'responses') return ['max_output_tokens'];
  if (operation !== 'chat') return ['max_tokens'];
  // Where both are given, which one counts is the server's affair.
  const given = OF_CHAT.filter((name) => name in body);
  return given.length === 0 ? ['max_completion_tokens'] : given;
}
