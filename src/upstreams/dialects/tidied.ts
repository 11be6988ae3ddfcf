/**
 * Requests that mean what others mean, in forms that servers refuse: lists that hold nothing, calls as some server wrote them, schemas
 * without members, names beyond a limit.
 */
import { createHash } from 'node:crypto';
import { isGiven, isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { missingResultsAdded, resultsBehindCalls } from '../../wire/results-behind-calls.ts';
import { inLongMembers, type Rewrite } from './long-members.ts';
import { messagesOf } from './rewrites.ts';

/** Nothing to choose from, and nobody insists on a call. */
function areIdle(tools: Json | undefined, choice: Json | undefined): boolean {
  const isNone = !isGiven(tools) || (Array.isArray(tools) && tools.length === 0);
  return isNone && (!isGiven(choice) || choice === 'auto' || choice === 'none');
}

/**
 * No empty list of tools, and nothing that says how to choose from none: "[] is too short - 'tools'", "'tool_choice' is only
 * allowed when 'tools' are specified".
 */
export const idleToolsDropped = inLongMembers('idle tools', (body) => {
  const { tools, tool_choice: choice, functions, function_call: call } = body;
  const names = [
    ...(areIdle(tools, choice) ? ['tools', 'tool_choice', 'parallel_tool_calls'] : []),
    ...(areIdle(functions, call) ? ['functions', 'function_call'] : []),
  ].filter((name) => name in body);
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, undefined]));
});

/** What changes one thing; the very same object where nothing is wrong with it. */
type Mend = (one: JsonObject) => JsonObject;

/** The very same list where nothing in it is changed. */
function mendedList(list: readonly Json[], mend: Mend): readonly Json[] {
  let mended: Json[] | undefined;
  for (const [at, one] of list.entries()) {
    const now = isObject(one) ? mend(one) : one;
    if (now !== one) (mended ??= [...list])[at] = now;
  }
  return mended ?? list;
}

/** Calls, their results and pictures of earlier turns as OpenAI's API has them. */
export const messagesTidied = inLongMembers('tidied messages', (body) => {
  const messages = messagesOf(body);
  if (messages === undefined) return undefined;
  const tidied = mendedList(missingResultsAdded(resultsBehindCalls(messages)), tidyMessage);
  return tidied === messages ? undefined : { messages: tidied };
});

function tidyMessage(message: JsonObject): JsonObject {
  const { role, content } = message;
  if (role === 'assistant') return withTidyCalls(message);
  if (role !== 'user' || !Array.isArray(content)) return message;
  const parts = mendedList(content, tidyPart);
  return parts === content ? message : { ...message, content: parts };
}

/** "Invalid 'messages[1].tool_calls': empty array." */
function withTidyCalls(message: JsonObject): JsonObject {
  const { tool_calls: calls, ...rest } = message;
  if (calls === undefined) return withContent(message);
  if (!Array.isArray(calls) || calls.length === 0) return withContent(rest);
  const tidied = mendedList(calls, tidyCall);
  if (tidied === calls && message['content'] !== undefined) return message;
  return { content: null, ...message, tool_calls: tidied };
}

/** A turn that says nothing is refused too: "expected a string, got null". Answers are such turns where thinking took all tokens. */
const withContent = (message: JsonObject): JsonObject =>
  INSTEAD_OF_CONTENT.some((name) => isGiven(message[name])) ? message : { ...message, content: '' };

const INSTEAD_OF_CONTENT = ['content', 'function_call', 'refusal', 'audio'] as const;

/** A call that came from a stream or from a server with ways of its own. */
function tidyCall(call: JsonObject): JsonObject {
  const { function: called, index, type } = call;
  if (!isObject(called)) return call;
  const args = called['arguments'];
  const written = isObject(args)
    ? JSON.stringify(args)
    : !isGiven(args) || args === ''
      ? '{}'
      : args;
  if (written === args && index === undefined && isGiven(type)) return call;
  const { index: _index, ...rest } = call;
  return { ...rest, type: type ?? 'function', function: { ...called, arguments: written } };
}

/**
 * Servers with chat templates parse the arguments of earlier calls into an object, and refuse the request where they are none: after
 * one answer that was cut, or wrongly escaped, the conversation could not go on.
 */
