/** Output items while they are written, and the events of each step. */
import type { JsonObject } from '../lib/json.ts';
import type { CallPiece } from '../wire/chat-choice.ts';
import type { Namespaced } from '../wire/namespaces.ts';
import {
  customCallItem,
  functionCallItem,
  messageItem,
  reasoningItem,
  reasoningPart,
  refusalPart,
  textPart,
  type ItemStatus,
  type NewId,
} from './response-object.ts';

interface Part {
  readonly kind: 'output_text' | 'refusal' | 'reasoning_text';
  text: string;
  readonly logprobs: JsonObject[];
}

interface TextItem {
  readonly kind: 'message' | 'reasoning';
  readonly id: string;
  readonly parts: Part[];
  open: boolean;
}

interface CallItem {
  readonly kind: 'call' | 'custom';
  readonly id: string;
  readonly callId: string;
  /** The call's id and index in chat. */
  readonly wire: { readonly id: string; readonly index: number };
  name: string;
  namespace: string;
  args: string;
  open: boolean;
}

export type Item = TextItem | CallItem;

/** The state of writing: the items so far (appended to), ids, and the sink of the events. */
export interface OutputWriter {
  readonly items: Item[];
  readonly newId: NewId;
  /** By their names in chat, the tools of namespaces. */
  readonly namespaced: ReadonlyMap<string, Namespaced>;
  readonly emit: (type: string, members: JsonObject) => void;
}

/** Appends to the current part, or begins one. Empty text begins none. */
export function appendText(
  writer: OutputWriter,
  kind: Part['kind'],
  delta: string,
  logprobs: readonly JsonObject[] = [],
): void {
  if (delta === '') return;
  const item = openItem(writer, kind === 'reasoning_text' ? 'reasoning' : 'message');
  const last = item.parts.at(-1);
  const part = last?.kind === kind ? last : beginPart(writer, item, kind);
  part.text += delta;
  part.logprobs.push(...logprobs);
  writer.emit(`response.${kind}.delta`, {
    ...placeOf(writer, item),
    delta,
    ...(kind === 'output_text' ? { logprobs } : {}),
  });
}

/** A complete empty answer is still a message: agents that find no item in an answer repeat the request endlessly. */
export function addEmptyMessage(writer: OutputWriter): void {
  beginPart(writer, openItem(writer, 'message'), 'output_text');
}

function openItem(writer: OutputWriter, kind: TextItem['kind']): TextItem {
  const last = writer.items.at(-1);
  if (last?.kind === kind && last.open) return last;
  const id = writer.newId(kind === 'reasoning' ? 'rs' : 'msg');
  const item: TextItem = { kind, id, parts: [], open: true };
  addItem(writer, item);
  return item;
}

/** Closes the current item; calls stay open, as chat may continue one. */
function addItem(writer: OutputWriter, item: Item): void {
  for (const before of writer.items) if (!isCall(before)) closeItem(writer, before, 'completed');
  writer.items.push(item);
  writer.emit('response.output_item.added', {
    output_index: writer.items.length - 1,
    item: rendered(item, 'in_progress'),
  });
}

function beginPart(writer: OutputWriter, item: TextItem, kind: Part['kind']): Part {
  finishPart(writer, item);
  const part: Part = { kind, text: '', logprobs: [] };
  item.parts.push(part);
  writer.emit('response.content_part.added', {
    ...placeOf(writer, item),
    part: renderedPart(part),
  });
  return part;
}

function finishPart(writer: OutputWriter, item: TextItem): void {
  const part = item.parts.at(-1);
  if (part === undefined) return;
  const place = placeOf(writer, item);
  const { type: _type, annotations: _annotations, ...content } = renderedPart(part);
  writer.emit(`response.${part.kind}.done`, { ...place, ...content });
  writer.emit('response.content_part.done', { ...place, part: renderedPart(part) });
}

const placeOf = (writer: OutputWriter, item: TextItem): JsonObject => ({
  item_id: item.id,
  output_index: writer.items.indexOf(item),
  content_index: item.parts.length - 1,
});

/** A piece belongs to the call of its index, unless it has another id: some servers give all calls index 0. */
export function callFunction(writer: OutputWriter, piece: CallPiece): void {
  const known = writer.items.findLast(
    (item): item is CallItem =>
      isCall(item) &&
      item.wire.index === piece.index &&
      (piece.id === '' || item.wire.id === piece.id),
  );
  const call = known ?? beginCall(writer, piece);
  if (call.name === '') Object.assign(call, calledBy(writer, piece.name));
  if (piece.args === '') return;
  call.args += piece.args;
  writer.emit(`response.${MEMBERS_OF[call.kind].event}.delta`, {
    item_id: call.id,
    output_index: writer.items.indexOf(call),
    delta: piece.args,
  });
}

const isCall = (item: Item): item is CallItem => item.kind === 'call' || item.kind === 'custom';

/** What the items and events of a call are named by. */
const MEMBERS_OF = {
  call: { event: 'function_call_arguments', id: 'fc' },
  custom: { event: 'custom_tool_call_input', id: 'ctc' },
} as const;

function beginCall(writer: OutputWriter, { id, index, name, isCustom }: CallPiece): CallItem {
  const taken = writer.items.some((item) => isCall(item) && item.callId === id);
  const kind = isCustom === true ? 'custom' : 'call';
  const call: CallItem = {
    kind,
    id: writer.newId(MEMBERS_OF[kind].id),
    callId: id === '' || taken ? writer.newId('call') : id,
    wire: { id, index },
    ...calledBy(writer, name),
    args: '',
    open: true,
  };
  addItem(writer, call);
  return call;
}

const calledBy = ({ namespaced }: OutputWriter, name: string): Namespaced =>
  namespaced.get(name) ?? { name, namespace: '' };

export function closeItem(writer: OutputWriter, item: Item, status: ItemStatus): void {
  if (!item.open) return;
  item.open = false;
  const at = writer.items.indexOf(item);
  if (isCall(item)) {
    writer.emit(`response.${MEMBERS_OF[item.kind].event}.done`, {
      item_id: item.id,
      output_index: at,
      ...(item.kind === 'call' ? { name: item.name, arguments: item.args } : { input: item.args }),
    });
  } else finishPart(writer, item);
  writer.emit('response.output_item.done', { output_index: at, item: rendered(item, status) });
}

export function rendered(item: Item, status: ItemStatus): JsonObject {
  switch (item.kind) {
    case 'message':
      return messageItem(item.id, status, item.parts.map(renderedPart));
    case 'reasoning':
      return reasoningItem(item.id, status, item.parts.map(renderedPart));
    case 'call':
      return functionCallItem({ ...item, arguments: item.args }, status);
    case 'custom':
      return customCallItem({ ...item, input: item.args }, status);
  }
}

function renderedPart(part: Part): JsonObject {
  switch (part.kind) {
    case 'output_text':
      return textPart(part.text, [...part.logprobs]);
    case 'refusal':
      return refusalPart(part.text);
    case 'reasoning_text':
      return reasoningPart(part.text);
  }
}

/** All generated texts of an item, for counting. */
export const writtenTexts = (item: Item): readonly string[] =>
  isCall(item) ? [item.name, item.args] : item.parts.map(({ text }) => text);
