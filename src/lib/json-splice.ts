/** Changes top-level members of a JSON object's text and leaves every other byte as it was. */

/** By member name: the JSON text that becomes its value, or undefined to take the member out. */
export type Splice = Readonly<Record<string, string | undefined>>;

interface Member {
  readonly name: string;
  /** Of the member, its name's quote included. */
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
 * `{"model":"x","n":1}`. Of a name that stands twice every occurrence changes, so that parsers which
 * take the first read the same as those which take the last. Names written with escapes count as what
 * they mean. Members that were not there are added at the end, in the splice's order.
 * @param json UTF-8 that is already known to parse as a JSON object.
 * @throws TypeError when the text is not an object, or ends inside it.
 */
export function spliceJson(json: Buffer, splice: Splice): Buffer {
  const names = Object.keys(splice);
  if (names.length === 0) return json;
  const { members, open, close } = topLevel(json);
  const parts: Buffer[] = [];
  const missing = new Set(names);
  let copied = open + 1;
  let kept = 0;
  for (const member of members) {
    const isNamed = Object.hasOwn(splice, member.name);
    const value = isNamed ? splice[member.name] : undefined;
    missing.delete(member.name);
    if (isNamed && value === undefined) {
      parts.push(json.subarray(copied, member.start));
      copied = member.end;
      // Its comma goes too: the one behind it, or, for the last, the one before.
      copied = skipComma(json, copied) ?? copied;
      continue;
    }
    kept += 1;
    if (value === undefined) continue;
    parts.push(json.subarray(copied, member.valueStart), Buffer.from(value));
    copied = member.end;
  }
  parts.push(json.subarray(copied, close));
  const body = trimComma(Buffer.concat([json.subarray(0, open + 1), ...parts]), open);
  const added = addedMembers(splice, missing, kept > 0);
  return Buffer.concat([body, Buffer.from(added), json.subarray(close)]);
}

function addedMembers(splice: Splice, missing: ReadonlySet<string>, hasOthers: boolean): string {
  let text = '';
  for (const name of missing) {
    const value = splice[name];
    if (value === undefined) continue;
    text += `${hasOthers || text !== '' ? ',' : ''}${JSON.stringify(name)}:${value}`;
  }
  return text;
}

/** The place after the comma that follows, or undefined when none does. */
function skipComma(json: Buffer, from: number): number | undefined {
  const at = skipSpace(json, from);
  return json[at] === COMMA ? at + 1 : undefined;
}

/** Takes off a comma that a removed last member left at the end. */
function trimComma(text: Buffer, open: number): Buffer {
  let end = text.length;
  while (end > open + 1 && isSpace(text[end - 1])) end -= 1;
  return text[end - 1] === COMMA ? text.subarray(0, end - 1) : text;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 32 || byte === 10 || byte === 13 || byte === 9;

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}

function topLevel(json: Buffer): { members: Member[]; open: number; close: number } {
  const open = skipSpace(json, json[0] === 0xef ? 3 : 0);
  if (json[open] !== OPEN_BRACE) throw new TypeError('not the text of a JSON object');
  const members: Member[] = [];
  let at = skipSpace(json, open + 1);
  while (json[at] !== CLOSE_BRACE) {
    const start = at;
    if (json[start] !== QUOTE) throw new TypeError('a JSON object ends inside a member');
    const nameEnd = stringEnd(json, start);
    const name = readName(json, start, nameEnd);
    const colon = skipSpace(json, nameEnd);
    if (json[colon] !== COLON) throw new TypeError('a JSON object ends inside a member');
    const valueStart = skipSpace(json, colon + 1);
    const end = valueEnd(json, valueStart);
    members.push({ name, start, valueStart, end });
    at = skipSpace(json, end);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  return { members, open, close: at };
}

function readName(json: Buffer, start: number, end: number): string {
  const raw = json.toString('utf8', start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  return String(JSON.parse(`"${raw}"`));
}

/** The place behind the string that opens at `start`. Long strings are searched natively. */
function stringEnd(json: Buffer, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) throw new TypeError('a JSON object ends inside a string');
    let slash = quote - 1;
    while (json[slash] === BACKSLASH) slash -= 1;
    if ((quote - slash) % 2 === 1) return quote + 1;
    at = quote + 1;
  }
}

/** The place behind the value that starts at `start`, without the space after it. */
function valueEnd(json: Buffer, start: number): number {
  const first = json[start];
  if (first === QUOTE) return stringEnd(json, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return scalarEnd(json, start);
  let depth = 0;
  for (let at = start; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = stringEnd(json, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw new TypeError('a JSON object ends inside a value');
}

function scalarEnd(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && !isScalarEnd(json[at])) at += 1;
  if (at === json.length || at === start) throw new TypeError('a JSON object ends inside a value');
  return at;
}

const isScalarEnd = (byte: number | undefined): boolean =>
  byte === COMMA || byte === CLOSE_BRACE || isSpace(byte);
