/** Puts another text in the place of what an answer says, in any of the shapes of a chat: whole, or one stream event after the other. */
import type { Operation } from '../core/call.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { dataEvent, namedEvent } from './events.ts';

/** Takes the bodies of one answer in order. The first piece of text becomes all of it, the others become empty. */
export type ReplaceText = (body: JsonObject) => JsonObject;

export function textReplacer(operation: Operation, text: string): ReplaceText {
  let isSaid = false;
  const next = (): string => {
    const said = isSaid ? '' : text;
    isSaid = true;
    return said;
  };
  if (operation === 'responses') return (body) => inResponses(body, text, next);
  if (operation === 'messages') return (body) => inMessages(body, next);
  return (body) => ({ ...body, choices: objectsIn(body['choices']).map(inChoice(next)) });
}

/** The event with that done, framed as its API frames it. */
export function replacedEvent(event: StreamEvent, operation: Operation, replace: ReplaceText) {
  if (event.data === undefined) return event;
  const data = replace(event.data);
  return operation === 'responses' || operation === 'messages' ? namedEvent(data) : dataEvent(data);
}

type NextText = () => string;

const inChoice =
  (next: NextText) =>
  (choice: JsonObject): JsonObject => {
    // the probabilities are those of tokens that are not given
    const bare = 'logprobs' in choice ? { ...choice, logprobs: null } : choice;
    if (typeof choice['text'] === 'string') return { ...bare, text: next() };
    const member = 'delta' in choice ? 'delta' : 'message';
    const message = choice[member];
    if (!isObject(message) || !hasText(message['content'])) return bare;
    return { ...bare, [member]: { ...message, content: next() } };
  };

const hasText = (content: Json | undefined): boolean =>
  typeof content === 'string' ? content !== '' : objectsIn(content).length > 0;

function inMessages(body: JsonObject, next: NextText): JsonObject {
  const { delta, type } = body;
  if (type === 'message') return { ...body, content: withParts(body['content'], 'text', next) };
  if (type !== 'content_block_delta' || !isObject(delta) || typeof delta['text'] !== 'string')
    return body;
  return { ...body, delta: { ...delta, text: next() } };
}

/** Events that end something repeat all of its text. */
function inResponses(body: JsonObject, text: string, next: NextText): JsonObject {
  const { part, item, response } = body;
  const type = textIn(body['type']);
  const bare = 'logprobs' in body ? { ...body, logprobs: [] } : body;
  if (type === 'response.output_text.delta') return { ...bare, delta: next() };
  if (type === 'response.output_text.done') return { ...bare, text };
  if (type === 'response.content_part.done' && isObject(part))
    return { ...body, part: { ...part, text } };
  if (type === 'response.output_item.done' && isObject(item))
    return { ...body, item: withItem(item, text) };
  if (isObject(response)) return { ...body, response: withOutput(response, text) };
  return type === '' || body['object'] === 'response' ? withOutput(body, text) : body;
}

const withOutput = (response: JsonObject, text: string): JsonObject => ({
  ...response,
  output: objectsIn(response['output']).map((item) => withItem(item, text)),
});

function withItem(item: JsonObject, text: string): JsonObject {
  if (item['type'] !== 'message') return item;
  let said = text;
  const next = (): string => {
    const now = said;
    said = '';
    return now;
  };
  return { ...item, content: withParts(item['content'], 'output_text', next) };
}

const withParts = (parts: Json | undefined, type: string, next: NextText): JsonObject[] =>
  objectsIn(parts).map((part) => (part['type'] === type ? withText(part, next()) : part));

const withText = (part: JsonObject, text: string): JsonObject => ({
  ...part,
  ...('logprobs' in part ? { logprobs: [] } : {}),
  text,
});
