/** Parsed JSON of unknown origin: read it member by member, never cast it whole. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [member: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of an array; empty for any other value. */
export const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];

/** `''` for what is no text. */
export const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Neither absent nor null: OpenAI treats the two alike. */
export const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null;
