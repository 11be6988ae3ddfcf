/** Checks values against JSON schemas that callers send. */
import { Ajv, type ValidateFunction } from 'ajv';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../lib/json.ts';

/** Undefined where the schema cannot be used: then nothing is known. */
export type Validate = (schema: JsonObject, value: unknown) => boolean | undefined;

/** Compiled schemas that are kept; tools' are the same from request to request. */
const KEPT = 100;
/** Characters. A larger schema takes too long to compile beside other requests. */
const MAX_SCHEMA_UNITS = 20_000;
/** A pattern that repeats what repeats may take for ever. */
const NESTED_REPEAT = /[+*}]\)*[+*{]|\([^)]*[+*][^)]*\)[+*{]/;

export function schemas(): Validate {
  // keyed by the text: two callers with one schema share it, and no value of theirs is kept
  const compiled = new LRUCache<string, { readonly validate: ValidateFunction | undefined }>({
    max: KEPT,
  });
  return (schema, value) => {
    const text = JSON.stringify(schema);
    if (text.length > MAX_SCHEMA_UNITS) return undefined;
    let known = compiled.get(text);
    if (known === undefined) compiled.set(text, (known = { validate: compile(schema) }));
    return known.validate?.(value);
  };
}

function compile(schema: JsonObject): ValidateFunction | undefined {
  if (hasEndlessPattern(schema)) return undefined;
  try {
    // one instance each, so that two schemas may have the same `$id`
    const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
    return ajv.compile(schema);
  } catch {
    return undefined;
  }
}

function hasEndlessPattern(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, one]) => {
    if (name === 'pattern' && typeof one === 'string') return NESTED_REPEAT.test(one);
    if (name === 'patternProperties' && typeof one === 'object' && one !== null)
      return Object.keys(one).some((key) => NESTED_REPEAT.test(key)) || hasEndlessPattern(one);
    return hasEndlessPattern(one);
  });
}
