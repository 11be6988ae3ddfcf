/** Which ids of objects stand in a request's body, and which an answer tells of. */
import { isGiven, isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';

/** An id, and the member that holds it. */
export interface NamedId {
  readonly member: string;
  readonly id: string;
}

/** Members that hold one id or a list of them, wherever they stand. */
const ID_MEMBERS: ReadonlySet<string> = new Set([
  'assistant_id',
  'batch_id',
  'container_id',
  'conversation_id',
  'error_file_id',
  'eval_id',
  'file_batch_id',
  'file_id',
  'file_ids',
  'image_file_id',
  'input_file_id',
  'mask_file_id',
  'output_file_id',
  'part_ids',
  'previous_response_id',
  'response_id',
  'run_id',
  'skill_id',
  'source_file_id',
  'thread_id',
  'training_file',
  'upload_id',
  'validation_file',
  'vector_store_id',
  'vector_store_ids',
  'video_id',
]);

/** Members that hold an id, or an object with one. */
const OBJECT_MEMBERS: ReadonlySet<string> = new Set(['container', 'conversation']);

/** An evaluation reads from these what the whole account has said. */
const ACCOUNT_SOURCES: ReadonlySet<unknown> = new Set(['logs', 'responses', 'stored_completions']);

/**
 * What is a caller's own, or a model's: names in it are no ids of objects. Citations are quoted back by clients that send a whole
 * conversation again; no server reads a file because of one.
 */
const FREE_MEMBERS: ReadonlySet<string> = new Set([
  'annotations',
  'arguments',
  'input_schema',
  'json_schema',
  'logit_bias',
  'metadata',
  'parameters',
  'properties',
  'results',
  'schema',
]);

/**
 * Every id of an object that a body refers to. `more`: further members, of other clouds. The body is no deeper than
 * `limits.maxDepth`.
 */
export function idsIn(body: JsonObject, more?: ReadonlySet<string>): readonly NamedId[] {
  const found: NamedId[] = [];
  collect(body, { found, more });
  return found;
}

interface Search {
  readonly found: NamedId[];
  readonly more: ReadonlySet<string> | undefined;
}

function collect(value: JsonObject, search: Search): void {
  if (value['type'] === 'item_reference') add(search, 'item', value['id']);
  if (value['type'] === 'file_id') add(search, 'file', value['id']);
  for (const member in value) {
    const held = value[member];
    if (held === undefined || FREE_MEMBERS.has(member)) continue;
    // What a model gave a tool.
    if (member === 'input' && value['type'] === 'tool_use') continue;
    collectMember(member, held, search);
    descend(held, search);
  }
}

function collectMember(member: string, held: Json, search: Search): void {
  if (ID_MEMBERS.has(member) || search.more?.has(member) === true) addAll(search, member, held);
  else if (OBJECT_MEMBERS.has(member)) add(search, member, isObject(held) ? held['id'] : held);
  else if (isObject(held)) addOfObject(search, member, held);
}

function addOfObject(search: Search, member: string, held: JsonObject): void {
  // A spoken answer of before.
  if (member === 'audio') add(search, member, held['id']);
  if (/^(data_)?source/.test(member) && ACCOUNT_SOURCES.has(held['type']))
    add(search, 'data_source', held['type']);
}

function descend(held: Json, search: Search): void {
  if (Array.isArray(held)) for (const each of held as readonly Json[]) descend(each, search);
  else if (isObject(held)) collect(held, search);
}

function addAll(search: Search, member: string, held: Json): void {
  const all = Array.isArray(held) ? (held as readonly Json[]) : [held];
  for (const each of all) add(search, member, each);
}

function add({ found }: Search, member: string, id: Json | undefined): void {
  if (typeof id === 'string' && id !== '') found.push({ member, id });
}

/**
 * The ids of objects that a request with this body puts more into: conversations and containers. What it only reads stays as it is.
 */
export function idsChanged({ conversation, container, tools }: JsonObject): readonly string[] {
  if (!isGiven(conversation) && !isGiven(container) && !Array.isArray(tools)) return NO_IDS;
  const held = [conversation, container, ...objectsIn(tools).map((tool) => tool['container'])];
  return held.flatMap((each) => textIn(isObject(each) ? each['id'] : each) || []);
}

const NO_IDS: readonly string[] = [];

/** Of the ids that an answer's object tells of, those that stand for what was sent and answered, and for nothing that a tool made. */
export const idsOfExchange = (object: JsonObject): readonly string[] =>
  [object, ...objectsIn(object['output'])].map(({ id }) => textIn(id));

/** Members of an object by which it tells of others that were made with it. */
const MADE_WITH = [
  'container_id',
  'conversation_id',
  'error_file_id',
  'output_file_id',
  'thread_id',
] as const;

/** The ids that an answer's object tells of: its own, and those of what was made with it. */
export function idsMade(object: JsonObject): readonly string[] {
  const { file, conversation, container } = object;
  const ids = [
    object['id'],
    ...MADE_WITH.map((member) => object[member]),
    ...[file, conversation, container].map((held) => (isObject(held) ? held['id'] : undefined)),
    ...(Array.isArray(object['result_files']) ? (object['result_files'] as readonly Json[]) : []),
    ...objectsIn(object['output']).flatMap(idsOfItem),
    ...objectsIn(object['choices']).map((choice) => audioOf(choice['message'] ?? choice['delta'])),
  ];
  return [...new Set(ids.map(textIn).filter((id) => id !== ''))];
}

/** An item of a response's output: itself, and the containers and files of what code did. */
function idsOfItem(item: JsonObject): readonly (Json | undefined)[] {
  const cited = objectsIn(item['content']).flatMap((part) => objectsIn(part['annotations']));
  const files = cited.flatMap(({ type, file_id, container_id }) =>
    type === 'container_file_citation' ? [file_id, container_id] : [],
  );
  return [item['id'], item['container_id'], ...files];
}

const audioOf = (message: Json | undefined): Json | undefined =>
  isObject(message) && isObject(message['audio']) ? message['audio']['id'] : undefined;
