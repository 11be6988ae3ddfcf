/**
 * A fast path for chat streams: most of their events differ in nothing but the text. The bytes around the text are learned from an event
 * that was parsed and checked. Of later events with the same bytes only the text is read, by one comparison instead of parsing, checking
 * and writing JSON.
 */
import type { StreamEvent } from '../../core/upstream.ts';
import { isGiven, isObject, type JsonObject } from '../../lib/json.ts';
import { textEnd } from '../../lib/json-strings.ts';
import type { SseEvent } from '../../wire/sse.ts';

/** After this many forms in a row that no event matched, no more are learned. */
const MOST_UNUSED = 3;

/** The form of one stream's events, once it is known. */
export class TextForm {
  #form: Form | undefined;
  #unused = 0;

  /** Shown each event that was read, and in which nothing had to be mended that is not mended in all that are like it. */
  learn({ bytes, isPlain, name }: SseEvent, read: StreamEvent): void {
    if (this.#unused >= MOST_UNUSED) this.#form = undefined;
    if (this.#unused >= MOST_UNUSED || !isPlain || name !== undefined) return;
    const text = read.data === undefined ? undefined : onlyText(read.data);
    if (text === undefined) return;
    this.#unused += 1;
    this.#form = formOf(bytes, read.bytes, text);
  }

  /**
   * Gives `take` the events at the beginning of `chunk` that have the form.
   * @returns how many bytes they are
   */
  takeFrom(chunk: Buffer, take: (event: StreamEvent) => void): number {
    const form = this.#form;
    if (form === undefined) return 0;
    const units = chunk.toString('latin1');
    let at = 0;
    while (at < units.length) {
      const end = takeOne(form, { chunk, units, at }, take);
      if (end === -1) break;
      at = end;
    }
    if (at > 0) this.#unused = 0;
    return at;
  }
}

/** Of bytes, each as a character: around the text, in what the server sends and in what its caller gets. */
interface Form {
  readonly sent: Around;
  readonly given: Around;
  readonly isSame: boolean;
}

interface Around {
  /** To the quote before the text. */
  readonly before: string;
  /** From the quote behind it, to that before OpenAI's random letters (`obfuscation`) where there are any. */
  readonly after: string;
  /** From the quote behind those. */
  readonly end: string | undefined;
}

/** An event that has the form. */
class TextEvent implements StreamEvent {
  readonly text: string;
  readonly latin1: string;
  readonly #sent: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string, latin1: string, sent: string) {
    this.text = text;
    this.latin1 = latin1;
    this.#sent = sent;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(this.latin1, 'latin1');
    return this.#bytes;
  }

  get data(): JsonObject {
    return parsed(this.#sent);
  }
}

interface Place {
  readonly chunk: Buffer;
  /** The same, each byte a character. */
  readonly units: string;
  readonly at: number;
}

/** Where the event ends; -1 where it has another form. */
function takeOne(
  { sent, given, isSame }: Form,
  { chunk, units, at }: Place,
  take: (event: StreamEvent) => void,
): number {
  if (!units.startsWith(sent.before, at)) return -1;
  const start = at + sent.before.length;
  const end = textEnd(units, start);
  if (end <= start || !units.startsWith(sent.after, end)) return -1;
  const inside = units.slice(start, end);
  const text = isShortAscii(inside) ? inside : textOf(inside, chunk, start);
  if (text === undefined) return -1;
  const padded = end + sent.after.length;
  const padding = sent.end === undefined ? '' : paddingAt(units, padded, sent.end);
  if (padding === undefined) return -1;
  const over = padded + padding.length + (sent.end?.length ?? 0);
  const own = units.slice(at, over);
  const latin1 = isSame ? own : given.before + inside + given.after + padding + (given.end ?? '');
  take(new TextEvent(text, latin1, own));
  return over;
}

/** Undefined where that is no plain text, or something else stands behind it. */
function paddingAt(units: string, start: number, behind: string): string | undefined {
  const end = textEnd(units, start);
  if (end === -1 || !units.startsWith(behind, end)) return undefined;
  const padding = units.slice(start, end);
  return padding.includes('\\') ? undefined : padding;
}

const BACKSLASH = 92;
const MOST_ASCII = 127;

/** V8 keeps all of the text that a longer piece was cut from for as long as the piece (`SlicedString::kMinLength`). */
const MOST_CUT_OUT = 12;

/** It stands for itself: no escape, and each byte is a character. */
function isShortAscii(inside: string): boolean {
  if (inside.length > MOST_CUT_OUT) return false;
  for (let at = 0; at < inside.length; at += 1) {
    const unit = inside.charCodeAt(at);
    if (unit > MOST_ASCII || unit === BACKSLASH) return false;
  }
  return true;
}

/** What stands in a JSON string, read out of its bytes; undefined where that is none. */
function textOf(inside: string, bytes: Buffer, start: number): string | undefined {
  const end = start + inside.length;
  if (!inside.includes('\\')) return bytes.toString('utf8', start, end);
  try {
    return String(JSON.parse(bytes.toString('utf8', start - 1, end + 1)));
  } catch {
    return undefined;
  }
}

/** The content of an event that says nothing else: no end, no call, no usage, no probabilities. */
function onlyText({ choices, ...others }: JsonObject): string | undefined {
  if (!Array.isArray(choices) || choices.length !== 1 || holdsMore(others)) return undefined;
  const [choice] = choices;
  if (!isObject(choice)) return undefined;
  const { delta, index, ...ends } = choice;
  return index === 0 && isObject(delta) && !isSomeGiven(ends) ? contentIn(delta) : undefined;
}

function contentIn({ content, role = 'assistant', ...others }: JsonObject): string | undefined {
  if (role !== 'assistant' || isSomeGiven(others)) return undefined;
  return typeof content === 'string' && content !== '' ? content : undefined;
}

const isSomeGiven = (members: JsonObject): boolean => Object.values(members).some(isGiven);

const holdsMore = (members: JsonObject): boolean =>
  Object.values(members).some((value) => typeof value === 'object' && value !== null);

function formOf(sentBytes: Buffer, givenBytes: Uint8Array, text: string): Form | undefined {
  const sent = around(sentBytes, text);
  const isSame = sentBytes === givenBytes;
  const given = isSame ? sent : around(Buffer.from(givenBytes), text);
  return sent && given && { sent, given, isSame };
}

/** Around the content. Undefined where it may be another member's. */
function around(bytes: Buffer, text: string): Around | undefined {
  const units = bytes.toString('latin1');
  const content = placeOf('"content"', units);
  if (content === undefined) return undefined;
  const { start, end } = content;
  if (textOf(units.slice(start, end), bytes, start) !== text) return undefined;
  const [before, after] = [units.slice(0, start), units.slice(end)];
  if (before.includes('\\') || after.includes('\\')) return undefined;
  const padding = placeOf('"obfuscation"', after);
  if (padding === undefined) return { before, after, end: undefined };
  return { before, after: after.slice(0, padding.start), end: after.slice(padding.end) };
}

/**
 * Where a text stands that a member has by this name. A name that stands once is the member's, as no string holds a bare quote, unless
 * names are written with escapes. Undefined where it stands twice or never.
 */
function placeOf(name: string, units: string): { start: number; end: number } | undefined {
  const at = units.indexOf(name);
  if (at === -1 || at !== units.lastIndexOf(name)) return undefined;
  const named = at + name.length;
  const start = units.indexOf('"', named) + 1;
  const end = textEnd(units, start);
  return end !== -1 && units.slice(named, start - 1).trim() === ':' ? { start, end } : undefined;
}

/** Of `data: {…}` and a blank line, each byte a character. */
const parsed = (units: string): JsonObject =>
  // Parsed before, but for its text, which is a JSON string.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  JSON.parse(Buffer.from(units, 'latin1').toString('utf8', 'data: '.length)) as JsonObject;
