/** Facts about a request, computed once; pure. Signals and conditions read these and never the request itself. */
import type { Call } from '../core/call.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Capability, Features, RequestFacts, Turn } from '../core/signal.ts';
import { responsesToMessages } from '../wire/responses-to-chat.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { outboundTexts } from '../wire/outbound-texts.ts';
import { textInBody } from '../wire/text-in-body.ts';

/** Role markers and separators that chat templates add to each message (OpenAI's cookbook counts 3 to 4). */
const TOKENS_PER_MESSAGE = 4;
/** What OpenAI's vision models charge for one 1024 x 1024 image at high detail: 85 + 4 tiles of 170. */
const TOKENS_PER_IMAGE = 765;

interface Draft {
  turns: Turn[];
  images: number;
  toolResults: number;
  readonly needs: Set<Capability>;
}

/** Reads a call: never throws on a body that was accepted, whatever its unread members hold. */
export function describe(call: Call): Features {
  const draft: Draft = { turns: [], images: 0, toolResults: 0, needs: new Set() };
  const body = call.operation === 'responses' ? asChat(call.body) : call.body;
  READERS[call.operation](body, draft, call);
  readNeeds(call, draft.needs);
  const facts = factsOf(call, body, draft);
  const task = lastUserText(draft.turns);
  return { facts, turns: draft.turns, task, texts: outboundTexts(call, draft.turns) };
}

const READERS: Readonly<
  Record<Call['operation'], (body: JsonObject, draft: Draft, call: Call) => void>
> = {
  chat: readMessages,
  responses: readMessages,
  text_completion: (body, draft) => readPrompt(body['prompt'], draft),
  embeddings: (body, draft) => readPrompt(body['input'], draft),
  passthrough: (_body, draft, call) => {
    const text = textInBody(call.payload, call.contentType);
    if (text !== '') draft.turns.push({ role: 'user', text });
  },
};

function asChat(body: JsonObject): JsonObject {
  const { messages } = responsesToMessages(body);
  return { ...body, messages };
}

function readMessages(body: JsonObject, draft: Draft): void {
  const messages = body['messages'];
  if (!Array.isArray(messages)) return;
  for (const message of messages as readonly Json[]) {
    if (isObject(message)) draft.turns.push(readMessage(message, draft));
  }
}

function readMessage(message: JsonObject, draft: Draft): Turn {
  const name = message['role'];
  const role = (typeof name === 'string' ? ROLES[name] : undefined) ?? 'user';
  if (role === 'tool') draft.toolResults += 1;
  const calls = message['tool_calls'];
  const spoken = readContent(message['content'], draft);
  return { role, text: Array.isArray(calls) ? `${spoken}${JSON.stringify(calls)}` : spoken };
}

const ROLES: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};

function readContent(content: Json | undefined, draft: Draft): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts: string[] = [];
  for (const part of content as readonly Json[]) {
    if (typeof part === 'string') texts.push(part);
    else if (isObject(part)) readPart(part, texts, draft);
  }
  return texts.join('\n');
}

function readPart(part: JsonObject, texts: string[], draft: Draft): void {
  const text = part['text'] ?? part['refusal'];
  if (typeof text === 'string') texts.push(text);
  const type = part['type'];
  const need = typeof type === 'string' ? NEED_OF_PART[type] : undefined;
  if (need === undefined) return;
  draft.needs.add(need);
  if (need !== 'vision') return;
  draft.images += 1;
  if (isRemote(part['image_url'])) draft.needs.add('image_url');
}

const NEED_OF_PART: Readonly<Record<string, Capability>> = {
  image_url: 'vision',
  input_image: 'vision',
  input_audio: 'audio',
  file: 'files',
  input_file: 'files',
};

function isRemote(image: Json | undefined): boolean {
  const url = isObject(image) ? image['url'] : image;
  return typeof url === 'string' && !url.startsWith('data:');
}

