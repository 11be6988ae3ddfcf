/** The keys by which a conversation and its turns are recognised. */
import { hash } from 'node:crypto';
import type { Call, Operation } from '../core/call.ts';
import { foundOf } from '../core/large-body.ts';
import type { ThreadKeys } from '../core/thread-keys.ts';
import { conversationTurns } from '../wire/conversation-turns.ts';
import { messagesToChat } from '../wire/messages-to-chat.ts';

/**
 * Undefined for anything but a conversation. Cache keys, users and safety ids are not used, because many conversations share one. Tools
 * are no part of a turn, because agents change them from step to step.
 */
export function threadKeys(call: Conversing): ThreadKeys | undefined {
  if (!CONVERSATIONS.has(call.operation)) return undefined;
  const found = foundOf(call);
  if (found !== undefined) return found.threadKeys;
  const body = call.operation === 'messages' ? messagesToChat(call.body).body : call.body;
  const { beginning, askedFirst, asked, askedBefore } = conversationTurns(body);
  const begun = digest(`${call.caller.name}\n${call.session ?? ''}\n${beginning}`);
  const tools = call.body['tools'] ?? null;
  const name = call.session ?? `${tools === null ? 'null' : JSON.stringify(tools)}\n${begun}`;
  // the beginning's digest already tells what was asked first: a first turn's text is digested once
  const turnOf = (what: string): string =>
    what === askedFirst ? begun : digest(`${begun}\n${what}`);
  return {
    conversation: digest(`${call.caller.name}\n${name}`),
    turn: turnOf(asked),
    ...(askedBefore === undefined ? {} : { previousTurn: turnOf(askedBefore) }),
    isNamed: call.session !== undefined,
  };
}

/** What of a call says which conversation it belongs to. */
type Conversing = Pick<Call, 'operation' | 'body' | 'caller' | 'session' | 'large'>;

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
