/** One walk over a JSON value: every text, number and member name in it, and what is no text. */
import type { UnreadKind } from '../core/unread.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import { decodedMedia, mayHoldMedia } from './encoded-media.ts';
import { unitAt } from '../lib/text-units.ts';
import type { PartKinds } from './part-kinds.ts';

/** Detectors find nothing shorter (`a@b.co`, `8.8.8.8`). */
const MIN_CHARS = 6;
/** From seven digits on a number may be a telephone's, a card's or an account's. */
const LEAST_NUMBER = 1_000_000;
/** Characters on each side of a seam between two neighbours; no address that is written in two has more. */
const SEAM = 64;
/** More figures in a row than an account's number has, or a card's in hex. */
const LONGEST_NUMBER = 48;
/**
 * Characters of what is read beside the members themselves: seams and announced values. Bodies made for it have twenty of
 * these for each of their own; the largest batch of embeddings with a seam behind each input has half as many.
 */
const MOST_DERIVED = 1_000_000;
/** The end of a member's name: the words that announce its value. */
const ANNOUNCING_END = 64;

/** Members that say where something lies at an upstream. */
const REMOTE: ReadonlySet<string> = new Set([
  'file_id',
  'file_ids',
  'vector_store_id',
  'vector_store_ids',
  'container_id',
]);

/** Members whose values are words of the API: they end nothing and begin nothing. */
const API_WORDS: ReadonlySet<string> = new Set(['role', 'type', 'model', 'object', 'status']);
/** Short words of small letters: nothing that is found is written so, and no encoding of it. */
const API_WORD = /^[a-z]{1,15}(?:[_.:/-][a-z]{1,15}){0,7}$/;

export class OutboundWalk implements PartKinds {
  readonly texts: string[] = [];
  readonly unread = new Set<UnreadKind>();
  /** Ids of what lies at an upstream. */
  readonly references = new Set<string>();
  results = 0;
  chars = 0;
  #derived = 0;
  /** The end of what was read last, for what is written in two pieces. */
  #tail = '';

  value(value: Json, name: string, above = ''): void {
    if (typeof value === 'string') this.text(value, name, above);
    else if (typeof value === 'number') this.#number(value, name, above);
    else if (isList(value)) this.#list(value, name, above);
    else if (value !== null && typeof value === 'object') this.#members(value, name);
  }

  #list(list: readonly Json[], name: string, above: string): void {
    for (const item of list) this.value(item, name, above);
    const text = list.length < MIN_CHARS ? undefined : textOfCodes(list);
    if (text !== undefined) this.texts.push(text);
  }

  #members(object: JsonObject, above: string): void {
    for (const name in object) {
      const value = object[name] ?? null;
      if (mayHoldData(name)) this.text(name, '');
      if (REMOTE.has(name)) this.#refer(value);
      this.value(value, name, above);
    }
  }

  /** What is no text there is a schema. */
  #refer(value: Json): void {
    if (isList(value)) for (const each of value) this.#refer(each);
    else if (typeof value === 'string' && value !== '') this.references.add(value);
  }

  text(text: string, name: string, above = ''): void {
    this.chars += text.length;
    if (API_WORDS.has(name)) {
      if (text.length < MIN_CHARS || API_WORD.test(text)) return;
      this.texts.push(text);
      // A server gets what is behind its name; behind a slash a number is taken for an id.
      const slash = text.indexOf('/');
      if (slash !== -1) this.texts.push(text.slice(slash + 1));
      return;
    }
    this.#join(text);
    if (mayHoldMedia(text) && this.#media(text)) return;
    if (text.length >= MIN_CHARS) this.texts.push(text);
    if (name !== '' && text.length <= 200 && ANNOUNCES.test(name)) this.#named(text, name, above);
  }

  /** True where the whole text is media. */
  #media(text: string): boolean {
    const { texts, unread } = decodedMedia(text);
    for (const decoded of texts) this.texts.push(decoded);
    for (const kind of unread) this.unread.add(kind);
    return unread.length > 0 && !/[\s"'<>]/.test(text.slice(0, 4096));
  }

  #number(value: number, name: string, above: string): void {
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < LEAST_NUMBER) {
      if (isSeamDigit(this.#tail)) this.#join(String(size));
      else this.#tail = String(size);
      return;
    }
    if (!Number.isFinite(value)) this.unread.add('unknown_number');
    const written = String(size);
    if (written.length < MIN_CHARS) return;
    this.chars += written.length;
    this.#tail = written;
    // Alone too: an id's name before it would make a card's number an id.
    this.texts.push(written);
    this.#named(written, name, above);
  }

  /** What a member is called announces its value as a word in a sentence does. */
  #named(text: string, name: string, above: string): void {
    const words = name.slice(-ANNOUNCING_END);
    this.#derive(`${above === '' ? '' : `${above.slice(-ANNOUNCING_END)} `}${words}: ${text}`);
  }

  #derive(text: string): void {
    this.#derived += text.length;
    if (this.#derived > MOST_DERIVED) this.unread.add('too_long');
    else this.texts.push(text);
  }

  /** Neighbours are also read as one text, where the seam may lie within a find. */
  #join(text: string): void {
    const left = this.#tail;
    if (text.length >= SEAM) this.#tail = text.slice(-SEAM);
    else this.#tail = (left + text).slice(-SEAM);
    if (left === '' || text === '') return;
    const right = text.slice(0, SEAM);
    const first = unitAt(right, 0);
    const last = unitAt(left, left.length - 1);
    if (isDigitUnit(first) && isDigitUnit(last)) {
      if (figuresAround(left, right) > LONGEST_NUMBER) return;
      this.#derive(left + right);
      this.#derive(`${left} ${right}`);
    } else if (first === AT || last === AT || (AT_NEAR.test(left) && isWord(first)))
      this.#derive(left + right);
  }
}

/** In a row, on both sides of the seam. */
function figuresAround(left: string, right: string): number {
  let from = left.length;
  while (from > 0 && isDigitUnit(unitAt(left, from - 1))) from--;
  let to = 0;
  while (to < right.length && isDigitUnit(unitAt(right, to))) to++;
  return left.length - from + to;
}

const AT = 64;

/** What a list of character codes says. Digits alone are ages and temperatures. */
function textOfCodes(list: readonly Json[]): string | undefined {
  let text = '';
  let hasLetters = false;
  for (const code of list) {
    if (typeof code !== 'number' || !(code >= 9 && code < 127) || !Number.isInteger(code))
      return undefined;
    hasLetters ||= code > 57;
    text += String.fromCharCode(code);
  }
  return hasLetters ? text : undefined;
}
const AT_NEAR = /@[\w.-]{0,40}$/;
const ANNOUNCES =
  /phone|tel|mobil|cell|fax|whatsapp|contact|msisdn|card|pan|iban|ssn|social|tax|passw|pwd|secret|token|key|credential|auth|pin\b|dni|nie|cpf|aadhaar|id_?number|passport/i;

const isDigitUnit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isWord = (unit: number): boolean =>
  isDigitUnit(unit) || (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 46;
const isSeamDigit = (tail: string): boolean => isDigitUnit(unitAt(tail, tail.length - 1));

/** `Array.isArray` does not take a readonly list out of the union. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Skips the usual member names, which are plain words. */
const mayHoldData = (name: string): boolean =>
  name.length >= MIN_CHARS && (name.length > LONGEST_NAME || !PLAIN_NAME.test(name));

/** As long as the shortest keys of providers. */
const LONGEST_NAME = 19;
const PLAIN_NAME = /^[A-Za-z_-]*\d{0,4}[A-Za-z_-]*$/;
