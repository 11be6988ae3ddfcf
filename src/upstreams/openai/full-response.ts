/**
 * What servers of `/v1/responses` leave out and clients read without asking: numbers of events, details of the usage, lists of
 * annotations, what was asked.
 */
import { isGiven, isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { changedMembers, type Splice } from '../../lib/json-splice.ts';

/** The members of a Responses object that change; empty where it is full. */
export function responseChanges(response: JsonObject, asked: JsonObject): JsonObject {
  const changes: Record<string, Json> = {};
  for (const [name, value] of ALWAYS) {
    if (response[name] === undefined) changes[name] = asked[name] ?? value;
  }
  const { usage, output } = response;
  if (isObject(usage) && !isFullUsage(usage)) changes['usage'] = fullUsage(usage);
  if (Array.isArray(output)) {
    const items = output.map(fullItem);
    if (items.some((item, at) => item !== output[at])) changes['output'] = items;
  }
  return changes;
}

/** In OpenAI's schema they are required. */
const ALWAYS: readonly (readonly [string, Json])[] = [
  ['error', null],
  ['incomplete_details', null],
  ['instructions', null],
  ['metadata', {}],
  ['parallel_tool_calls', true],
  ['tool_choice', 'auto'],
  ['tools', []],
];

const isFullUsage = (usage: JsonObject): boolean =>
  isObject(usage['input_tokens_details']) &&
  isObject(usage['output_tokens_details']) &&
  isGiven(usage['total_tokens']);

function fullUsage(usage: JsonObject): JsonObject {
  const total = Number(usage['input_tokens'] ?? 0) + Number(usage['output_tokens'] ?? 0);
  return {
    ...usage,
    input_tokens_details: usage['input_tokens_details'] ?? { cached_tokens: 0 },
    output_tokens_details: usage['output_tokens_details'] ?? { reasoning_tokens: 0 },
    total_tokens: usage['total_tokens'] ?? total,
  };
}

/** The very same item where it is full. */
function fullItem(item: Json): Json {
  if (!isObject(item) || !Array.isArray(item['content'])) return item;
  const content: readonly Json[] = item['content'];
  const full = content.map(fullPart);
  return full.some((part, at) => part !== content[at]) ? { ...item, content: full } : item;
}

function fullPart(part: Json): Json {
  const isFull = !isObject(part) || part['type'] !== 'output_text' || isGiven(part['annotations']);
  return isFull ? part : { ...part, annotations: [] };
}

/** Puts right each event of one stream. */
export function responseStamp(asked: JsonObject): (data: JsonObject) => Splice | undefined {
  let number = 0;
  return (data) => {
    const { response, item, part, sequence_number: given } = data;
    const changes: Record<string, Json> = {};
    if (typeof given === 'number') number = given;
    else changes['sequence_number'] = number;
    number += 1;
    if (isObject(response)) {
      const members = responseChanges(response, asked);
      if (Object.keys(members).length > 0) changes['response'] = { ...response, ...members };
    }
    if (item !== undefined && fullItem(item) !== item) changes['item'] = fullItem(item);
    if (part !== undefined && fullPart(part) !== part) changes['part'] = fullPart(part);
    return Object.keys(changes).length === 0
      ? undefined
      : changedMembers(data, { ...data, ...changes });
  };
}
