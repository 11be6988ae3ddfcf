/**
 * A `/v1/messages` request (Anthropic's API) as the chat request that asks the same. Total: whatever the body holds, it
 * gives a chat body and names what chat cannot carry; it never throws.
 */
import { isGiven, isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import { own } from '../lib/own.ts';

export interface MessagesAsChat {
  /** In OpenAI's chat shape. */
  readonly body: JsonObject;
  /** Kinds whose loss would change what the model is asked (`server_tool_use`, `image by file`). */
  readonly lost: readonly string[];
}

type Draft = Record<string, Json | undefined>;

interface Reading {
  readonly messages: JsonObject[];
  readonly lost: Set<string>;
}

/** Members that mean the same in both APIs. */
const SHARED = ['model', 'temperature', 'top_p'] as const;

/**
 * Only members that chat has are written, since a server may refuse one it does not know. `thinking`, `top_k`,
 * `cache_control` and `metadata` have no counterpart that every chat server takes, and are left out.
 */
export function messagesToChat(body: JsonObject): MessagesAsChat {
  const reading: Reading = { messages: [], lost: new Set() };
  const system = systemText(readBlocks(body['system'], reading));
  if (system !== '') reading.messages.push({ role: 'system', content: system });
  for (const message of objectsIn(body['messages'])) readMessage(message, reading);
  const chat: Draft = { messages: reading.messages };
  for (const member of SHARED) if (isGiven(body[member])) chat[member] = body[member];
  if (isGiven(body['max_tokens'])) chat['max_completion_tokens'] = body['max_tokens'];
  const stops = body['stop_sequences'];
  if (Array.isArray(stops) && stops.length > 0) chat['stop'] = stops;
  addTools(body, chat, reading.lost);
  addFormat(body, chat);
  if (objectsIn(body['mcp_servers']).length > 0) reading.lost.add('mcp_servers');
  if (body['stream'] === true) {
    chat['stream'] = true;
    chat['stream_options'] = { include_usage: true };
  }
  return { body: chat, lost: [...reading.lost] };
}

/**
 * Claude Code begins with a line for Anthropic's books (`x-anthropic-billing-header: …; cch=1a2b3;`) that differs in each request: a
 * server's cache of the prompt would never fit again.
 */
const systemText = (blocks: readonly JsonObject[]): string =>
  plainText(blocks, '\n\n').replace(/^\s*x-anthropic-[a-z-]{1,40}:[^\n]*\n*/, '');

function readMessage({ role, content }: JsonObject, reading: Reading): void {
  if (role === 'assistant') readAssistant(content, reading);
  else if (role === 'system') {
    reading.messages.push({ role, content: plainText(readBlocks(content, reading), '\n\n') });
  } else readUser(content, reading);
}

/** Thinking is only for the model that signed it: another is sent what was said and called. */
function readAssistant(content: Json | undefined, reading: Reading): void {
  const parts = readBlocks(content, reading);
  const calls = objectsIn(content).filter(({ type }) => type === 'tool_use');
  const text = plainText(parts, '');
  if (text === '' && calls.length === 0) return;
  reading.messages.push({
    role: 'assistant',
    content: text === '' ? null : text,
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
  });
}

const toolCall = ({ id, name, input }: JsonObject): JsonObject => ({
  id: textIn(id),
  type: 'function',
  function: { name: textIn(name), arguments: JSON.stringify(isGiven(input) ? input : {}) },
});

/**
 * Results stand right behind the calls that they answer, as chat demands, and what the user says follows. A `tool`
 * message holds text only: the pictures of a result follow it as the user's.
 */
function readUser(content: Json | undefined, reading: Reading): void {
  const shown: JsonObject[] = [];
  for (const block of objectsIn(content)) {
    if (block['type'] !== 'tool_result') continue;
    const parts = readBlocks(block['content'], reading);
    const text = plainText(parts, '\n');
    const isSilentFailure = text === '' && block['is_error'] === true;
    reading.messages.push({
      role: 'tool',
      tool_call_id: textIn(block['tool_use_id']),
      content: isSilentFailure ? 'The tool failed.' : text,
    });
    shown.push(...parts.filter(({ type }) => type !== 'text'));
  }
  const parts = [...shown, ...readBlocks(content, reading)];
  if (parts.length === 0) return;
  const [only] = parts;
  const isText = parts.length === 1 && only?.['type'] === 'text';
  reading.messages.push({ role: 'user', content: isText ? textIn(only['text']) : parts });
}

const plainText = (parts: readonly JsonObject[], separator: string): string =>
  parts.flatMap(({ type, text }) => (type === 'text' ? [textIn(text)] : [])).join(separator);

/** A string is one block of text. */
function readBlocks(content: Json | undefined, { lost }: Reading): readonly JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [textPart(content)];
  return objectsIn(content).flatMap((block) => {
    const type = textIn(block['type']);
    const read = own(BLOCKS, type);
    if (read === undefined) lost.add(type || 'content block');
    return read?.(block, lost) ?? [];
  });
}