function readPrompt(prompt: Json | undefined, draft: Draft): void {
  const prompts: readonly Json[] = Array.isArray(prompt) ? prompt : [prompt ?? ''];
  for (const one of prompts) {
    if (typeof one === 'string') draft.turns.push({ role: 'user', text: one });
    else draft.needs.add('token_input');
  }
}

function readNeeds({ operation, body }: Call, needs: Set<Capability>): void {
  if (operation === 'passthrough') return;
  needs.add(operation);
  readToolNeeds(body, needs);
  readFormat(body['response_format'], needs);
  if (isObject(body['text'])) readFormat(body['text']['format'], needs);
  if (body['logprobs'] === true || typeof body['logprobs'] === 'number') needs.add('logprobs');
  if (typeof body['n'] === 'number' && body['n'] > 1) needs.add('n');
  if (isObject(body['web_search_options'])) needs.add('web_search');
  if (Array.isArray(body['modalities']) && body['modalities'].includes('audio')) needs.add('audio');
  if (typeof body['previous_response_id'] === 'string') needs.add('stored_state');
}

function readToolNeeds(body: JsonObject, needs: Set<Capability>): void {
  const tools = Array.isArray(body['tools']) ? (body['tools'] as readonly Json[]) : [];
  for (const tool of tools) {
    const type = isObject(tool) ? tool['type'] : undefined;
    if (type === 'function') needs.add('tools');
    else if (typeof type === 'string' && type.startsWith('web_search')) needs.add('web_search');
    else needs.add('custom_tools');
  }
  if (Array.isArray(body['functions']) && body['functions'].length > 0) needs.add('tools');
  const choice = body['tool_choice'];
  if (tools.length > 0 && (choice === 'required' || isObject(choice))) needs.add('tool_choice');
}

function readFormat(format: Json | undefined, needs: Set<Capability>): void {
  const type = isObject(format) ? format['type'] : undefined;
  if (type === 'json_schema' || type === 'json_object') needs.add(type);
}

function factsOf(call: Call, body: JsonObject, draft: Draft): RequestFacts {
  const tools = lengthOf(body['tools']) + lengthOf(body['functions']);
  let tokens = draft.images * TOKENS_PER_IMAGE + draft.turns.length * TOKENS_PER_MESSAGE;
  for (const turn of draft.turns) tokens += estimateTokens(turn.text);
  if (tools > 0) tokens += estimateTokens(JSON.stringify(body['tools'] ?? body['functions']));
  return {
    operation: call.operation,
    stream: call.stream,
    inputTokens: tokens,
    inputTokensSource: 'estimated',
    turns: draft.turns.reduce((count, turn) => count + (turn.role === 'user' ? 1 : 0), 0),
    messages: draft.turns.length,
    tools,
    toolResults: draft.toolResults,
    isToolLoop: draft.turns.at(-1)?.role === 'tool',
    images: draft.images,
    jsonSchema: draft.needs.has('json_schema'),
    maxTokens: firstNumber(body, ['max_completion_tokens', 'max_tokens', 'max_output_tokens']),
    n: firstNumber(body, ['n']) || 1,
    ...(call.deadlineMs === undefined ? {} : { deadlineMs: call.deadlineMs }),
    needs: [...draft.needs],
    ...(isOpaque(call) ? { isOpaque: true } : {}),
  };
}

/** JSON that was read is an object with members; an empty body has nothing to hide. */
const isOpaque = ({ operation, body, payload }: Call): boolean =>
  operation === 'passthrough' && payload.length > 0 && Object.keys(body).length === 0;

const lengthOf = (value: Json | undefined): number => (Array.isArray(value) ? value.length : 0);

function firstNumber(body: JsonObject, members: readonly string[]): number {
  for (const member of members) {
    const value = body[member];
    if (typeof value === 'number') return value;
  }
  return 0;
}

function lastUserText(turns: readonly Turn[]): string {
  return turns.findLast((turn) => turn.role === 'user')?.text ?? '';
}
