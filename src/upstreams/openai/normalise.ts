/** Adds the members that OpenAI's schema requires to answers of servers that leave them out. */
import type { Call } from '../../core/call.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Splice } from '../../lib/json-splice.ts';

export interface NormaliseOptions {
  readonly call: Call;
  readonly hasUniqueIds: boolean;
}

const ID_PREFIX: Readonly<Partial<Record<Call['operation'], string>>> = {
  chat: 'chatcmpl-',
  text_completion: 'cmpl-',
};

/** Id and creation time for every event of one stream: the first event's time, an id from the call. */
export function eventStamp({ call, hasUniqueIds }: NormaliseOptions): (data: JsonObject) => Splice {
  let stamp: Splice | undefined;
  return (data) => {
    stamp ??= stampOf(data, call, hasUniqueIds);
    return stamp;
  };
}

function stampOf(data: JsonObject, call: Call, hasUniqueIds: boolean): Splice {
  const { id, created } = data;
  const isGoodId = hasUniqueIds && typeof id === 'string' && id !== '';
  const isGoodTime = typeof created === 'number' && created > 0;
  return {
    id: JSON.stringify(isGoodId ? id : `${ID_PREFIX[call.operation] ?? ''}${call.id}`),
    created: JSON.stringify(isGoodTime ? created : Math.floor(call.receivedAtMs / 1000)),
  };
}

/** The changed members of a whole answer; empty if it is complete. */
export function wholeChanges(
  body: JsonObject,
  { call, hasUniqueIds }: NormaliseOptions,
): JsonObject {
  if (call.operation === 'embeddings') return embeddingChanges(body, call);
  if (call.operation !== 'chat' && call.operation !== 'text_completion') return {};
  const { id, created } = body;
  const changes: Record<string, Json> = {};
  if (!hasUniqueIds || typeof id !== 'string' || id === '') {
    changes['id'] = `${ID_PREFIX[call.operation] ?? ''}${call.id}`;
  }
  if (typeof created !== 'number' || created <= 0) {
    changes['created'] = Math.floor(call.receivedAtMs / 1000);
  }
  const choices = body['choices'];
  if (Array.isArray(choices) && !choices.every((choice: Json) => isFullChoice(choice, call))) {
    changes['choices'] = choices.map((choice: Json) => fullChoice(choice, call));
  }
  return changes;
}

function isFullChoice(choice: Json, call: Call): boolean {
  if (!isObject(choice) || choice['logprobs'] === undefined) return false;
  const message = choice['message'];
  return call.operation !== 'chat' || (isObject(message) && isFullMessage(message));
}

const isFullMessage = (message: JsonObject): boolean =>
  message['refusal'] !== undefined &&
  message['content'] !== undefined &&
  message['role'] !== undefined &&
  hasTextArguments(message['tool_calls']);

function fullChoice(choice: Json, call: Call): Json {
  if (!isObject(choice)) return choice;
  const { message } = choice;
  const full = { ...choice, logprobs: choice['logprobs'] ?? null };
  if (call.operation !== 'chat' || !isObject(message)) return full;
  const calls = message['tool_calls'];
  return {
    ...full,
    message: {
      ...message,
      role: message['role'] ?? 'assistant',
      content: message['content'] ?? null,
      refusal: message['refusal'] ?? null,
      ...(Array.isArray(calls) ? { tool_calls: calls.map(withTextArguments) } : {}),
    },
  };
}

const argumentsOf = (call: Json): Json | undefined =>
  isObject(call) && isObject(call['function']) ? call['function']['arguments'] : undefined;

const hasTextArguments = (calls: Json | undefined): boolean =>
  !Array.isArray(calls) || calls.every((call: Json) => typeof argumentsOf(call) === 'string');

/** OpenAI's arguments are a string that holds JSON; some servers send the object itself. */
function withTextArguments(call: Json): Json {
  const given = argumentsOf(call);
  if (typeof given === 'string' || !isObject(call) || !isObject(call['function'])) return call;
  return { ...call, function: { ...call['function'], arguments: JSON.stringify(given ?? {}) } };
}

/** Embeddings in the requested encoding: SDKs ask for base64 and decode any answer as such. */
function embeddingChanges(body: JsonObject, call: Call): JsonObject {
  const { data } = body;
  if (!Array.isArray(data)) return {};
  const wantsText = call.body['encoding_format'] === 'base64';
  const convert = wantsText ? toBase64 : toNumbers;
  const isWrong = (item: Json): boolean =>
    isObject(item) && (typeof item['embedding'] === 'string') !== wantsText;
  if (!data.some(isWrong)) return {};
  return { data: data.map((item: Json) => (isWrong(item) ? withEmbedding(item, convert) : item)) };
}

function withEmbedding(item: Json, convert: (embedding: Json | undefined) => Json): Json {
  return isObject(item) ? { ...item, embedding: convert(item['embedding']) } : item;
}

/** Little-endian 32-bit floats, as OpenAI sends them. */
function toBase64(embedding: Json | undefined): Json {
  if (!Array.isArray(embedding)) return embedding ?? null;
  const bytes = Buffer.alloc(embedding.length * 4);
  embedding.forEach((value: Json, i) => bytes.writeFloatLE(Number(value), i * 4));
  return bytes.toString('base64');
}

function toNumbers(embedding: Json | undefined): Json {
  if (typeof embedding !== 'string') return embedding ?? null;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(i * 4));
}
