/** Repairs the history in a request for a server that did not write it: ids of calls, reasoning, late system messages. */
import { createHash } from 'node:crypto';
import { isObject, textIn, type Json, type JsonObject } from '../../lib/json.ts';
import { inLongMembers, knownAs } from './long-members.ts';
import { messagesOf, plainText, type Members, type Rewrite } from './rewrites.ts';

/** What a server accepts as the id of a tool call. */
export interface CallIdLimits {
  readonly longest: number;
  /** The whole id. */
  readonly pattern: RegExp;
  /** An id within these limits: the same for the same text, and different for any other. */
  readonly fitted: (id: string) => string;
}

const digest = (id: string): string => createHash('sha256').update(id).digest('hex');

const prefixed = (id: string): string => `call_${digest(id).slice(0, 24)}`;

/** OpenAI's chat API: "string too long. Expected a string with maximum length 40". */
export const OPENAI_CALL_IDS: CallIdLimits = { longest: 40, pattern: /^/, fitted: prefixed };

/** OpenAI's `/responses`: `FunctionCallOutputItemParam.call_id` of its specification. */
export const OPENAI_RESPONSES_CALL_IDS: CallIdLimits = { ...OPENAI_CALL_IDS, longest: 64 };

/** Anthropic's models: "String should match pattern '^[a-zA-Z0-9_-]+$'". */
export const ANTHROPIC_CALL_IDS: CallIdLimits = {
  longest: 64,
  pattern: /^[\w-]+$/,
  fitted: prefixed,
};

/** Mistral's API and chat templates: "must be a-z, A-Z, 0-9, with a length of 9". */
export const MISTRAL_CALL_IDS: CallIdLimits = {
  longest: 9,
  pattern: /^[a-zA-Z0-9]{9}$/,
  // 36 bits: enough for the calls of one conversation.
  fitted: (id) => digest(id).slice(0, 9),
};

/** Replaces ids of tool calls that the server refuses, the same one in the call and in its result. */
export const callIdsWithin = (limits: CallIdLimits): Rewrite => {
  const fit = (id: Json | undefined): Json | undefined =>
    typeof id !== 'string' || (id.length <= limits.longest && limits.pattern.test(id))
      ? id
      : limits.fitted(id);
  const name = `call ids ${limits.longest} ${limits.pattern.source}`;
  return inLongMembers(name, (body) => inMessages(body, fit) ?? inItems(body, fit));
};

type Fit = (id: Json | undefined) => Json | undefined;

function inMessages(body: JsonObject, fit: Fit): Members | undefined {
  const messages = messagesOf(body);
  const fitted = messages?.map((message) => {
    const own = withMember(message, 'tool_call_id', fit);
    const { tool_calls: calls } = own;
    if (!Array.isArray(calls)) return own;
    const all = calls.map((call: Json) => (isObject(call) ? withMember(call, 'id', fit) : call));
    return all.some((call, at) => call !== calls[at]) ? { ...own, tool_calls: all } : own;
  });
  return changed('messages', messages, fitted);
}

function inItems({ input }: JsonObject, fit: Fit): Members | undefined {
  if (!Array.isArray(input)) return undefined;
  const items: readonly Json[] = input;
  const fitted = items.map((item) => (isObject(item) ? withMember(item, 'call_id', fit) : item));
  return changed('input', items, fitted);
}

function withMember(holder: JsonObject, name: string, fit: Fit): JsonObject {
  const fitted = fit(holder[name]);
  return fitted === undefined || fitted === holder[name] ? holder : { ...holder, [name]: fitted };
}

function changed<T extends Json>(
  name: string,
  before: readonly T[] | undefined,
  after: readonly T[] | undefined,
): Members | undefined {
  const isChanged = after?.some((one, at) => one !== before?.[at]) === true;
  return isChanged ? { [name]: after } : undefined;
}

/** Members of an assistant's message in which servers send reasoning. */
export const REASONING_MEMBERS = [
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'reasoning_signature',
  'reasoning_text',
  'reasoning_opaque',
  'encrypted_content',
  'thinking',
  'thinking_blocks',
  'thinking_signature',
  'thought',
  'thoughts',
  'thought_signature',
] as const;

/** Kinds of content parts that hold reasoning. */
export const REASONING_PARTS: ReadonlySet<string> = new Set([
  'thinking',
  'redacted_thinking',
  'reasoning',
]);

