/** Changes top-level members in the text of a JSON object and keeps every other byte. */
import { closingQuote } from './json-strings.ts';
import type { JsonObject } from './json.ts';

/** By member name (ASCII): the JSON text of the new value, or undefined to remove the member. */
export type Splice = Readonly<Record<string, string | undefined>>;

/** A member and its place in the text. */
interface PlacedMember {
  readonly name: string;
  /** Of the member, the opening quote of its name included. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/**
 * Sets, replaces or removes members: `{"model":"auto","n":1}` with `{ model: '"x"' }` becomes
 * `{"model":"x","n":1}`. Every occurrence of a duplicate name changes, so that parsers which keep the first
 * read the same as those which keep the last. Escapes in names are resolved. Members that were not there
 * are added at the end, in the splice's order.
 * @param json UTF-8 that is already known to parse as a JSON object.
 * @param from Where that object begins; the bytes before and after it are kept.
 * @throws TypeError when there is no object, or it is cut off.
 */
export function spliceJson(json: Buffer, splice: Splice, from = 0): Buffer {
  if (Object.keys(splice).length === 0) return json;
  const out = writer(json, splice);
  writeSpliced(json, splice, findMembers(json, Object.keys(splice), from), out);
  return out.done();
}

/** What makes an object's text that of another, which differs from it in some members and lacks none. */
export const changedMembers = (from: JsonObject, to: JsonObject): Splice =>
  Object.fromEntries(
    Object.entries(to)
      .filter(([name, value]) => value !== from[name])
      .map(([name, value]) => [name, JSON.stringify(value)]),
  );

/**
 * The same in pieces, one after the other: most of them are parts of `json` itself, so that a large text is not in memory twice.
 */
export function splicedPieces(
  json: Buffer,
  splice: Splice,
  placed?: PlacedMembers,
): readonly Buffer[] {
  const out = pieceWriter(json);
  const names = Object.keys(splice);
  const found = placed === undefined ? findMembers(json, names, 0) : foundIn(placed, splice);
  writeSpliced(json, splice, found, out);
  return out.done();
}

/** All members of an object, in the order of its text. */
export interface PlacedMembers {
  readonly members: readonly PlacedMember[];
  /** Of the braces. */
  readonly open: number;
  readonly close: number;
}

/** Where the members of an object lie. @throws TypeError as `spliceJson` */
export function membersIn(json: Buffer): PlacedMembers {
  const { hits: members, open, close } = findMembers(json, undefined, 0);
  return { members, open, close };
}

function foundIn({ members, open, close }: PlacedMembers, splice: Splice): Members {
  const hits = members.filter(({ name }) => Object.hasOwn(splice, name));
  return { hits, others: members.length - hits.length, open, close };
}

function writeSpliced(
  json: Buffer,
  splice: Splice,
  { hits, others, open, close }: Members,
  out: Writer<unknown>,
): void {
  const names = Object.keys(splice);
  let copied = 0;
  let kept = others;
  for (const { name, start, valueStart, end } of hits) {
    const value = splice[name];
    out.copy(copied, value === undefined ? start : valueStart);
    copied = value === undefined ? afterComma(json, end) : end;
    if (value === undefined) continue;
    out.text(value);
    kept += 1;
  }
  out.copy(copied, close);
  if (hits.length > 0) out.dropComma(open);
  for (const name of names) {
    const value = hits.some((hit) => hit.name === name) ? undefined : splice[name];
    if (value === undefined) continue;
    out.text(`${kept === 0 ? '' : ','}${JSON.stringify(name)}:${value}`);
    kept += 1;
  }
  out.copy(close, json.length);
}

interface Writer<Written> {
  copy(from: number, to: number): void;
  text(text: string): void;
  /** Removes the trailing comma, and the space after it, that a removed last member left. */
  dropComma(open: number): void;
  done(): Written;
}

/** Writes into one buffer, allocated for the longest possible result. */
function writer(json: Buffer, splice: Splice): Writer<Buffer> {
  let size = json.length;
  for (const name in splice) {
    // UTF-8 needs at most 3 bytes for each of a string's units; 4 = a name's quotes, colon and comma.
    size += 3 * (2 * name.length + (splice[name]?.length ?? 0)) + 4;
  }
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  return {
    copy: (from, to) => {
      at += json.copy(out, at, from, to);
    },
    text: (text) => {
      at += out.write(text, at);
    },
    dropComma: (open) => {
      let end = at;
      while (end > open + 1 && isSpace(out[end - 1])) end -= 1;
      if (out[end - 1] === COMMA) at = end - 1;
    },
    done: () => out.subarray(0, at),
  };
}

function pieceWriter(json: Buffer): Writer<readonly Buffer[]> {
  const pieces: Buffer[] = [];
  const add = (piece: Buffer): void => {
    if (piece.length > 0) pieces.push(piece);
  };
  return {
    copy: (from, to) => add(json.subarray(from, to)),
    text: (text) => add(Buffer.from(text)),
    dropComma: () => {
      for (let at = pieces.length - 1; at >= 0; at -= 1) {
        const piece = pieces[at]!;
        let end = piece.length;
        while (end > 0 && isSpace(piece[end - 1])) end -= 1;
        if (end === 0) continue;
        if (piece[end - 1] === COMMA) pieces.splice(at, Infinity, piece.subarray(0, end - 1));
        return;
      }
    },
    done: () => pieces,
  };
}

/** The offset after the next comma, or `from` where none follows. */
function afterComma(json: Buffer, from: number): number {
  const at = skipSpace(json, from);
  return json[at] === COMMA ? at + 1 : from;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 32 || byte === 10 || byte === 13 || byte === 9;

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}

interface Members {
  readonly hits: readonly PlacedMember[];
  /** How many members have other names. */
  readonly others: number;
  /** Of the braces. */
  readonly open: number;
  readonly close: number;
}

/** @param names undefined: all are looked for */
function findMembers(json: Buffer, names: readonly string[] | undefined, from: number): Members {
  const open = skipSpace(json, json[from] === 0xef ? from + 3 : from);
  if (json[open] !== OPEN_BRACE) throw new TypeError('not the text of a JSON object');
  const hits: PlacedMember[] = [];
  let others = 0;
  let at = skipSpace(json, open + 1);
  while (json[at] !== CLOSE_BRACE) {
    const start = at;
    if (json[start] !== QUOTE) throw new TypeError('a JSON object ends inside a member');
    const nameEnd = stringEnd(json, start);
    const colon = skipSpace(json, nameEnd);
    if (json[colon] !== COLON) throw new TypeError('a JSON object ends inside a member');
    const valueStart = skipSpace(json, colon + 1);
    const end = valueEnd(json, valueStart);
    const name =
      names === undefined
        ? String(JSON.parse(json.toString('utf8', start, nameEnd)))
        : nameAmong(names, json, start + 1, nameEnd - 1);
    if (name === undefined) others += 1;
    else hits.push({ name, start, valueStart, end });
    at = skipSpace(json, end);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  return { hits, others, open, close: at };
}

/** The name at this offset, if it is one of `names`; compared in place, since most members are not. */
function nameAmong(
  names: readonly string[],
  json: Buffer,
  start: number,
  end: number,
): string | undefined {
  for (let at = start; at < end; at += 1) {
    if (json[at] !== BACKSLASH) continue;
    const unescaped = String(JSON.parse(`"${json.toString('utf8', start, end)}"`));
    return names.find((name) => name === unescaped);
  }
  return names.find((name) => isAt(name, json, start, end));
}

function isAt(name: string, json: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i += 1) {
    if (json[start + i] !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** The offset after the string that starts at `start`. */
function stringEnd(json: Buffer, start: number): number {
  const end = closingQuote(json, start + 1);
  if (end === -1) throw new TypeError('a JSON object ends inside a string');
  return end + 1;
}

/** The offset after the value that starts at `start`, without the space that follows. */
function valueEnd(json: Buffer, start: number): number {
  const first = json[start];
  if (first === QUOTE) return stringEnd(json, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalarEnd(json, start);
  let depth = 1;
  let at = start + 1;
  while (at < json.length) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      at = stringEnd(json, at);
      continue;
    }
    at += 1;
    // Fast path: digits, commas, spaces and capitals are most of the bytes between strings.
    if (byte < OPEN_BRACKET) continue;
    depth += depthChange(byte);
    if (depth === 0) return at;
  }
  throw new TypeError('a JSON object ends inside a value');
}

function depthChange(byte: number): number {
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return 1;
  return byte === CLOSE_BRACE || byte === CLOSE_BRACKET ? -1 : 0;
}

function scalarEnd(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && !isScalarEnd(json[at])) at += 1;
  if (at === json.length || at === start) throw new TypeError('a JSON object ends inside a value');
  return at;
}

const isScalarEnd = (byte: number | undefined): boolean =>
  byte === COMMA || byte === CLOSE_BRACE || isSpace(byte);
