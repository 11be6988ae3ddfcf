/** Rewrites of requests for servers that differ from OpenAI. Each is a pure function of the request's top-level members. */
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { withMembers } from '../../lib/json-outline.ts';
import {
  inLongMembers,
  knownAs,
  leavesLongMembers,
  type Members,
  type Rewrite,
} from './long-members.ts';

export type { Members, Rewrite } from './long-members.ts';

const present = (value: Json | undefined): boolean => value !== undefined && value !== null;

/**
 * Applies all rewrites in order and merges their changes; undefined if none applies.
 * @param found those of long members that would change this body, where that is known
 */
export function rewriteAll(
  rewrites: readonly Rewrite[],
  body: JsonObject,
  model: string,
  found?: ReadonlySet<string>,
): Members | undefined {
  let changes: Record<string, Json | undefined> | undefined;
  let current = body;
  for (const rewrite of rewrites) {
    const { longName } = rewrite;
    const isKnown = found !== undefined && longName !== undefined && leavesLongMembers(changes);
    if (isKnown && !found.has(longName)) continue;
    const change = rewrite(current, model);
    if (change === undefined) continue;
    changes = Object.assign(changes ?? {}, change);
    current = withMembers(body, changes);
  }
  return changes;
}

/** Removes members, also those that are null. */
export const strip =
  (...names: readonly string[]): Rewrite =>
  (body) => {
    const found = names.filter((name) => name in body);
    if (found.length === 0) return undefined;
    return Object.fromEntries(found.map((name) => [name, undefined]));
  };

/** For a server that knows only the old name. If the caller sent both, the new one is used. */
export const renamed =
  (from: string, to: string): Rewrite =>
  (body) =>
    body[from] === undefined ? undefined : { [from]: undefined, [to]: body[from] };

/** For a server whose name for it is unknown: sends both. */
export const aliased =
  (from: string, to: string): Rewrite =>
  (body) =>
    present(body[from]) && !present(body[to]) ? { [to]: body[from] } : undefined;

export const onlyFor = (models: RegExp, rewrite: Rewrite): Rewrite =>
  knownAs(rewrite.longName, (body, model) =>
    models.test(model) ? rewrite(body, model) : undefined,
  );

type Message = JsonObject;

export function messagesOf(body: JsonObject): readonly Message[] | undefined {
  const messages = body['messages'];
  return Array.isArray(messages) && messages.every(isObject) ? messages : undefined;
}

export const developerAsSystem = inLongMembers('developer', (body) => {
  const messages = messagesOf(body);
  if (!messages?.some(({ role }) => role === 'developer')) return undefined;
  return { messages: messages.map(asSystem) };
});

const asSystem = (message: Message): Message =>
  message['role'] === 'developer' ? { ...message, role: 'system' } : message;

/** Content of text parts alone as one string; undefined when it holds anything else. */
export function plainText(content: Json | undefined): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const texts = content.map((part: Json) =>
    isObject(part) && part['type'] === 'text' && typeof part['text'] === 'string'
      ? part['text']
      : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
}

/** Joins text parts: templates that expect a string would print the array. */
export const textPartsJoined = inLongMembers('text parts', (body) => {
  const messages = messagesOf(body);
  if (!messages?.some(({ content }) => Array.isArray(content))) return undefined;
  const joined = messages.map(withTextJoined);
  return joined.some((message, i) => message !== messages[i]) ? { messages: joined } : undefined;
});

function withTextJoined(message: Message): Message {
  const text = Array.isArray(message['content']) ? plainText(message['content']) : undefined;
  return text === undefined ? message : { ...message, content: text };
}

export const stopAsList: Rewrite = ({ stop }) =>
  typeof stop === 'string' ? { stop: [stop] } : undefined;

/** A server that ignores `tool_choice: none` still calls tools, so they are removed. */
export const noToolsWhenNone = inLongMembers('no tools', ({ tools, tool_choice: choice }) =>
  choice === 'none' && tools !== undefined
    ? { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined }
    : undefined,
);

/** For a server that accepts only strings: keeps only the named tool, with `required`. */
export const namedToolAsRequired = inLongMembers('named tool', ({ tools, tool_choice: choice }) => {
  if (!isObject(choice) || choice['type'] !== 'function' || !Array.isArray(tools)) return undefined;
  const name = isObject(choice['function']) ? choice['function']['name'] : undefined;
  const named = tools.filter(
    (tool: Json) =>
      isObject(tool) && isObject(tool['function']) && tool['function']['name'] === name,
  );
  return named.length === 0 ? undefined : { tools: named, tool_choice: 'required' };
});

const schemaOf = (format: Json | undefined): Json | undefined =>
  isObject(format) && format['type'] === 'json_schema' && isObject(format['json_schema'])
    ? format['json_schema']['schema']
    : undefined;

/** TGI: `{type: "json_schema", value: schema}`. */
export const schemaAsValue: Rewrite = ({ response_format: format }) => {
  const schema = schemaOf(format);
  return schema === undefined
    ? undefined
    : { response_format: { type: 'json_schema', value: schema } };
};

const isPlainJson = (format: Json | undefined): boolean =>
  isObject(format) && format['type'] === 'json_object';

/** TGI: `json_object` becomes a schema. */
export const jsonObjectAsValue: Rewrite = ({ response_format: format }) =>
  isPlainJson(format)
    ? { response_format: { type: 'json_schema', value: { type: 'object' } } }
    : undefined;

/** LM Studio accepts `json_schema` and `text`, not `json_object`. */
export const jsonObjectAsSchema: Rewrite = ({ response_format: format }) => {
  if (!isPlainJson(format)) return undefined;
  const schema = { name: 'object', schema: { type: 'object' } };
  return { response_format: { type: 'json_schema', json_schema: schema } };
};

/** Servers reject unknown levels: the nearest known one is sent. */
export const reasoningEffortWithin =
  (nearest: Readonly<Record<string, string>>): Rewrite =>
  ({ reasoning_effort: effort }) => {
    const known = typeof effort === 'string' ? nearest[effort] : undefined;
    return known === undefined ? undefined : { reasoning_effort: known };
  };
