/**
 * Reads a request in OpenAI's chat shape, or one translated to it: the one place that knows its members. Nothing here throws on
 * an accepted body, whatever its unchecked members hold.
 */
import type { Call, Operation } from '../core/call.ts';
import type { Capability, Turn } from '../core/signal.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import { estimateTokens } from '../lib/token-estimate.ts';
import { allowedTools, canBeFunction, customTool, isBinding } from './custom-tools.ts';
import { messagesToChat } from './messages-to-chat.ts';
import { flatTools } from './namespaces.ts';
import { responsesToMessages } from './responses-to-chat.ts';
import { textInBody } from './text-in-body.ts';

/** A request's content and the capabilities that it needs, for every operation. */
export interface ChatRequest {
  /** The body; that of `/v1/responses` with its input as `messages`, that of `/v1/messages` as chat has it. */
  readonly body: JsonObject;
  readonly turns: readonly Turn[];
  readonly images: number;
  readonly toolResults: number;
  readonly needs: ReadonlySet<Capability>;
}

interface ChatRequestDraft {
  turns: Turn[];
  images: number;
  toolResults: number;
  readonly needs: Set<Capability>;
}

export function readRequest(call: Call): ChatRequest {
  const draft: ChatRequestDraft = { turns: [], images: 0, toolResults: 0, needs: new Set() };
  const body = chatBody(call, draft.needs);
  READERS[call.operation](body, draft, call);
  readNeeds(call.operation, body, draft.needs);
  return { body, ...draft };
}

const READERS: Readonly<
  Record<Call['operation'], (body: JsonObject, draft: ChatRequestDraft, call: Call) => void>
> = {
  chat: readMessages,
  responses: readMessages,
  messages: readMessages,
  text_completion: (body, draft) => readPrompt(body['prompt'], draft),
  embeddings: (body, draft) => readPrompt(body['input'], draft),
  passthrough: (_body, draft, call) => {
    const text = textInBody(call.payload, call.contentType);
    if (text !== '') draft.turns.push({ role: 'user', text });
  },
};

/** The body as chat has it. What chat cannot carry of a `messages` request needs an upstream that speaks that API itself. */
function chatBody({ operation, body }: Call, needs: Set<Capability>): JsonObject {
  if (operation === 'responses') return { ...body, messages: responsesToMessages(body).messages };
  if (operation !== 'messages') return body;
  const chat = messagesToChat(body);
  if (chat.lost.length > 0) needs.add('messages');
  return chat.body;
}

function readMessages(body: JsonObject, draft: ChatRequestDraft): void {
  const messages = body['messages'];
  if (!Array.isArray(messages)) return;
  for (const message of messages as readonly Json[]) {
    if (isObject(message)) draft.turns.push(readMessage(message, draft));
  }
}

function readMessage(message: JsonObject, draft: ChatRequestDraft): Turn {
  const role = roleOf(message) ?? 'user';
  if (role === 'tool') draft.toolResults += 1;
  const calls = message['tool_calls'];
  const spoken = readContent(message['content'], draft);
  return { role, text: Array.isArray(calls) ? `${spoken}${JSON.stringify(calls)}` : spoken };
}

/** Undefined for a role that chat does not have. */
export function roleOf({ role }: JsonObject): Turn['role'] | undefined {
  return typeof role === 'string' ? ROLES.get(role) : undefined;
}

// Maps: in an object, a caller's `constructor` would find a member of every object.
const ROLES: ReadonlyMap<string, Turn['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

function readContent(content: Json | undefined, draft: ChatRequestDraft): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts: string[] = [];
  for (const part of content as readonly Json[]) {
    if (typeof part === 'string') texts.push(part);
    else if (isObject(part)) readPart(part, texts, draft);
  }
  return texts.join('\n');
}

function readPart(part: JsonObject, texts: string[], draft: ChatRequestDraft): void {
  const text = part['text'] ?? part['refusal'];
  if (typeof text === 'string') texts.push(text);
  const type = part['type'];
  const need = typeof type === 'string' ? NEED_OF_PART.get(type) : undefined;
  if (need === undefined) return;
  draft.needs.add(need);
  if (need !== 'vision') return;
  draft.images += 1;
  if (isRemote(part['image_url'])) draft.needs.add('image_url');
}

