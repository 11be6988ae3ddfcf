import { createHash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { isObject, type Json } from '../core/json.ts';

/** Enough of the first messages to tell threads apart. */
const READ_CHARACTERS = 2000;

/**
 * A thread's fixed place in 0..1, so that all of its turns fall on the same side of a canary. A thread
 * is known by the caller's own key for it, else by how it began.
 */
export function threadDraw({ body, caller }: Call): number {
  const key =
    body['prompt_cache_key'] ??
    body['previous_response_id'] ??
    beginning(body['messages'] ?? body['input']);
  const digest = createHash('sha256')
    .update(`${caller.name}\n${JSON.stringify(key)}`)
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

function beginning(messages: Json | undefined): string {
  if (!Array.isArray(messages)) return JSON.stringify(messages ?? '').slice(0, READ_CHARACTERS);
  const list: readonly Json[] = messages;
  const firstUser = list.findIndex((message) => isObject(message) && message['role'] === 'user');
  return JSON.stringify(list.slice(0, firstUser + 1)).slice(0, READ_CHARACTERS);
}
