/**
 * The input of a `/v1/responses` request as chat messages. Total: any body gives messages and a
 * list of what was lost; it never throws.
 */
import { isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { flatName } from './namespaces.ts';
import { resultsBehindCalls } from './results-behind-calls.ts';

export interface ResponsesAsMessages {
  /** In OpenAI's chat shape. */
  readonly messages: readonly JsonObject[];
  /** Kinds of lost items that would change the request's meaning (`computer_call_output`, `item_reference`). */
  readonly lost: readonly string[];
}

interface MessagesDraft {
  readonly messages: Message[];
  readonly lost: Set<string>;
}

/** Being built: consecutive calls of one assistant turn are gathered into one message. */
type Message = Record<string, Json | undefined>;

/**
 * `instructions` become a system message in front. A turn with text and tool calls, or with several calls, is one assistant
 * message, as chat requires: every `tool` message answers the turn before it.
 */
export function responsesToMessages(body: JsonObject): ResponsesAsMessages {
  const draft: MessagesDraft = { messages: [], lost: new Set() };
  const { instructions, input } = body;
  if (typeof instructions === 'string' && instructions !== '') {
    draft.messages.push({ role: 'system', content: instructions });
  }
  if (typeof input === 'string') draft.messages.push({ role: 'user', content: input });
  else if (Array.isArray(input)) {
    for (const item of input as readonly Json[]) readItem(item, draft);
  }
  return { messages: resultsBehindCalls(draft.messages), lost: [...draft.lost] };
}

function readItem(item: Json, draft: MessagesDraft): void {
  if (typeof item === 'string') {
    draft.messages.push({ role: 'user', content: item });
    return;
  }
  if (!isObject(item)) return;
  const type = typeof item['type'] === 'string' ? item['type'] : implied(item);
  const read = ITEMS.get(type);
  if (read === undefined) draft.lost.add(type);
  else read(item, draft);
}

/** Messages and references may leave `type` out. */
const implied = (item: JsonObject): string => ('role' in item ? 'message' : 'item_reference');

const ITEMS: ReadonlyMap<string, (item: JsonObject, draft: MessagesDraft) => void> = new Map([
  ['message', readMessage],
  ['function_call', readFunctionCall],
  ['function_call_output', readFunctionOutput],
  ['custom_tool_call', readCustomCall],
  ['custom_tool_call_output', readFunctionOutput],
  // Chat cannot carry these, and their loss changes nothing.
  ['reasoning', () => undefined],
  ['compaction_trigger', () => undefined],
]);

const ROLES: ReadonlySet<string> = new Set(['user', 'assistant', 'system', 'developer']);

function readMessage(item: JsonObject, draft: MessagesDraft): void {
  const said = textIn(item['role']);
  const role = ROLES.has(said) ? said : 'user';
  const content = readContent(item['content'], draft);
  if (role !== 'assistant') {
    draft.messages.push({ role, content });
    return;
  }
  const { text, refusal } = spoken(content);
  const message: Message = { role, content: text };
  if (refusal !== '') message['refusal'] = refusal;
  draft.messages.push(message);
}

type Content = string | readonly JsonObject[];

/** Plain text stays a string: the form that every server reads. */
function readContent(content: Json | undefined, draft: MessagesDraft): Content {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts: JsonObject[] = [];
  for (const part of content as readonly Json[]) {
    const read = readPart(part, draft);
    if (read !== undefined) parts.push(read);
  }
  const only = parts[0];
  return parts.length === 1 && only?.['type'] === 'text' ? textIn(only['text']) : parts;
}

function readPart(part: Json, draft: MessagesDraft): JsonObject | undefined {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isObject(part)) return undefined;
  switch (textIn(part['type'])) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: textIn(part['text']) };
    case 'refusal':
      return { type: 'refusal', refusal: textIn(part['refusal']) };
    case 'input_image':
      return imagePart(part, draft);
    case 'input_file':
      return filePart(part, draft);
    case 'input_audio':
      return { type: 'input_audio', input_audio: part['input_audio'] };
    default:
      draft.lost.add(textIn(part['type']) || 'content part');
      return undefined;
  }
}

function imagePart(part: JsonObject, draft: MessagesDraft): JsonObject | undefined {
  const url = isObject(part['image_url']) ? part['image_url']['url'] : part['image_url'];
  if (typeof url !== 'string') {
    draft.lost.add('input_image by file_id');
    return undefined;
  }
  const detail = part['detail'];
  const known = detail === 'auto' || detail === 'low' || detail === 'high';
  return { type: 'image_url', image_url: known ? { url, detail } : { url } };
}

function filePart(part: JsonObject, draft: MessagesDraft): JsonObject | undefined {
  const file: Message = {};
  for (const member of ['filename', 'file_data', 'file_id']) {
    if (typeof part[member] === 'string') file[member] = part[member];
  }
  if (file['file_data'] === undefined && file['file_id'] === undefined) {
    draft.lost.add('input_file by file_url');
    return undefined;
  }
  return { type: 'file', file };
}

function spoken(content: Content): { readonly text: string; readonly refusal: string } {
  if (typeof content === 'string') return { text: content, refusal: '' };
  let text = '';
  let refusal = '';
  for (const part of content) {
    text += textIn(part['text']);
    refusal += textIn(part['refusal']);
  }
  return { text, refusal };
}

function readFunctionCall(item: JsonObject, draft: MessagesDraft): void {
  const called = { name: flatName(item), arguments: textIn(item['arguments']) };
  addCall(item, { type: 'function', function: called }, draft);
}

function readCustomCall(item: JsonObject, draft: MessagesDraft): void {
  const called = { name: flatName(item), input: textIn(item['input']) };
  addCall(item, { type: 'custom', custom: called }, draft);
}

function addCall(item: JsonObject, called: JsonObject, draft: MessagesDraft): void {
  const call = { id: textIn(item['call_id']) || textIn(item['id']), ...called };
  const last = draft.messages.at(-1);
  if (last?.['role'] !== 'assistant') {
    draft.messages.push({ role: 'assistant', content: null, tool_calls: [call] });
    return;
  }
  const calls = Array.isArray(last['tool_calls']) ? (last['tool_calls'] as readonly Json[]) : [];
  last['tool_calls'] = [...calls, call];
}

function readFunctionOutput(item: JsonObject, draft: MessagesDraft): void {
  const output = readContent(item['output'], draft);
  if (typeof output !== 'string' && output.some((part) => part['type'] !== 'text')) {
    draft.lost.add(`${textIn(item['type'])} with media`);
  }
  draft.messages.push({
    role: 'tool',
    tool_call_id: textIn(item['call_id']),
    content: spoken(output).text,
  });
}
