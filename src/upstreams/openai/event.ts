/** Checks one event of a stream, and writes it as the caller receives it. */
import { UpstreamError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import type { StreamEvent } from '../../core/upstream.ts';
import { changedMembers, spliceJson, type Splice } from '../../lib/json-splice.ts';
import { DATA_OFFSET, DONE, frame } from '../../wire/events.ts';
import { withoutPythonNumbers } from '../../wire/python-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import type { Completeness } from '../../wire/choice-stream.ts';
import { hasUsageMember, isUsageChunk, tellsUsage, usageIn } from '../../wire/usage.ts';
import { failureIn } from './error-shapes.ts';
import { errorInAnswer, type RefusalContext } from './refusal.ts';
import type { TextForm } from './text-form.ts';
import type { UsageLast } from './usage-last.ts';

export interface EventOptions {
  readonly context: RefusalContext;
  readonly completeness: Completeness;
  /** True if the caller asked for usage: its events are sent. Else they have no bytes, and are for the record only. */
  readonly wantsUsage: boolean;
  /** Where the caller asked for usage, and not for it in each event. */
  readonly usageLast?: UsageLast;
  /** Members that replace the upstream's in every event (an id that is not unique). */
  readonly replaced: (data: JsonObject) => Splice | undefined;
  /** Reads an event and takes out of it what the caller is not to see; the very same object where that is nothing. */
  readonly taken?: (data: JsonObject) => JsonObject;
  /** Receives every event with a usage object. */
  readonly onUsage: (data: JsonObject) => unknown;
  /** Learns the form of events that bring text alone; absent where each is to be read. */
  readonly textForm?: TextForm;
  /** Every event that carries data is shown here, as the server sent it. */
  readonly onData?: (data: JsonObject) => void;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Undefined for events without content: comments, also those that a server sends as data, bare ids, empty data, pings.
 * @throws UpstreamError for an error event, and for an invalid event.
 */
export function interpret(event: SseEvent, options: EventOptions): StreamEvent | undefined {
  const text = event.data;
  if (text === undefined) requireNoError(event, options);
  if (text === undefined || EMPTY.has(text) || text.startsWith(':')) return undefined;
  if (isDone(text)) return DONE;
  const parsed = parseEvent(text, options);
  return spoken(parsed.text === text ? event : rewritten(event, parsed.text), parsed.data, options);
}

/** What is written of it is its data. */
const rewritten = (event: SseEvent, data: string): SseEvent => ({ ...event, data, isPlain: false });

function spoken(
  event: SseEvent,
  parsed: JsonObject,
  options: EventOptions,
): StreamEvent | undefined {
  const sent = options.taken?.(parsed) ?? parsed;
  const failure = failureIn(sent) ?? (event.name === 'error' ? sent : undefined);
  if (failure !== undefined) throw errorInAnswer(failure, options.context);
  if (isIdle(sent, options)) return undefined;
  const data = options.completeness.see(sent);
  options.onData?.(sent);
  if (usageIn(data) !== undefined) options.onUsage(data);
  const change = options.replaced(data);
  const changes = data === parsed ? change : { ...change, ...changedMembers(parsed, data) };
  const read = { bytes: bytesOf({ event, data, change: changes }, options), data };
  if (options.completeness.isAlike()) options.textForm?.learn(event, read);
  return read;
}

const EMPTY: ReadonlySet<string> = new Set(['', 'null']);

/** Servers write it in quotes or in lower case, too. */
export function isDone(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first !== OPEN_BRACKET && first !== QUOTE && first !== SPACE) return false;
  return /^\s*"?\[done\]"?\s*$/i.test(text);
}

/** A sign of life in a chat's stream, as data: clients that read its choices would fail. */
const isIdle = (data: JsonObject, { completeness }: EventOptions): boolean =>
  completeness.hasDone && !Array.isArray(data['choices']) && usageIn(data) === undefined;

/** An event of our own: the ends that the server left out. */
export function closingEvent(
  data: JsonObject,
  { replaced, wantsUsage }: EventOptions,
): StreamEvent {
  const json = Buffer.from(JSON.stringify(wantsUsage ? { ...data, usage: null } : data));
  return { bytes: frame(spliceJson(json, replaced(data) ?? {}), undefined), data };
}

interface Change {
  readonly event: SseEvent;
  readonly data: JsonObject;
  readonly change: Splice | undefined;
}

function bytesOf(read: Change, options: EventOptions): Buffer {
  const { event, data, change } = read;
  if (!hasUsageMember(data) || !options.completeness.hasDone) return outgoing(event, change);
  const isAlone = isUsageChunk(data);
  if (!options.wantsUsage) {
    return isAlone ? NO_BYTES : outgoing(event, { ...change, usage: undefined });
  }
  const { usageLast } = options;
  if (usageLast === undefined || usageIn(data) === undefined) return outgoing(event, change);
  if (tellsUsage(data)) {
    usageLast.keep(isAlone ? { bytes: outgoing(event, change), data } : usageAlone(read));
  }
  return isAlone ? NO_BYTES : outgoing(event, { ...change, usage: 'null' });
}

/** The usage that came with a text. */
function usageAlone({ data, change = {} }: Change): StreamEvent {
  const { choices: _choices, usage: _usage, ...stamp } = change;
  const alone = { ...data, choices: [] };
  const json = spliceJson(Buffer.from(JSON.stringify(alone)), stamp);
  return { bytes: frame(json, undefined), data: alone };
}

const SPACE = 32;
const QUOTE = 34;
const OPEN_BRACKET = 91;

const OPEN_BRACE = 123;

/** @throws UpstreamError for an error that a server wrote between its events, without `data:`. */
function requireNoError({ bytes }: SseEvent, { context }: EventOptions): void {
  if (bytes[0] !== OPEN_BRACE) return;
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString());
  } catch {
    return;
  }
  const failure = isObject(data) ? failureIn(data) : undefined;
  if (failure !== undefined) throw errorInAnswer(failure, context);
}

interface Parsed {
  readonly text: string;
  readonly data: JsonObject;
}

function parseEvent(text: string, options: EventOptions): Parsed {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    const mended = withoutPythonNumbers(text);
    if (mended !== undefined) return parseEvent(mended, options);
    throw badEvent(options, 'an event is not JSON', cause);
  }
  if (isObject(data)) return { text, data };
  throw badEvent(options, 'an event is not a JSON object');
}

export const badEvent = ({ context }: EventOptions, what: string, cause?: unknown): UpstreamError =>
  new UpstreamError('bad_answer', `'${context.upstream}' sent a broken stream: ${what}.`, {
    cause,
  });

/** The event's own bytes if every client can read them; else written again. */
function outgoing(event: SseEvent, change: Splice | undefined): Buffer {
  if (event.isPlain && change === undefined) return event.bytes;
  if (event.isPlain && event.name === undefined) {
    return spliceJson(event.bytes, change ?? {}, DATA_OFFSET);
  }
  const text = event.data ?? '';
  // A line feed between JSON tokens is whitespace; clients that read line by line would split there.
  const json = Buffer.from(text.includes('\n') ? text.replaceAll('\n', ' ') : text);
  return frame(spliceJson(json, change ?? {}), event.name);
}
