/** Parses bytes to a checked JSON object. Only members that the gateway reads are checked; the rest is the upstream's concern. */
import { isUtf8 } from 'node:buffer';
import type { Operation } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { LIMIT_MEMBERS } from '../../core/output-limit.ts';
import { NO_LIMIT } from './idle-members.ts';
import { tooDeep } from './body-scan.ts';
import { whyNotJson } from './why-not-json.ts';

/** Deeper than any real schema or message, and safe for code that walks a body recursively. */
export const DEFAULT_MAX_DEPTH = 128;

/** @throws GatewayError 400, worded as OpenAI words these errors */
export function parseBody(
  payload: Buffer,
  operation: Operation,
  maxDepth = DEFAULT_MAX_DEPTH,
): JsonObject {
  requireUtf8(payload);
  return checked(parsedJson(payload), operation, maxDepth);
}

function checked(body: unknown, operation: Operation, maxDepth: number): JsonObject {
  if (!isObject(body)) {
    throw invalid('invalid_type', null, `The body must be a JSON object, not ${nameOf(body)}.`);
  }
  if (isTooDeep(body, maxDepth)) {
    throw tooDeep(maxDepth);
  }
  CHECKS[operation](body);
  return body;
}

/** @throws GatewayError for bytes that are not UTF-8: what is read of them would not be what is sent */
export function requireUtf8(payload: Buffer): void {
  if (isUtf8(payload)) return;
  throw new GatewayError(
    'caller_bad_json',
    'The JSON body is not valid UTF-8. Encode it as UTF-8.',
    { wireCode: null },
  );
}

function parsedJson(payload: Buffer): unknown {
  const text = payload.toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError(
      'caller_bad_json',
      `We could not parse the JSON body of your request. (${whyNotJson(text)})`,
      { cause, wireCode: null },
    );
  }
}

/** A value deeper than this is walked level by level instead of recursively, so that no depth overflows the stack. */
const SHALLOW = 128;

/** Whether a body holds values in more levels than `maxDepth`. */
export function isTooDeep(root: JsonObject, maxDepth: number): boolean {
  if (maxDepth <= SHALLOW) return isDeeper(root, maxDepth);
  return isDeeper(root, SHALLOW) && isDeeperByLevels(root, maxDepth);
}

/** Whether a value holds values in more levels than these. */
function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels < 0) return true;
  if (!isObject(value)) {
    for (const item of value) if (isDeeper(item, levels - 1)) return true;
    return false;
  }
  for (const name in value) if (isDeeper(value[name] ?? null, levels - 1)) return true;
  return false;
}

function isDeeperByLevels(root: JsonObject, maxDepth: number): boolean {
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return true;
    const next: unknown[] = [];
    for (const node of level) pushNested(node, next);
    level = next;
  }
  return false;
}

function pushNested(node: unknown, into: unknown[]): void {
  const members = Array.isArray(node) ? node : isObject(node) ? Object.values(node) : [];
  for (const member of members)
    if (typeof member === 'object' && member !== null) into.push(member);
}

const CHECKS: Readonly<Record<Operation, (body: JsonObject) => void>> = {
  chat: (body) => {
    checkModel(body);
    checkMessages(body);
    checkCommon(body);
  },
  text_completion: (body) => {
    checkModel(body);
    checkPrompt(body);
    checkCommon(body);
  },
  embeddings: (body) => {
    checkModel(body);
    checkInput(body);
  },
  responses: (body) => {
    if (body['model'] !== undefined) checkModel(body);
    const hasInput = ['input', 'previous_response_id', 'prompt', 'conversation'].some(
      (member) => (body[member] ?? null) !== null,
    );
    if (!hasInput) throw missing('input', body);
    checkItems(body['input'] ?? null);
    const previous = body['previous_response_id'] ?? null;
    if (previous !== null && typeof previous !== 'string')
      throw wrongType('previous_response_id', 'a string', previous);
    checkCommon(body);
  },
  messages: (body) => {
    checkModel(body);
    checkMessages(body);
    checkCommon(body);
  },
  passthrough: () => {},
};

function checkModel(body: JsonObject): void {
  const model = body['model'];
  if (model === undefined || model === '') {
    throw invalid(
      'missing_required_parameter',
      'model',
      "You must provide a model parameter: 'auto' to be routed.",
    );
  }
  if (typeof model !== 'string') throw wrongType('model', 'a string', model);
}

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

function checkMessages(body: JsonObject): void {
  const messages = body['messages'];
  if (messages === undefined) throw missing('messages', body);
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    throw invalid(
      'empty_array',
      'messages',
      "Invalid 'messages': empty array. Expected at least one message.",
    );
  }
  (messages as readonly Json[]).forEach(checkMessage);
}

