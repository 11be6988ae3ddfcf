/**
 * The outline of a large JSON object, for a thread that has not read it: short members as values, long ones as positions, to be parsed
 * when they are asked for.
 */
import type { Json, JsonObject } from './json.ts';
import { membersIn } from './json-splice.ts';

/** Bytes of JSON; a longer value is told by its place. */
const SHORT_BYTES = 4096;
/** An object with more members is parsed as a whole. */
const MOST_MEMBERS = 1000;

/** In the order of the text. Offsets are bytes. */
interface OutlinedMember {
  readonly name: string;
  /** Of the opening quote of its name. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** Absent: it is long. */
  readonly value?: Json;
}

/** Plain data, a few kilobytes. */
export interface JsonOutline {
  readonly members: readonly OutlinedMember[];
  /** Of the braces. */
  readonly open: number;
  readonly close: number;
}

/**
 * Undefined for an object of very many members, which is not told shorter than it is.
 * @param json a JSON object, no member of it twice
 * @param body the same, parsed
 */
export function outlineOf(json: Buffer, body: JsonObject): JsonOutline | undefined {
  if (Object.keys(body).length > MOST_MEMBERS) return undefined;
  const { members, open, close } = membersIn(json);
  const told = members.map((member): OutlinedMember => {
    const { name, start, valueStart, end } = member;
    const isLong = end - valueStart > SHORT_BYTES;
    return isLong ? member : { name, start, valueStart, end, value: body[name] ?? null };
  });
  return { members: told, open, close };
}

/** Makes what reads one member, and reads it once. */
function reader(json: Buffer, { valueStart, end }: OutlinedMember): () => Json {
  let value: Json | undefined;
  // It was parsed before, as a part of the whole.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return () => (value ??= JSON.parse(json.toString('utf8', valueStart, end)) as Json);
}

/** Objects with members that nobody has read yet. */
const unread = new WeakSet<JsonObject>();

/**
 * The object that was outlined: reading a long member parses it, in a time that grows with its length.
 * @param json the bytes that were outlined
 */
export function outlined(json: Buffer, { members }: JsonOutline): JsonObject {
  const body: Record<string, Json> = {};
  for (const member of members) {
    const { name, value } = member;
    const how = value === undefined ? { get: reader(json, member) } : { value, writable: true };
    Object.defineProperty(body, name, { ...how, enumerable: true, configurable: true });
  }
  unread.add(body);
  return body;
}

/** The object with some members set. Long ones that are not among them stay unread, where a copy by spreading reads all. */
export function withMembers(
  body: JsonObject,
  changes: Readonly<Record<string, Json | undefined>>,
): JsonObject {
  if (!unread.has(body)) return { ...body, ...changes };
  const copy: Record<string, Json | undefined> = {};
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(body));
  for (const name in changes)
    Object.defineProperty(copy, name, {
      value: changes[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  unread.add(copy);
  return copy;
}
