/** Output items while they are being written, and the events that tell of each step. */
import type { JsonObject } from '../lib/json.ts';
import type { CallPiece } from '../wire/chat-choice.ts';
import {
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

interface SpokenItem {
  readonly kind: 'message' | 'reasoning';
  readonly id: string;
  readonly parts: Part[];
  open: boolean;
}

interface CallItem {
  readonly kind: 'call';
  readonly id: string;
  readonly callId: string;
  /** Where chat told it apart from its siblings. */
  readonly wire: { readonly id: string; readonly index: number };
  name: string;
  args: string;
  open: boolean;
}

export type Item = SpokenItem | CallItem;

/** What writing needs: the items so far (appended to), ids, and where the events go. */
export interface OutputWriter {
  readonly items: Item[];
  readonly newId: NewId;
  readonly emit: (type: string, members: JsonObject) => void;
}

/** Appends to the part that is being written, or begins one. Empty text begins nothing. */
export function appendText(
  pen: OutputWriter,
  kind: Part['kind'],
  delta: string,
  logprobs: readonly JsonObject[] = [],
): void {
  if (delta === '') return;
  const item = spokenItem(pen, kind === 'reasoning_text' ? 'reasoning' : 'message');
  const last = item.parts.at(-1);
  const part = last?.kind === kind ? last : beginPart(pen, item, kind);
  part.text += delta;
  part.logprobs.push(...logprobs);
  pen.emit(`response.${kind}.delta`, {
    ...placeOf(pen, item),
    delta,
    ...(kind === 'output_text' ? { logprobs } : {}),
  });
}

/** A finished answer of nothing is still a message: agents that find no item in an answer ask for ever. */
export function addEmptyMessage(pen: OutputWriter): void {
  beginPart(pen, spokenItem(pen, 'message'), 'output_text');
}

function spokenItem(pen: OutputWriter, kind: SpokenItem['kind']): SpokenItem {
  const last = pen.items.at(-1);
  if (last?.kind === kind && last.open) return last;
  const id = pen.newId(kind === 'reasoning' ? 'rs' : 'msg');
  const item: SpokenItem = { kind, id, parts: [], open: true };
  addItem(pen, item);
  return item;
}

/** What was being said is finished; calls stay open, as chat may come back to one. */
function addItem(pen: OutputWriter, item: Item): void {
  for (const before of pen.items) if (before.kind !== 'call') closeItem(pen, before, 'completed');
  pen.items.push(item);
  pen.emit('response.output_item.added', {
    output_index: pen.items.length - 1,
    item: rendered(item, 'in_progress'),
  });
}

function beginPart(pen: OutputWriter, item: SpokenItem, kind: Part['kind']): Part {
  finishPart(pen, item);
  const part: Part = { kind, text: '', logprobs: [] };
  item.parts.push(part);
  pen.emit('response.content_part.added', { ...placeOf(pen, item), part: renderedPart(part) });
  return part;
}

function finishPart(pen: OutputWriter, item: SpokenItem): void {
  const part = item.parts.at(-1);
  if (part === undefined) return;
  const place = placeOf(pen, item);
  const { type: _type, annotations: _annotations, ...said } = renderedPart(part);
  pen.emit(`response.${part.kind}.done`, { ...place, ...said });
  pen.emit('response.content_part.done', { ...place, part: renderedPart(part) });
}

const placeOf = (pen: OutputWriter, item: SpokenItem): JsonObject => ({
  item_id: item.id,
  output_index: pen.items.indexOf(item),
  content_index: item.parts.length - 1,
});

/** Pieces belong to the call of their index, unless they bring another id: some servers number all calls 0. */
export function callFunction(pen: OutputWriter, piece: CallPiece): void {
  const known = pen.items.findLast(
    (item): item is CallItem =>
      item.kind === 'call' &&
      item.wire.index === piece.index &&
      (piece.id === '' || item.wire.id === piece.id),
  );
  const call = known ?? beginCall(pen, piece);
  if (call.name === '') call.name = piece.name;
  if (piece.args === '') return;
  call.args += piece.args;
  pen.emit('response.function_call_arguments.delta', {
    item_id: call.id,
    output_index: pen.items.indexOf(call),
    delta: piece.args,
  });
}

function beginCall(pen: OutputWriter, { id, index, name }: CallPiece): CallItem {
  const taken = pen.items.some((item) => item.kind === 'call' && item.callId === id);
  const call: CallItem = {
    kind: 'call',
    id: pen.newId('fc'),
    callId: id === '' || taken ? pen.newId('call') : id,
    wire: { id, index },
    name,
    args: '',
    open: true,
  };
  addItem(pen, call);
  return call;
}

export function closeItem(pen: OutputWriter, item: Item, status: ItemStatus): void {
  if (!item.open) return;
  item.open = false;
  const at = pen.items.indexOf(item);
  if (item.kind === 'call') {
    pen.emit('response.function_call_arguments.done', {
      item_id: item.id,
      output_index: at,
      name: item.name,
      arguments: item.args,
    });
  } else finishPart(pen, item);
  pen.emit('response.output_item.done', { output_index: at, item: rendered(item, status) });
}

export function rendered(item: Item, status: ItemStatus): JsonObject {
  switch (item.kind) {
    case 'message':
      return messageItem(item.id, status, item.parts.map(renderedPart));
    case 'reasoning':
      return reasoningItem(item.id, status, item.parts.map(renderedPart));
    case 'call':
      return functionCallItem({ ...item, arguments: item.args }, status);
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

/** Everything the model wrote in an item, for counting. */
export const writtenTexts = (item: Item): readonly string[] =>
  item.kind === 'call' ? [item.name, item.args] : item.parts.map(({ text }) => text);
