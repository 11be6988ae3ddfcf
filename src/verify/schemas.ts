/** Checks values against JSON schemas that callers send. */
import { Ajv, type ValidateFunction } from 'ajv';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../lib/json.ts';
import { safePattern } from './safe-pattern.ts';

/** Undefined where the schema cannot be used: then nothing is known. */
export type Validate = (schema: JsonObject, value: unknown) => boolean | undefined;

/** Compiled schemas that are kept; tools' are the same from request to request. */
const KEPT = 100;
/** Characters. A larger schema takes too long to compile beside other requests. */
const MAX_SCHEMA_UNITS = 20_000;
/** `code`: how a compiled schema would name it in a file of its own, which is not made here. */
const patterns = Object.assign(safePattern, { code: 'safePattern' });

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
  try {
    // one instance each, so that two schemas may have the same `$id`
    const ajv = new Ajv({
      strict: false,
      validateFormats: false,
      logger: false,
      code: { regExp: patterns },
    });
    return ajv.compile(schema);
  } catch {
    return undefined;
  }
}