/**
 * Drops the reasoning of earlier turns where the server is not known to write such a member itself: strict
 * servers refuse a member that they do not know, and a signature that is not theirs.
 * @param writes whether the server's model writes this member, or content parts of this type.
 */
export const foreignReasoningDropped = (
  writes: (name: string, model: string) => boolean,
): Rewrite =>
  knownAs('reasoning', (body, model) => reasoningDropped(body, (name) => writes(name, model)));

function reasoningDropped(
  body: JsonObject,
  writes: (name: string) => boolean,
): Members | undefined {
  const messages = messagesOf(body);
  if (messages?.some(isAssistants) !== true) return undefined;
  const without = messages.map((message) => withoutReasoning(message, writes));
  return changed('messages', messages, without);
}

/** Any server's. */
inLongMembers('reasoning', (body) => reasoningDropped(body, () => false));

const isAssistants = ({ role }: JsonObject): boolean => role === 'assistant';

function withoutReasoning(message: JsonObject, writes: (name: string) => boolean): JsonObject {
  if (!isAssistants(message)) return message;
  const foreign = REASONING_MEMBERS.filter((name) => name in message && !writes(name));
  const { content } = message;
  const parts = Array.isArray(content)
    ? content.filter((part: Json) => !isForeignPart(part, writes))
    : [];
  const hasParts = Array.isArray(content) && parts.length < content.length;
  if (foreign.length === 0 && !hasParts) return message;
  const rest: Record<string, Json | undefined> = { ...message };
  for (const name of foreign) delete rest[name];
  // An empty list of parts is refused; so is an assistant's turn without content or calls.
  if (hasParts) rest['content'] = parts.length === 0 ? '' : parts;
  return rest;
}

const isForeignPart = (part: Json, writes: (name: string) => boolean): boolean =>
  isObject(part) && REASONING_PARTS.has(textIn(part['type'])) && !writes(textIn(part['type']));

/**
 * Strict chat templates take one system message, at the beginning. Later ones become part of the user's
 * message beside them and keep their place, so that the server's cache of the prompt so far stays valid.
 */
export const systemInPlace = inLongMembers('system', (body) => {
  const messages = messagesOf(body);
  if (messages === undefined) return undefined;
  const first = messages.findIndex(({ role }) => role !== 'system');
  const leading = first < 0 ? messages.length : first;
  const systems = messages.filter(({ role }) => role === 'system');
  const isFine = systems.length === leading && leading <= 1;
  const texts = systems.map(({ content }) => plainText(content));
  if (isFine || !texts.every((text) => text !== undefined)) return undefined;
  const head = messages.slice(0, leading);
  const merged = { ...head[0], content: texts.slice(0, leading).join('\n\n') };
  const rest = withNotes(messages.slice(leading));
  return { messages: [...(leading > 1 ? [merged] : head), ...rest] };
});

/** A system message joins the user's message before it, else the one after it, else it becomes one. */
function withNotes(messages: readonly JsonObject[]): readonly JsonObject[] {
  const written: JsonObject[] = [];
  let waiting = '';
  const flush = (): void => {
    if (waiting !== '') written.push({ role: 'user', content: waiting });
    waiting = '';
  };
  for (const message of messages) {
    const last = written.at(-1);
    if (message['role'] === 'system') {
      const note = `<system>\n${plainText(message['content']) ?? ''}\n</system>`;
      if (last?.['role'] === 'user') written.splice(-1, 1, joined(last, note, 'after'));
      else waiting += waiting === '' ? note : `\n\n${note}`;
    } else if (message['role'] === 'user') {
      written.push(waiting === '' ? message : joined(message, waiting, 'before'));
      waiting = '';
    } else {
      flush();
      written.push(message);
    }
  }
  flush();
  return written;
}

function joined(message: JsonObject, note: string, place: 'before' | 'after'): JsonObject {
  const { content } = message;
  const parts: readonly Json[] = Array.isArray(content) ? content : [];
  const text = typeof content === 'string' ? content : undefined;
  if (text !== undefined) {
    const both = place === 'before' ? [note, text] : [text, note];
    return { ...message, content: both.join('\n\n') };
  }
  const part = { type: 'text', text: note };
  return { ...message, content: place === 'before' ? [part, ...parts] : [...parts, part] };
}