const NEED_OF_PART: ReadonlyMap<string, Capability> = new Map([
  ['image_url', 'vision'],
  ['input_image', 'vision'],
  ['image', 'vision'],
  ['input_audio', 'audio'],
  ['audio', 'audio'],
  ['audio_url', 'audio'],
  ['file', 'files'],
  ['input_file', 'files'],
  ['document', 'files'],
  // Models that see pictures see films, if any do.
  ['video', 'vision'],
  ['video_url', 'vision'],
  ['input_video', 'vision'],
]);

function isRemote(image: Json | undefined): boolean {
  const url = isObject(image) ? image['url'] : image;
  return typeof url === 'string' && !url.startsWith('data:');
}

function readPrompt(prompt: Json | undefined, draft: ChatRequestDraft): void {
  const prompts: readonly Json[] = Array.isArray(prompt) ? prompt : [prompt ?? ''];
  for (const one of prompts) {
    if (typeof one === 'string') draft.turns.push({ role: 'user', text: one });
    else draft.needs.add('token_input');
  }
}

function readNeeds(operation: Operation, body: JsonObject, needs: Set<Capability>): void {
  if (operation === 'passthrough') return;
  needs.add(operation === 'messages' ? 'chat' : operation);
  readToolNeeds(body, needs);
  readFormat(body['response_format'], needs);
  if (isObject(body['text'])) readFormat(body['text']['format'], needs);
  if (body['logprobs'] === true || typeof body['logprobs'] === 'number') needs.add('logprobs');
  if (typeof body['n'] === 'number' && body['n'] > 1) needs.add('n');
  if (isObject(body['web_search_options'])) needs.add('web_search');
  if (Array.isArray(body['modalities']) && body['modalities'].includes('audio')) needs.add('audio');
  if (typeof body['previous_response_id'] === 'string') needs.add('stored_state');
}

/** Tools that `allowed_tools` leaves out need not be known. */
function readToolNeeds(body: JsonObject, needs: Set<Capability>): void {
  const allowed = allowedTools(body);
  const offered = Array.isArray(body['tools']) ? (body['tools'] as readonly Json[]) : [];
  const tools = flatTools(allowed?.tools ?? offered.map((tool) => (isObject(tool) ? tool : {})));
  for (const tool of tools) readToolNeed(tool, needs);
  if (Array.isArray(body['functions']) && body['functions'].length > 0) needs.add('tools');
  if (tools.length > 0 && isBinding(allowed?.mode ?? body['tool_choice'])) needs.add('tool_choice');
}

function readToolNeed(tool: JsonObject, needs: Set<Capability>): void {
  const { type } = tool;
  const custom = customTool(tool);
  if (type === 'function') needs.add('tools');
  else if (typeof type === 'string' && type.startsWith('web_search')) needs.add('web_search');
  else if (custom === undefined) needs.add('hosted_tools');
  else {
    needs.add('custom_tools');
    if (!canBeFunction(custom)) needs.add('tool_grammar');
  }
}

function readFormat(format: Json | undefined, needs: Set<Capability>): void {
  const type = isObject(format) ? format['type'] : undefined;
  if (type === 'json_schema' || type === 'json_object') needs.add(type);
}

/** Tokens of a request's text, estimated in time linear in it; images, tools and markup are not counted. */
export function textTokens({ messages, prompt }: JsonObject): number {
  if (typeof prompt === 'string') return estimateTokens(prompt);
  if (!Array.isArray(messages)) return 0;
  return messages.reduce((sum: number, message: Json) => sum + messageTokens(message), 0);
}

function messageTokens(message: Json): number {
  const content = isObject(message) ? message['content'] : undefined;
  if (typeof content === 'string') return estimateTokens(content);
  if (!Array.isArray(content)) return 0;
  return content.reduce((sum: number, part: Json) => {
    const text = isObject(part) ? part['text'] : undefined;
    return typeof text === 'string' ? sum + estimateTokens(text) : sum;
  }, 0);
}