const textPart = (text: string): JsonObject => ({ type: 'text', text });

const nothing = (): readonly JsonObject[] => [];

const BLOCKS: Readonly<
  Record<string, (block: JsonObject, lost: Set<string>) => readonly JsonObject[]>
> = {
  text: ({ text }) => (textIn(text) === '' ? [] : [textPart(textIn(text))]),
  image: readImage,
  document: readDocument,
  search_result: (block) => [
    textPart([block['title'], block['source']].map(textIn).filter(Boolean).join('\n')),
    ...textsOf(block['content']),
  ],
  // What a search for tools found: chat offers all of them, also those whose loading is deferred.
  tool_reference: ({ tool_name: name }) => [textPart(`Tool found: ${textIn(name)}`)],
  // Read with the message that they stand in.
  tool_use: nothing,
  tool_result: nothing,
  thinking: nothing,
  redacted_thinking: nothing,
};

const textsOf = (content: Json | undefined): readonly JsonObject[] =>
  typeof content === 'string'
    ? [textPart(content)]
    : objectsIn(content).flatMap(({ text }) =>
        textIn(text) === '' ? [] : [textPart(textIn(text))],
      );

function readImage({ source }: JsonObject, lost: Set<string>): readonly JsonObject[] {
  const from = isObject(source) ? source : {};
  const url =
    from['type'] === 'base64'
      ? `data:${textIn(from['media_type'])};base64,${textIn(from['data'])}`
      : textIn(from['url']);
  if (url !== '') return [{ type: 'image_url', image_url: { url } }];
  lost.add(`image by ${textIn(from['type']) || 'an unknown source'}`);
  return [];
}

function readDocument(block: JsonObject, lost: Set<string>): readonly JsonObject[] {
  const source = isObject(block['source']) ? block['source'] : {};
  const about = [block['title'], block['context']].map(textIn).filter(Boolean).map(textPart);
  const type = textIn(source['type']);
  if (type === 'text') return [...about, textPart(textIn(source['data']))];
  if (type === 'content') return [...about, ...textsOf(source['content'])];
  if (type === 'base64') {
    const data = `data:${textIn(source['media_type'])};base64,${textIn(source['data'])}`;
    const filename = textIn(block['title']) || 'document.pdf';
    return [...about, { type: 'file', file: { filename, file_data: data } }];
  }
  lost.add(`document by ${type || 'an unknown source'}`);
  return about;
}

function addTools(body: JsonObject, chat: Draft, lost: Set<string>): void {
  const tools = objectsIn(body['tools']);
  const functions = tools.filter(({ type }) => (type ?? 'custom') === 'custom');
  for (const { type } of tools)
    if ((type ?? 'custom') !== 'custom') lost.add(`tool ${textIn(type)}`);
  if (functions.length === 0) return;
  chat['tools'] = functions.map(asFunction);
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  const type = textIn(choice['type']);
  if (type === 'tool') {
    chat['tool_choice'] = { type: 'function', function: { name: textIn(choice['name']) } };
  } else if (own(CHOICES, type) !== undefined) chat['tool_choice'] = own(CHOICES, type);
  if (choice['disable_parallel_tool_use'] === true) chat['parallel_tool_calls'] = false;
}

const CHOICES: Readonly<Record<string, string>> = { auto: 'auto', any: 'required', none: 'none' };

function asFunction(tool: JsonObject): JsonObject {
  const made: Draft = { name: textIn(tool['name']) };
  if (isGiven(tool['description'])) made['description'] = tool['description'];
  made['parameters'] = tool['input_schema'] ?? { type: 'object', properties: {} };
  if (tool['strict'] === true) made['strict'] = true;
  return { type: 'function', function: made };
}

/** `output_config.format`, or `output_format` as the beta had it. */
function addFormat(body: JsonObject, chat: Draft): void {
  const config = body['output_config'];
  const format = (isObject(config) ? config['format'] : undefined) ?? body['output_format'];
  if (!isObject(format) || format['type'] !== 'json_schema') return;
  const schema = { name: 'output', strict: true, schema: format['schema'] };
  chat['response_format'] = { type: 'json_schema', json_schema: schema };
}