export const brokenArgumentsWrapped = inLongMembers('broken arguments', (body) => {
  const messages = messagesOf(body);
  if (messages === undefined) return undefined;
  const wrapped = mendedList(messages, (message) => {
    const { tool_calls: calls } = message;
    if (!Array.isArray(calls)) return message;
    const whole = mendedList(calls, withWholeArguments);
    return whole === calls ? message : { ...message, tool_calls: whole };
  });
  return wrapped === messages ? undefined : { messages: wrapped };
});

function withWholeArguments(call: JsonObject): JsonObject {
  const { function: called } = call;
  const args = isObject(called) ? called['arguments'] : undefined;
  if (!isObject(called) || typeof args !== 'string') return call;
  if (args === '' || isObjectText(args)) return call;
  return { ...call, function: { ...called, arguments: JSON.stringify({ invalid: args }) } };
}

function isObjectText(text: string): boolean {
  if (text === '{}') return true;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value);
  } catch {
    return false;
  }
}

/** A picture by its address alone, and a detail that is none. */
function tidyPart(part: JsonObject): JsonObject {
  if (part['type'] !== 'image_url') return part;
  const { image_url: image } = part;
  if (typeof image === 'string') return { ...part, image_url: { url: image } };
  if (!isObject(image) || image['detail'] !== null) return part;
  const { detail: _, ...rest } = image;
  return { ...part, image_url: rest };
}

/** "Invalid schema for function 'f': object schema missing properties", of tools without parameters. */
export const toolSchemasFilled = inLongMembers('tool schemas', ({ tools }) => {
  if (!Array.isArray(tools)) return undefined;
  const filled = mendedList(tools, withParameters);
  return filled === tools ? undefined : { tools: filled };
});

function withParameters(tool: JsonObject): JsonObject {
  const { function: called } = tool;
  if (!isObject(called) || called['parameters'] === undefined) return tool;
  const { parameters, ...rest } = called;
  if (parameters === null) return { ...tool, function: rest };
  if (!isObject(parameters) || !lacksMembers(parameters)) return tool;
  const filled = { ...parameters, type: 'object', properties: {} };
  return { ...tool, function: { ...called, parameters: filled } };
}

const lacksMembers = (schema: JsonObject): boolean =>
  (schema['type'] === undefined || schema['type'] === 'object') &&
  schema['properties'] === undefined &&
  !COMBINED.some((word) => word in schema);

const COMBINED = ['$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'not', 'if'] as const;

/** Members of messages in OpenAI's API, and those by which clouds of others are asked for more. */
const MESSAGE_MEMBERS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'refusal',
  'audio',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'cache_control',
  'prefix',
  'partial',
]);

/**
 * Strict clouds refuse a message for what a client or another server left in it ("property 'metadata' is unsupported").
 * @param keeps members that have their own rewrite
 */
export const onlyMessageMembers = (keeps: readonly string[]): Rewrite => {
  const known = new Set([...MESSAGE_MEMBERS, ...keeps]);
  const isForeign = (message: JsonObject, name: string): boolean =>
    !known.has(name) || (name === 'refusal' && message[name] === null);
  const mend: Mend = (message) => {
    for (const name in message) {
      if (isForeign(message, name))
        return Object.fromEntries(
          Object.entries(message).filter(([member]) => !isForeign(message, member)),
        );
    }
    return message;
  };
  return inLongMembers('message members', (body) => {
    const messages = messagesOf(body);
    if (messages === undefined) return undefined;
    const mended = mendedList(messages, mend);
    return mended === messages ? undefined : { messages: mended };
  });
};

/** OpenAI's limit of the names by which a caller tells its users and caches apart. */
const LONGEST_NAME = 64;
const NAMES = ['user', 'safety_identifier', 'prompt_cache_key'] as const;

/** "Invalid 'user': string too long. Expected a string with maximum length 64": the same short one for the same long one. */
export const namesWithin: Rewrite = (body) => {
  const fitted: Record<string, Json> = {};
  for (const name of NAMES) {
    const value = body[name];
    if (typeof value === 'string' && value.length > LONGEST_NAME) fitted[name] = digest(value);
  }
  return Object.keys(fitted).length === 0 ? undefined : fitted;
};

/** 64 digits. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** OpenRouter's way of saying it, in a chat: OpenAI's has a member of its own. */
export const effortByName: Rewrite = ({ messages, reasoning, reasoning_effort: given }) => {
  if (messages === undefined || !isObject(reasoning)) return undefined;
  const { effort } = reasoning;
  const isNew = given === undefined && typeof effort === 'string';
  return { reasoning: undefined, ...(isNew ? { reasoning_effort: effort } : {}) };
};
