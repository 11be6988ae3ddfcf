/** By what a conversation is known again: the caller's own name for it, else how it began. */
import { hash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { textIn, type JsonObject } from '../lib/json.ts';
import { conversationStart } from '../wire/chat-request.ts';

/**
 * Scoped by caller, so that nobody steers another's thread. A digest: it is kept, and what it is made
 * of is not. Undefined for what is no conversation.
 */
export function threadKey(call: Call): string | undefined {
  if (call.operation !== 'chat' && call.operation !== 'responses') return undefined;
  const name = call.session ?? (textIn(call.body['prompt_cache_key']) || beginning(call.body));
  return hash('sha1', `${call.caller.name}\n${name}`, 'base64url');
}

/** A thread's fixed place in 0..1, so that all of its turns fall on the same side of a canary. */
export function placeInCanary(key: string): number {
  return Buffer.from(key, 'base64url').readUInt32BE(0) / 2 ** 32;
}

function beginning(body: JsonObject): string {
  const { tools, messages } = conversationStart(body);
  return `${JSON.stringify(tools)}\n${JSON.stringify(messages)}`;
}
