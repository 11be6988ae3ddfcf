/** A chat request as the `/v1/messages` request (Anthropic's API) that asks the same. */
import { UpstreamError } from '../../core/errors.ts';
import {
  isGiven,
  isObject,
  type Json,
  type JsonObject,
  objectsIn,
  textIn,
} from '../../lib/json.ts';
import { missingResultsAdded, resultsBehindCalls } from '../../wire/results-behind-calls.ts';
import { fittedToolId } from '../../wire/tool-ids.ts';
import { membersLeftOut } from '../left-out.ts';

type Draft = Record<string, Json | undefined>;

/** Required there, optional in chat. Every model since Claude 3.5 writes as much. */
const DEFAULT_MAX_TOKENS = 8192;

/** Marks where a prompt's unchanging part ends: what stands before is read from the cache in the next turn. */
const CACHED = { cache_control: { type: 'ephemeral' } };

/** @throws UpstreamError `not_capable` for what that API has no place for */
export function chatToMessages(chat: JsonObject, model: string): JsonObject {
  const limit = chat['max_completion_tokens'] ?? chat['max_tokens'];
  const { system, messages } = readMessages(withResults(objectsIn(chat['messages'])));
  const body: Draft = {
    model,
    max_tokens: typeof limit === 'number' ? limit : DEFAULT_MAX_TOKENS,
    ...(system === '' ? {} : { system: [{ ...textBlock(system), ...CACHED }] }),
    messages,
  };
  // OpenAI's scale ends at 2, Anthropic's at 1.
  if (typeof chat['temperature'] === 'number') {
    body['temperature'] = Math.min(1, chat['temperature']);
  } else if (typeof chat['top_p'] === 'number') body['top_p'] = chat['top_p'];
  const stops = stopsIn(chat['stop']);
  if (stops.length > 0) body['stop_sequences'] = stops;
  addTools(chat, body);
  addFormat(chat['response_format'], body);
  if (chat['stream'] === true) body['stream'] = true;
  return body;
}

/** The members of a chat that `chatToMessages` has no place for, and its caller is told of. */
export const leftOutOfMessages = (chat: JsonObject): readonly string[] =>
  membersLeftOut(chat, (member) => {
    switch (member) {
      case 'temperature':
      case 'stop':
        return true;
      case 'top_p':
        return typeof chat['temperature'] !== 'number';
      case 'response_format':
        return isObject(chat[member]) && chat[member]['type'] !== 'json_object';
      default:
        return false;
    }
  });

/** What is only white space is refused there. */
function stopsIn(stop: Json | undefined): readonly string[] {
  const all: readonly Json[] = Array.isArray(stop) ? stop : [stop ?? ''];
  return all.map(textIn).filter((text) => text.trim() !== '');
}

const textBlock = (text: string): JsonObject => ({ type: 'text', text });

interface Prompt {
  readonly system: string;
  readonly messages: readonly JsonObject[];
}

