/** Restores the chunks of a chat or of a text completion: each choice, and each tool call in it, is a separate text. */
import { isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { dataEvent, type EventStep } from '../wire/events.ts';
import { createRestorer, type Placeholders, type Restorer } from './placeholders.ts';

/** Members of a delta that are pieces of a text; `reasoning…` are those of local servers and some clouds. */
const TEXT_MEMBERS = ['content', 'refusal', 'reasoning_content', 'reasoning'] as const;

interface Channels {
  /** The text that this piece continues. */
  of(key: string, isQuoted: boolean): Restorer;
  /** Takes out the held-back texts under keys with this prefix. */
  take(prefix: string): readonly (readonly [string, string])[];
}

/** `isJson`: the answer's text is JSON, so restored values must be quoted. */
export function chatRestorer(
  placeholders: Placeholders,
  { isJson }: { readonly isJson: boolean },
): EventStep {
  const channels = createChannels(placeholders);
  let last: JsonObject = {};
  const remaining = (): readonly StreamEvent[] => {
    const choices = heldChoices(channels.take(''));
    if (choices.length === 0) return [];
    const { usage: _, ...rest } = last;
    return [dataEvent({ ...rest, choices })];
  };
  return {
    push: (event) => {
      if (event.done === true) return [...remaining(), event];
      if (event.text !== undefined) return restoredText(event, event.text, channels, isJson);
      const { data } = event;
      if (data === undefined) return event;
      last = data;
      const choices = objectsIn(data['choices']);
      const restored = choices.map((choice) => restoredChoice(choice, channels, isJson));
      const isSame = restored.every((choice, at) => choice === choices[at]);
      return isSame ? event : dataEvent({ ...data, choices: restored });
    },
    end: remaining,
    fail: remaining,
  };
}

/** Of an event that brings this text of the first choice, and is else like one before it: parsed only where the text is another. */
function restoredText(
  event: StreamEvent,
  text: string,
  channels: Channels,
  isJson: boolean,
): StreamEvent {
  const content = channels.of('0/content', isJson).push(text);
  if (content === text) return event;
  const [choice] = objectsIn(event.data?.['choices']);
  const delta = isObject(choice?.['delta']) ? choice['delta'] : {};
  return dataEvent({ ...event.data, choices: [{ ...choice, delta: { ...delta, content } }] });
}

function createChannels(placeholders: Placeholders): Channels {
  const open = new Map<string, Restorer>();
  return {
    of: (key, isQuoted) => {
      const known = open.get(key);
      if (known !== undefined) return known;
      const restore = isQuoted ? placeholders.restoreQuoted : placeholders.restore;
      const made = createRestorer(placeholders, restore);
      open.set(key, made);
      return made;
    },
    take: (prefix) =>
      [...open]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, restorer]) => [key, restorer.flush()] as const)
        .filter(([, text]) => text !== ''),
  };
}

const indexOf = (value: JsonObject): string =>
  typeof value['index'] === 'number' ? String(value['index']) : '0';

function restoredChoice(choice: JsonObject, channels: Channels, isJson: boolean): JsonObject {
  const at = indexOf(choice);
  const push = (member: string, piece: string, isQuoted: boolean): string =>
    channels.of(`${at}/${member}`, isQuoted).push(piece);
  const changed: Record<string, Json> = {};
  const text = choice['text'];
  if (typeof text === 'string') changed['text'] = push('text', text, isJson);
  const delta = choice['delta'];
  if (isObject(delta)) changed['delta'] = restoredDelta(delta, push, isJson);
  const isLast = typeof choice['finish_reason'] === 'string';
  const restored = isSame(choice, changed) ? choice : { ...choice, ...changed };
  return isLast ? withHeldBack(restored, channels.take(`${at}/`)) : restored;
}

type Push = (member: string, piece: string, isQuoted: boolean) => string;

