/** What an answer says, in any of the shapes of a chat: whole or one stream event after the other. */
import type { Operation } from '../core/call.ts';
import { isObject, objectsIn, textIn, type JsonObject } from '../lib/json.ts';
import { firstChoice } from './chat-choice.ts';
import { own } from '../lib/own.ts';
import { flatName } from './namespaces.ts';

/** Takes bodies; what they say adds up. */
export interface DraftReader {
  observe(body: JsonObject): void;
  /** The text of an event that is else like one observed before. */
  observeText(text: string): void;
  readonly said: DraftSoFar;
}

export interface DraftSoFar {
  text: string;
  /** By their place in the answer. */
  readonly calls: { name: string; args: string }[];
  finishReason: string | undefined;
  /** Bodies that brought text or a part of a call. */
  pieces: number;
}

/** Undefined for operations whose answers are no chat. */
export function draftReader(operation: Operation): DraftReader | undefined {
  const read = READERS[operation];
  if (read === undefined) return undefined;
  const said: DraftSoFar = { text: '', calls: [], finishReason: undefined, pieces: 0 };
  return { said, observe: (body) => read(body, said), observeText: (text) => add(said, text) };
}

type Read = (body: JsonObject, said: DraftSoFar) => void;

const READERS: Readonly<Partial<Record<Operation, Read>>> = {
  chat: readChat,
  text_completion: readCompletion,
  responses: readResponses,
  messages: readMessages,
};

function readChat(body: JsonObject, said: DraftSoFar): void {
  const choice = firstChoice(body);
  if (choice === undefined) return;
  const { text, refusal, calls, finishReason } = choice;
  add(said, text + refusal);
  for (const { index, name, args } of calls) addCall(said, index, name, args);
  said.finishReason = finishReason ?? said.finishReason;
}

function readCompletion(body: JsonObject, said: DraftSoFar): void {
  const [choice] = objectsIn(body['choices']);
  if (choice === undefined) return;
  add(said, textIn(choice['text']));
  const finish = choice['finish_reason'];
  if (typeof finish === 'string') said.finishReason = finish;
}

const CALLS: ReadonlySet<string> = new Set(['function_call', 'custom_tool_call']);
const CALL_DELTAS: ReadonlySet<string> = new Set([
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
]);

function readResponses(body: JsonObject, said: DraftSoFar): void {
  const type = textIn(body['type']);
  const index = typeof body['output_index'] === 'number' ? body['output_index'] : 0;
  if (type === '' || body['object'] === 'response') return readResponse(body, said);
  if (type === 'response.output_text.delta' || type === 'response.refusal.delta')
    add(said, textIn(body['delta']));
  else if (CALL_DELTAS.has(type)) addCall(said, index, '', textIn(body['delta']));
  else if (type === 'response.output_item.added') {
    const { item } = body;
    if (isObject(item) && CALLS.has(textIn(item['type']))) addCall(said, index, flatName(item), '');
  } else if (/^response\.(?:completed|incomplete)$/.test(type)) {
    const { response } = body;
    if (isObject(response)) said.finishReason = finishOf(response);
  }
}

function readResponse(body: JsonObject, said: DraftSoFar): void {
  objectsIn(body['output']).forEach((item, index) => {
    if (CALLS.has(textIn(item['type'])))
      addCall(said, index, flatName(item), textIn(item['arguments'] ?? item['input']));
    if (item['type'] !== 'message') return;
    for (const part of objectsIn(item['content']))
      add(said, textIn(part['text']) + textIn(part['refusal']));
  });
  said.finishReason = finishOf(body);
}

function finishOf({ status, incomplete_details: details }: JsonObject): string {
  if (status !== 'incomplete') return 'stop';
  return isObject(details) && details['reason'] === 'content_filter' ? 'content_filter' : 'length';
}

const STOP_REASONS: Readonly<Record<string, string>> = {
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

function readMessages(body: JsonObject, said: DraftSoFar): void {
  const { type, delta } = body;
  const index = typeof body['index'] === 'number' ? body['index'] : 0;
  if (type === 'message') {
    objectsIn(body['content']).forEach((block, at) => readBlock(block, at, said));
    said.finishReason = stopOf(body['stop_reason']) ?? said.finishReason;
  } else if (type === 'content_block_start' && isObject(body['content_block']))
    readBlock(body['content_block'], index, said);
  else if (isObject(delta)) {
    add(said, textIn(delta['text']));
    const args = textIn(delta['partial_json']);
    if (args !== '') addCall(said, index, '', args);
    said.finishReason = stopOf(delta['stop_reason']) ?? said.finishReason;
  }
}

function readBlock(block: JsonObject, index: number, said: DraftSoFar): void {
  if (block['type'] === 'text') add(said, textIn(block['text']));
  if (block['type'] !== 'tool_use') return;
  const { input } = block;
  const isGiven = isObject(input) && Object.keys(input).length > 0;
  addCall(said, index, textIn(block['name']), isGiven ? JSON.stringify(input) : '');
}

const stopOf = (reason: unknown): string | undefined =>
  typeof reason === 'string' ? (own(STOP_REASONS, reason) ?? 'stop') : undefined;

function add(said: DraftSoFar, text: string): void {
  if (text === '') return;
  said.text += text;
  said.pieces += 1;
}

function addCall(said: DraftSoFar, index: number, name: string, args: string): void {
  const call = (said.calls[index] ??= { name: '', args: '' });
  call.name += name;
  call.args += args;
  said.pieces += 1;
}
