/** Adds the members that OpenAI's schema requires to answers of servers that leave them out. */
import type { Call } from '../../core/call.ts';
import { isObject, objectsIn, type Json, type JsonObject } from '../../lib/json.ts';
import type { Splice } from '../../lib/json-splice.ts';

const ID_PREFIX: Readonly<Partial<Record<Call['operation'], string>>> = {
  chat: 'chatcmpl-',
  text_completion: 'cmpl-',
};

/** What every event of one stream shares, by the first event: id, time and model, where a server has them wrong. */
export function eventStamp({
  call,
  model,
  hasUniqueIds,
}: StampOptions): (data: JsonObject) => Splice | undefined {
  let first: Envelope | undefined;
  return (data) => {
    // Azure begins with what its filters found, and names nothing in it.
    if (hasUniqueIds && objectsIn(data['choices']).length === 0) return undefined;
    first ??= envelopeOf(data, { call, model, hasUniqueIds });
    const { id, created } = data;
    const isRight =
      (id === first.id || (hasUniqueIds && isText(id))) && isTime(created) && isText(data['model']);
    return isRight && isText(data['object']) ? undefined : spliceOf(data, first, hasUniqueIds);
  };
}

export interface StampOptions {
  readonly call: Call;
  /** The model that was asked for. */
  readonly model: string;
  /** Else each answer gets an id of ours. */
  readonly hasUniqueIds: boolean;
}

interface Envelope {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
}

function envelopeOf(
  { id, created, model: answered }: JsonObject,
  { call, model, hasUniqueIds }: StampOptions,
): Envelope {
  return {
    id: hasUniqueIds && isText(id) ? id : ownId(call),
    object: call.operation === 'chat' ? 'chat.completion.chunk' : 'text_completion',
    created: timeOf(created, call),
    model: isText(answered) ? answered : model,
  };
}

function spliceOf(data: JsonObject, first: Envelope, hasUniqueIds: boolean): Splice {
  const { id, object, created, model } = data;
  return {
    ...(hasUniqueIds && isText(id) ? {} : { id: JSON.stringify(first.id) }),
    ...(isText(object) ? {} : { object: JSON.stringify(first.object) }),
    ...(isTime(created) && hasUniqueIds ? {} : { created: JSON.stringify(first.created) }),
    ...(isText(model) ? {} : { model: JSON.stringify(first.model) }),
  };
}

const ownId = ({ operation, id }: Call): string => `${ID_PREFIX[operation] ?? ''}${id}`;

const isText = (value: Json | undefined): value is string =>
  typeof value === 'string' && value !== '';

/** Clients with types take whole seconds alone. */
const isTime = (value: Json | undefined): value is number =>
  typeof value === 'number' && value > 0 && Number.isInteger(value);

function timeOf(value: Json | undefined, call: Call): number {
  const seconds = Math.floor(typeof value === 'string' ? Number(value) : Number(value ?? 0));
  return seconds > 0 && Number.isSafeInteger(seconds)
    ? seconds
    : Math.floor(call.receivedAtMs / 1000);
}

/** What a whole answer shares with a stream, and clients with types insist on. */
export function envelopeChanges(body: JsonObject, options: StampOptions): JsonObject {
  const { call, hasUniqueIds } = options;
  if (call.operation !== 'chat' && call.operation !== 'text_completion') return {};
  const isRight = isText(body['id']) && isText(body['model']) && isText(body['object']);
  if (isRight && hasUniqueIds && isTime(body['created'])) return {};
  const whole = envelopeOf(body, options);
  const object = call.operation === 'chat' ? 'chat.completion' : whole.object;
  return { ...whole, object: isText(body['object']) ? body['object'] : object };
}

/** The choices of a whole answer as the schema has them; empty if they are so already. */
export function contentChanges(body: JsonObject, call: Call): JsonObject {
  if (call.operation !== 'chat' && call.operation !== 'text_completion') return {};
  const { choices } = body;
  if (!Array.isArray(choices)) return {};
  if (choices.every((choice: Json) => isFullChoice(choice, call))) return {};
  return { choices: choices.map((choice: Json) => fullChoice(choice, call)) };
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
