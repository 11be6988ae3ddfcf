/** Members of JSON of unknown origin, read as what they should be. */
import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** The objects of an array; nothing where it is no array. */
export const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];

export const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Neither left out nor null: OpenAI takes the two for the same. */
export const isGiven = (value: Json | undefined): boolean => value !== undefined && value !== null;
