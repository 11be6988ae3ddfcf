/** By what a conversation and its turns are known again. */
import { hash } from 'node:crypto';
import type { Call, Operation } from '../core/call.ts';
import { conversationTurns } from '../wire/conversation-turns.ts';
import { messagesToChat } from '../wire/messages-to-chat.ts';

/** Digests, scoped by caller, so that nobody steers another's conversation: they are kept, and what they are made of is not. */
export interface ThreadKeys {
  /** The same for every turn: the caller's own name for the conversation, else how it began. */
  readonly conversation: string;
  /** This turn: the next one finds here which model answered it. */
  readonly turn: string;
  /** The turn that this one continues; undefined for a conversation's first. */
  readonly previousTurn?: string;
  /** The caller named the conversation (`x-session-id`). */
  readonly isNamed: boolean;
}

/**
 * Undefined for what is no conversation. A cache key, a user or a safety id says nothing here: many
 * conversations share one. Tools are no part of a turn, as agents change them from step to step.
 */
export function threadKeys(call: Call): ThreadKeys | undefined {
  if (!CONVERSATIONS.has(call.operation)) return undefined;
  const body = call.operation === 'messages' ? messagesToChat(call.body).body : call.body;
  const { beginning, asked, askedBefore } = conversationTurns(body);
  const begun = digest(`${call.caller.name}\n${call.session ?? ''}\n${beginning}`);
  const name = call.session ?? `${JSON.stringify(call.body['tools'] ?? null)}\n${begun}`;
  return {
    conversation: digest(`${call.caller.name}\n${name}`),
    turn: digest(`${begun}\n${asked}`),
    ...(askedBefore === undefined ? {} : { previousTurn: digest(`${begun}\n${askedBefore}`) }),
    isNamed: call.session !== undefined,
  };
}

const CONVERSATIONS: ReadonlySet<Operation> = new Set(['chat', 'responses', 'messages'] as const);

const digest = (text: string): string => hash('sha1', text, 'base64url');

/** A thread's fixed place in 0..1, so that all of its turns fall on the same side of a canary. */
export function placeInCanary(key: string): number {
  let bits = 0;
  for (let at = 0; at < DIGITS_READ; at += 1)
    bits = bits * 64 + Math.max(0, BASE64URL.indexOf(key.charAt(at)));
  // of six digits' 36 bits the first 32
  return Math.floor(bits / 16) / 2 ** 32;
}

const DIGITS_READ = 6;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
