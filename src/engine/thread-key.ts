/** By what a conversation is known again: the caller's own name for it, else how it began. */
import { hash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';

/**
 * Scoped by caller, so that nobody steers another's thread. A digest: it is kept, and what it is made
 * of is not. Undefined for what is no conversation.
 */
export function threadKey(call: Call): string | undefined {
  if (call.operation !== 'chat' && call.operation !== 'responses') return undefined;
  const name = call.session ?? textOf(call.body['prompt_cache_key']) ?? beginning(call.body);
  return hash('sha1', `${call.caller.name}\n${name}`, 'base64url');
}

/** A thread's fixed place in 0..1, so that all of its turns fall on the same side of a canary. */
export function placeInCanary(key: string): number {
  return Buffer.from(key, 'base64url').readUInt32BE(0) / 2 ** 32;
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** System prompt, tools and first user message stay the same through a conversation; what follows grows. */
function beginning(body: JsonObject): string {
  const tools = JSON.stringify(body['tools'] ?? null);
  const messages = body['messages'] ?? body['input'] ?? null;
  if (!Array.isArray(messages)) return `${tools}\n${JSON.stringify(messages)}`;
  const list: readonly Json[] = messages;
  const first = list.findIndex((message) => isObject(message) && message['role'] === 'user');
  return `${tools}\n${JSON.stringify(list.slice(0, first + 1))}`;
}
