/** The generated text of an answer, in any of OpenAI's shapes. */
import { isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';

export interface TextTaker {
  /** Takes one piece of generated text. */
  take(text: string): void;
}

/** Gives `to` every text of a whole body or a stream event: content, reasoning, refusals, tool calls. */
export function eachProducedText(body: JsonObject, to: TextTaker): void {
  const choices = body['choices'];
  if (Array.isArray(choices)) {
    for (const choice of choices as readonly Json[]) if (isObject(choice)) ofChoice(choice, to);
    return;
  }
  if (typeof body['type'] === 'string' && body['object'] === undefined) {
    // A stream of responses: the deltas have all the text; the `done` events and the last one repeat it.
    if (body['type'].endsWith('.delta')) text(body['delta'], to);
    else ofMessages(body, to);
    return;
  }
  const output = body['output'];
  if (Array.isArray(output)) {
    for (const item of output as readonly Json[]) if (isObject(item)) ofItem(item, to);
  }
}

function ofChoice(choice: JsonObject, to: TextTaker): void {
  text(choice['text'], to);
  const message = choice['delta'] ?? choice['message'];
  if (!isObject(message)) return;
  text(message['content'], to);
  text(message['reasoning_content'] ?? message['reasoning'], to);
  text(message['refusal'], to);
  const audio = message['audio'];
  if (isObject(audio)) text(audio['transcript'], to);
  ofFunction(message['function_call'], to);
  const calls = message['tool_calls'];
  if (!Array.isArray(calls)) return;
  for (const call of calls as readonly Json[]) {
    if (isObject(call)) ofFunction(call['function'] ?? call['custom'], to);
  }
}

function ofFunction(call: Json | undefined, to: TextTaker): void {
  if (!isObject(call)) return;
  text(call['name'], to);
  text(call['arguments'] ?? call['input'], to);
}

/** A whole answer of `/v1/messages`, or one of its stream events. */
function ofMessages(body: JsonObject, to: TextTaker): void {
  for (const block of [body['content_block'], body['delta'], ...objectsIn(body['content'])]) {
    if (!isObject(block)) continue;
    for (const member of ['text', 'thinking', 'name', 'partial_json']) text(block[member], to);
    const { input } = block;
    if (isObject(input) && Object.keys(input).length > 0) to.take(JSON.stringify(input));
  }
}

/** An item of a response's output: a message, reasoning, or a tool call. */
function ofItem(item: JsonObject, to: TextTaker): void {
  ofFunction(item, to);
  for (const member of ['content', 'summary']) {
    const parts = item[member];
    if (!Array.isArray(parts)) continue;
    for (const part of parts as readonly Json[]) {
      if (isObject(part)) text(part['text'] ?? part['refusal'], to);
    }
  }
}

function text(value: Json | undefined, to: TextTaker): void {
  if (typeof value === 'string') {
    if (value !== '') to.take(value);
    return;
  }
  // Content in parts, as Mistral's reasoning models answer.
  if (!Array.isArray(value)) return;
  for (const part of value as readonly Json[]) if (isObject(part)) text(part['text'], to);
}

/** True if a body holds a result other than text: vectors, audio, images. */
export function hasOtherResult(body: JsonObject): boolean {
  const data = body['data'];
  return Array.isArray(data) && data.length > 0;
}
