/** Reading JSON of unknown shape, for the mock. */
import type { Json } from '../../../src/lib/json.ts';

/** The value as a list; empty when it is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value if it is a string, else `otherwise`. */
export function stringOf(value: Json | undefined, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}