function checkMessage(message: Json, index: number): void {
  const at = `messages[${index}]`;
  if (!isObject(message)) throw wrongType(at, 'an object', message);
  const role = message['role'];
  if (role === undefined) throw missing(`${at}.role`);
  if (typeof role !== 'string' || !ROLES.has(role)) {
    throw invalid(
      'invalid_value',
      `${at}.role`,
      `Invalid value for '${at}.role'. Supported values are: ${[...ROLES].map((name) => `'${name}'`).join(', ')}.`,
    );
  }
  checkContent(message['content'], `${at}.content`, role);
}

function checkContent(content: Json | undefined, at: string, role: string): void {
  if (typeof content === 'string') return;
  if (content === undefined || content === null) {
    if (role === 'assistant' || role === 'function') return;
    if (content === undefined) throw missing(at);
  }
  if (!Array.isArray(content)) throw wrongType(at, 'a string or an array of parts', content);
  (content as readonly Json[]).forEach((part, index) => {
    if (!isObject(part)) throw wrongType(`${at}[${index}]`, 'an object', part);
  });
}

/** Text, texts, token numbers, or lists of these. */
function checkPrompt(body: JsonObject): void {
  const { prompt } = body;
  if (prompt === undefined) throw missing('prompt', body);
  if (prompt !== null && typeof prompt !== 'string' && !Array.isArray(prompt))
    throw wrongType('prompt', 'a string or an array', prompt);
}

/** Of `/v1/responses`. What reads them takes a text for a message of the user's, too. */
function checkItems(input: Json): void {
  if (input === null || typeof input === 'string') return;
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array of items', input);
  (input as readonly Json[]).forEach((item, index) => {
    const at = `input[${index}]`;
    if (typeof item === 'string') return;
    if (!isObject(item)) throw wrongType(at, 'an object', item);
    // A message may leave its type out, a reference all but its id.
    if (!('type' in item || 'role' in item || 'id' in item)) throw missing(`${at}.type`);
  });
}

function checkInput(body: JsonObject): void {
  const input = body['input'] ?? null;
  if (input === null) throw missing('input', body);
  if (typeof input !== 'string' && !Array.isArray(input)) {
    throw wrongType('input', 'a string or an array', input);
  }
  if (input.length === 0) throw invalid('invalid_value', 'input', "'input' cannot be empty.");
}

const LIMITS = [...LIMIT_MEMBERS, 'n'] as const;

function checkCommon(body: JsonObject): void {
  const stream = body['stream'] ?? null;
  if (stream !== null && typeof stream !== 'boolean')
    throw wrongType('stream', 'a boolean', stream);
  const options = body['stream_options'] ?? null;
  if (options !== null && !isObject(options))
    throw wrongType('stream_options', 'an object', options);
  const tools = body['tools'] ?? null;
  if (tools !== null && !Array.isArray(tools)) throw wrongType('tools', 'an array', tools);
  for (const name of LIMITS) checkLimit(name, body[name]);
}

function checkLimit(name: string, value: Json | undefined): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw wrongType(name, 'an integer', value);
  if (value === NO_LIMIT && name !== 'n') return;
  if (value < 1) {
    throw invalid(
      'integer_below_min_value',
      name,
      `Invalid '${name}': it must be at least 1, but is ${value}.${name === 'n' ? '' : ' For no limit leave it out, or send -1.'}`,
    );
  }
}

/** The member that holds the question, by route: the commonest mistake is to use another route's. */
const ASKED_IN: readonly (readonly [member: string, route: string])[] = [
  ['messages', '/v1/chat/completions'],
  ['prompt', '/v1/completions'],
  ['input', '/v1/responses'],
];

/** @param body where it is searched for the member in which another route has the same */
function missing(param: string, body?: JsonObject): GatewayError {
  const other = ASKED_IN.find(([member]) => (body?.[member] ?? null) !== null);
  const hint =
    other === undefined
      ? ''
      : ` '${other[0]}' is what ${other[1]} takes: send it there, or write '${param}'.`;
  const message = `Missing required parameter: '${param}'.${hint}`;
  return invalid('missing_required_parameter', param, message);
}

const wrongType = (param: string, expected: string, got: unknown): GatewayError =>
  invalid(
    'invalid_type',
    param,
    `Invalid type for '${param}': expected ${expected}, but got ${nameOf(got)} instead.`,
  );

function invalid(wireCode: string, param: string | null, message: string): GatewayError {
  return new GatewayError('caller_invalid', message, {
    wireCode,
    ...(param === null ? {} : { param }),
  });
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