interface Turn extends JsonObject {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

const withResults = (messages: readonly JsonObject[]): readonly JsonObject[] =>
  missingResultsAdded(resultsBehindCalls(messages));

/** Turns alternate there, and all results of one turn's calls are one message. A late system message keeps its place. */
function readMessages(given: readonly JsonObject[]): Prompt {
  const start = given.findIndex((message) => !isSystem(message));
  const head = start === -1 ? given : given.slice(0, start);
  const turns: Turn[] = [];
  for (const message of given.slice(head.length)) {
    const role = message['role'] === 'assistant' ? 'assistant' : 'user';
    const content = blocksOf(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  const system = head.map(({ content }) => textsIn(content)).filter(Boolean);
  return { system: system.join('\n\n'), messages: turns };
}

const isSystem = ({ role }: JsonObject): boolean => role === 'system' || role === 'developer';

const textsIn = (content: Json | undefined): string =>
  typeof content === 'string'
    ? content
    : objectsIn(content)
        .map(({ text }) => textIn(text))
        .join('\n');

function blocksOf(message: JsonObject): JsonObject[] {
  const { role, content } = message;
  if (role === 'tool') {
    const id = fittedToolId(textIn(message['tool_call_id']));
    return [{ type: 'tool_result', tool_use_id: id, content: resultIn(content) }];
  }
  const said =
    typeof content === 'string'
      ? content.trim() === ''
        ? []
        : [textBlock(content)]
      : objectsIn(content).flatMap(partBlock);
  return [...said, ...objectsIn(message['tool_calls']).map(toolUse)];
}

/** A result may hold pictures there. */
function resultIn(content: Json | undefined): Json {
  const parts = objectsIn(content);
  const hasMore = parts.some(({ type }) => type !== undefined && type !== 'text');
  return hasMore ? parts.flatMap(partBlock) : textsIn(content);
}

function toolUse(call: JsonObject): JsonObject {
  const called = isObject(call['function']) ? call['function'] : {};
  const input = parsed(textIn(called['arguments']));
  return {
    type: 'tool_use',
    id: fittedToolId(textIn(call['id'])),
    name: textIn(called['name']),
    input,
  };
}

/** Arguments that another model left unfinished are no input at all there. */
function parsed(args: string): JsonObject {
  try {
    const input: unknown = JSON.parse(args);
    return isObject(input) ? input : {};
  } catch {
    return {};
  }
}

function partBlock(part: JsonObject): readonly JsonObject[] {
  const text = textIn(part['text'] ?? part['refusal']);
  if (text.trim() !== '') return [textBlock(text)];
  switch (textIn(part['type'])) {
    case 'image_url':
      return [{ type: 'image', source: sourceOf(urlIn(part['image_url'])) }];
    case 'file': {
      const file = isObject(part['file']) ? part['file'] : {};
      return [{ type: 'document', source: sourceOf(textIn(file['file_data'])) }];
    }
    case 'text':
    case 'refusal':
      return [];
    default:
      throw notCapable(`a part of the type \`${textIn(part['type'])}\``);
  }
}

const urlIn = (image: Json | undefined): string => textIn(isObject(image) ? image['url'] : image);

/** @throws UpstreamError where it is neither data nor an address, such as the id of a file at OpenAI */
function sourceOf(url: string): JsonObject {
  const [, media, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
  if (media !== undefined && data !== undefined) return { type: 'base64', media_type: media, data };
  if (/^https?:/.test(url)) return { type: 'url', url };
  throw notCapable('a file by its id');
}

function addTools(chat: JsonObject, body: Draft): void {
  const tools = objectsIn(chat['tools']).map(asTool);
  const last = tools.at(-1);
  if (last === undefined) return;
  body['tools'] = [...tools.slice(0, -1), { ...last, ...CACHED }];
  const choice = choiceOf(chat['tool_choice']);
  const isSingle = chat['parallel_tool_calls'] === false && choice['type'] !== 'none';
  if (!isGiven(chat['tool_choice']) && !isSingle) return;
  body['tool_choice'] = isSingle ? { ...choice, disable_parallel_tool_use: true } : choice;
}

function asTool({ type, function: definition }: JsonObject): JsonObject {
  if (type !== 'function' || !isObject(definition))
    throw notCapable(`the tool \`${textIn(type)}\``);
  return {
    name: textIn(definition['name']),
    ...(isGiven(definition['description']) ? { description: definition['description'] } : {}),
    input_schema: definition['parameters'] ?? { type: 'object', properties: {} },
  };
}

function choiceOf(choice: Json | undefined): JsonObject {
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required') return { type: 'any' };
  if (isObject(choice) && isObject(choice['function'])) {
    return { type: 'tool', name: textIn(choice['function']['name']) };
  }
  return { type: 'auto' };
}

function addFormat(format: Json | undefined, body: Draft): void {
  if (!isObject(format) || format['type'] !== 'json_schema') return;
  const given = isObject(format['json_schema']) ? format['json_schema'] : {};
  body['output_config'] = { format: { type: 'json_schema', schema: given['schema'] ?? {} } };
}

const notCapable = (what: string): UpstreamError =>
  new UpstreamError(
    'not_capable',
    `An upstream of the kind anthropic cannot be sent ${what}: leave it out, or ask another model.`,
  );
