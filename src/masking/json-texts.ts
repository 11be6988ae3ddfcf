/** Maps every text in a JSON value, as its receiver could read it. */

import type { Json, JsonObject } from '../lib/json.ts';

/** Names of members that are shorter hold nothing that a detector finds (`a@b.co`, `8.8.8.8`). */
const MIN_CHARS = 6;
/** JSON in a string of JSON in a string, as in tool arguments that quote a tool's result. */
const MAX_ESCAPE_DEPTH = 3;

/** Skips the usual member names, which are plain words. */
const mayHoldData = (name: string): boolean => name.length >= MIN_CHARS && /[\d@:\\%]/.test(name);

/** Members that hold audio, images and files in OpenAI's bodies. */
const MEDIA_MEMBERS = new Set(['data', 'file_data', 'b64_json']);
const DATA_URL = /^data:(?!text\/)[\w.+-]+\/[\w.+-]+;base64,[A-Za-z\d+/]*={0,2}$/;
const LONG_BASE64 = /^[A-Za-z\d+/]{2048,}={0,2}$/;

/** Base64 that is not decoded. */
const isMedia = (member: string, text: string): boolean =>
  DATA_URL.test(text) || (MEDIA_MEMBERS.has(member) && LONG_BASE64.test(text));

/**
 * The same value with every text and member name replaced by the result of `map`; the value itself where
 * nothing changes. In a text that is JSON, the strings are mapped unescaped, and everything between them
 * stays as it was written.
 */
export function mapTexts(value: Json, map: MapText, member = ''): Json {
  if (typeof value === 'string') return isMedia(member, value) ? value : mapText(value, map, 0);
  if (isList(value)) return mapList(value, map, member);
  return typeof value === 'object' && value !== null ? mapMembers(value, map) : value;
}

type MapText = (text: string) => string;

/** `Array.isArray` does not take a readonly list out of the union. */
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function mapList(list: readonly Json[], map: MapText, member: string): readonly Json[] {
  const mapped = list.map((item) => mapTexts(item, map, member));
  return mapped.some((item, at) => item !== list[at]) ? mapped : list;
}

function mapMembers(object: JsonObject, map: MapText): JsonObject {
  let isChanged = false;
  const mapped: [string, Json][] = [];
  for (const [name, value = null] of Object.entries(object)) {
    const newName = mayHoldData(name) ? map(name) : name;
    const newValue = mapTexts(value, map, name);
    isChanged ||= newName !== name || newValue !== value;
    mapped.push([newName, newValue]);
  }
  return isChanged ? Object.fromEntries(mapped) : object;
}

const LITERAL = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/g;

function mapText(text: string, map: MapText, depth: number): string {
  if (depth >= MAX_ESCAPE_DEPTH || !isJson(text)) return map(text);
  return text.replaceAll(LITERAL, (literal) => {
    const unescaped = String(JSON.parse(literal));
    const mapped = mapText(unescaped, map, depth + 1);
    return mapped === unescaped ? literal : JSON.stringify(mapped);
  });
}

/** True for the JSON of an object or a list; a single value counts as plain text. */
export function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