const isSame = (before: JsonObject, changed: JsonObject): boolean =>
  Object.entries(changed).every(([name, value]) => before[name] === value);

function restoredDelta(delta: JsonObject, push: Push, isJson: boolean): JsonObject {
  const changed: Record<string, Json> = {};
  for (const member of TEXT_MEMBERS) {
    const piece = delta[member];
    if (typeof piece === 'string') changed[member] = push(member, piece, isJson);
  }
  const calls = objectsIn(delta['tool_calls']);
  const restored = calls.map((call) => restoredCall(call, push));
  if (!restored.every((call, at) => call === calls[at])) changed['tool_calls'] = restored;
  const old = delta['function_call'];
  if (isObject(old)) changed['function_call'] = restoredArguments(old, 'function_call', push);
  return isSame(delta, changed) ? delta : { ...delta, ...changed };
}

function restoredCall(call: JsonObject, push: Push): JsonObject {
  const key = `tool_calls/${indexOf(call)}`;
  for (const member of ['function', 'custom']) {
    const inner = call[member];
    if (!isObject(inner)) continue;
    const restored = restoredArguments(inner, `${key}/${member}`, push);
    if (restored !== inner) return { ...call, [member]: restored };
  }
  return call;
}

function restoredArguments(called: JsonObject, key: string, push: Push): JsonObject {
  const changed: Record<string, Json> = {};
  for (const member of ['arguments', 'input']) {
    const piece = called[member];
    if (typeof piece === 'string') {
      changed[member] = push(`${key}/${member}`, piece, member === 'arguments');
    }
  }
  return isSame(called, changed) ? called : { ...called, ...changed };
}

type HeldBack = readonly (readonly [string, string])[];

/** Adds the held-back texts that became no placeholder to the choice's last chunk. */
function withHeldBack(choice: JsonObject, held: HeldBack): JsonObject {
  let whole = choice;
  for (const [key, text] of held) whole = withPiece(whole, key.split('/').slice(1), text);
  return whole;
}

/** Appends to the text at `path`, creating missing members. */
function withPiece(choice: JsonObject, path: readonly string[], text: string): JsonObject {
  const [member = '', ...below] = path;
  if (member === 'text') return { ...choice, text: `${textIn(choice['text'])}${text}` };
  const delta = isObject(choice['delta']) ? choice['delta'] : {};
  if (member === 'tool_calls') {
    const [index = '0', kind = 'function', argument = 'arguments'] = below;
    const call = { index: Number(index), [kind]: { [argument]: text } };
    const calls = objectsIn(delta['tool_calls']);
    const merged = calls.some((one) => indexOf(one) === index)
      ? calls.map((one) => (indexOf(one) === index ? withArgument(one, kind, argument, text) : one))
      : [...calls, call];
    return { ...choice, delta: { ...delta, tool_calls: merged } };
  }
  if (member === 'function_call') {
    const called = isObject(delta['function_call']) ? delta['function_call'] : {};
    const written = `${textIn(called['arguments'])}${text}`;
    return { ...choice, delta: { ...delta, function_call: { ...called, arguments: written } } };
  }
  return { ...choice, delta: { ...delta, [member]: `${textIn(delta[member])}${text}` } };
}

function withArgument(call: JsonObject, kind: string, argument: string, text: string): JsonObject {
  const called = isObject(call[kind]) ? call[kind] : {};
  return { ...call, [kind]: { ...called, [argument]: `${textIn(called[argument])}${text}` } };
}

/** Choices with only the held-back texts, for a stream that ends without a last chunk. */
function heldChoices(held: HeldBack): readonly JsonObject[] {
  const byIndex = new Map<string, JsonObject>();
  for (const [key, text] of held) {
    const [index = '0', ...path] = key.split('/');
    const empty = { index: Number(index), finish_reason: null };
    byIndex.set(index, withPiece(byIndex.get(index) ?? empty, path, text));
  }
  return [...byIndex.values()];
}
