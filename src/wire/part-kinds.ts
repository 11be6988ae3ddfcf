/**
 * Which parts and items of a request are no text: pictures, files, what lies at an upstream, and shapes that this
 * file does not know. What is not on its lists is unread, so that next year's part is held before anybody knows it.
 */
import type { Call } from '../core/call.ts';
import type { UnreadKind } from '../core/unread.ts';
import { textOf } from './encoded-media.ts';
import { isGiven, isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';

/** Where what is found is put. */
export interface PartKinds {
  readonly unread: Set<UnreadKind>;
  /** Ids of what lies at an upstream. */
  readonly references: Set<string>;
  /** Counts items and blocks that are neither the caller's nor the model's own words. */
  results: number;
}

/** Adds what it finds to `into`. */
export function readPartKinds({ operation, body, path }: Call, into: PartKinds): void {
  if (operation === 'embeddings') readTokens(body['input'], into);
  else if (operation === 'text_completion') readTokens(body['prompt'], into);
  else if (operation === 'responses') readResponses(body, into);
  else if (operation === 'passthrough') readCarried(body, path, into);
  else readChat(body, into);
}

/** What is put into conversations and threads, and what responses are compacted or counted of. */
function readCarried(body: JsonObject, path: string, draft: PartKinds): void {
  const { items, input, thread } = body;
  if (Array.isArray(items)) for (const item of items as readonly Json[]) readItem(item, draft);
  for (const holder of [body, isObject(thread) ? thread : {}])
    for (const message of [holder['messages'], holder['additional_messages']].flatMap(objectsIn))
      readMessage(message, draft);
  if (path.startsWith('/responses')) readResponses(body, draft);
  else readParts(input, draft);
}

/** An id, or an object with one. */
function refer(named: Json | undefined, { references, unread }: PartKinds): void {
  if (!isGiven(named)) return;
  const id = isObject(named) ? named['id'] : named;
  if (typeof id === 'string') references.add(id);
  else unread.add('remote_state');
}

function readChat(body: JsonObject, draft: PartKinds): void {
  for (const message of objectsIn(body['messages'])) readMessage(message, draft);
  readParts(body['system'], draft);
  const { container } = body;
  // Skills without an id are put into a new one.
  if (typeof container === 'string' || isGiven(isObject(container) ? container['id'] : undefined))
    refer(container, draft);
}

function readResponses(body: JsonObject, draft: PartKinds): void {
  const { input } = body;
  if (Array.isArray(input)) for (const item of input as readonly Json[]) readItem(item, draft);
  refer(body['conversation'], draft);
  // Written at the upstream's own pages.
  if (isGiven(body['prompt'])) draft.unread.add('remote_state');
  for (const { container } of objectsIn(body['tools']))
    if (typeof container === 'string') refer(container, draft);
}

function readTokens(input: Json | undefined, { unread }: PartKinds): void {
  if (Array.isArray(input) && (input as readonly Json[]).some((one) => typeof one !== 'string'))
    unread.add('token_ids');
}

function readMessage(message: JsonObject, draft: PartKinds): void {
  // A spoken answer, kept by the upstream that gave it.
  refer(message['audio'], draft);
  readParts(message['content'], draft);
}

function readParts(content: Json | undefined, draft: PartKinds): void {
  if (!Array.isArray(content)) return;
  for (const part of content as readonly Json[]) if (isObject(part)) readPart(part, draft);
}

/** Text that the walk over the body judges, in OpenAI's two shapes and in Anthropic's. */
const WORDS: ReadonlySet<string> = new Set([
  'text',
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
  'thinking',
  'tool_use',
  'server_tool_use',
  'mcp_tool_use',
  'container_upload',
  // The name of a tool.
  'tool_reference',
]);

const MEDIA: ReadonlyMap<string, UnreadKind> = new Map([
  ['image_url', 'image'],
  ['input_image', 'image'],
  ['image', 'image'],
  ['image_file', 'image'],
  ['computer_screenshot', 'image'],
  ['input_audio', 'audio'],
  ['audio', 'audio'],
  ['video', 'video'],
  ['video_url', 'video'],
  ['input_video', 'video'],
  ['redacted_thinking', 'remote_state'],
]);

const FILES: ReadonlySet<string> = new Set(['file', 'input_file', 'document']);

function readPart(part: JsonObject, draft: PartKinds): void {
  const { type } = part;
  if (type === undefined && typeof part['text'] === 'string') return;
  if (typeof type !== 'string') draft.unread.add('foreign_part');
  else if (FILES.has(type)) readFile(part, draft);
  else if (!WORDS.has(type)) readOther(type, part, draft);
}

function readOther(type: string, part: JsonObject, draft: PartKinds): void {
  const kind = MEDIA.get(type);
  if (kind !== undefined) {
    draft.unread.add(kind);
    return;
  }
  draft.results += 1;
  if (type === 'tool_result' || type === 'search_result') readParts(part['content'], draft);
  else draft.unread.add('foreign_part');
}

/** A file that is sent along is decoded by the walk, which names what is no text; one that lies elsewhere is unread. */
function readFile(part: JsonObject, draft: PartKinds): void {
  const holder = isObject(part['file']) ? part['file'] : part;
  const source = isObject(part['source']) ? part['source'] : undefined;
  const data = source === undefined ? holder['file_data'] : source['data'];
  const id = holder['file_id'] ?? source?.['file_id'];
  if (isGiven(id)) refer(id, draft);
  else if (Array.isArray(source?.['content'])) readParts(source['content'], draft);
  else if (typeof data !== 'string' || !isText(data, source)) draft.unread.add('file');
}

/** A data URL says itself what it holds, and the walk reads it. */
const isText = (data: string, source: JsonObject | undefined): boolean =>
  data.startsWith('data:') ||
  source?.['type'] === 'text' ||
  textOf(Buffer.from(data, 'base64')) !== undefined;

/** The caller's and the model's own words, orders and references; everything else is what a tool brought. */
const OWN_ITEMS: ReadonlyMap<string, (item: JsonObject, draft: PartKinds) => void> = new Map([
  ['message', (item: JsonObject, draft: PartKinds) => readParts(item['content'], draft)],
  ['reasoning', (item, draft) => sealed(item['encrypted_content'], draft)],
  ['compaction', (item, draft) => sealed(item['encrypted_content'], draft)],
  ['item_reference', refer],
  ...[
    'function_call',
    'custom_tool_call',
    'compaction_trigger',
    'local_shell_call',
    'shell_call',
  ].map((type): [string, () => void] => [type, () => undefined]),
]);

/** What a tool brought, in shapes whose members are texts and parts. */
const RESULTS: ReadonlySet<string> = new Set([
  'function_call_output',
  'custom_tool_call_output',
  'shell_call_output',
  'local_shell_call_output',
  'apply_patch_call_output',
  'apply_patch_call',
  'web_search_call',
  'file_search_call',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'tool_search_call',
  'tool_search_output',
]);

/** Only the upstream that wrote it can read it. */
function sealed(content: Json | undefined, draft: PartKinds): void {
  if (isGiven(content)) draft.unread.add('remote_state');
}

const implied = (item: JsonObject): string => ('role' in item ? 'message' : 'item_reference');

function readItem(item: Json, draft: PartKinds): void {
  if (!isObject(item)) return;
  const type = typeof item['type'] === 'string' ? item['type'] : implied(item);
  const own = OWN_ITEMS.get(type);
  if (own !== undefined) {
    own(item, draft);
    return;
  }
  draft.results += 1;
  if (RESULTS.has(type)) readParts(item['output'], draft);
  else if (type === 'computer_call' || type === 'computer_call_output') draft.unread.add('image');
  else if (type === 'image_generation_call') draft.unread.add('image');
  else draft.unread.add('foreign_part');
}
