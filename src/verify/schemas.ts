/** Checks values against JSON schemas that callers send. */
import { Ajv } from 'ajv';
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

/**
 * Calls of one compiled schema's functions, of which each `$ref` is one: no answer of a small model has as many parts. Without a
 * bound, thirty definitions that name each other twice take hours.
 */
const MOST_STEPS = 5_000;
/** Of the schema of schemas, over the longest schema. */
const MOST_COMPILING = 50_000;

/** Alternatives of one place: compiling nine hundred takes a second. */
const MOST_BRANCHES = 100;
/** Items that are compared with each other, each with all. */
const MOST_UNIQUE = 1_000;

export function schemas(): Validate {
  // keyed by the text: two callers with one schema share it, and no value of theirs is kept
  const compiled = new LRUCache<string, { validate: Check | undefined }>({ max: KEPT });
  return (schema, value) => {
    const text = JSON.stringify(schema);
    if (text.length > MAX_SCHEMA_UNITS) return undefined;
    if (text.includes('"uniqueItems"') && longestList(value) > MOST_UNIQUE) return undefined;
    let known = compiled.get(text);
    if (known === undefined) compiled.set(text, (known = { validate: compile(schema) }));
    try {
      return known.validate?.(value);
    } catch {
      // It would be as long, or call itself as deeply, the next time.
      known.validate = undefined;
      return undefined;
    }
  };
}

type Check = (value: unknown) => boolean;

function compile(schema: JsonObject): Check | undefined {
  if (longestList(schema, /^(?:any|one|all)Of$/) > MOST_BRANCHES) return undefined;
  const steps = { left: 0 };
  const step = (): void => {
    steps.left -= 1;
    if (steps.left < 0) throw new RangeError('The schema takes too many steps.');
  };
  try {
    // one instance each, so that two schemas may have the same `$id`
    const ajv = new Ajv({
      strict: false,
      validateFormats: false,
      logger: false,
      // Else a definition would be written out wherever it is named.
      inlineRefs: false,
      code: { regExp: patterns, process: counted, optimize: false },
    });
    Object.assign(ajv, { step });
    steps.left = MOST_COMPILING;
    const validate = ajv.compile(schema);
    // Its failures would come as rejections that nobody waits for.
    if ('$async' in validate) return undefined;
    return (value) => {
      steps.left = MOST_STEPS;
      return validate(value);
    };
  } catch {
    return undefined;
  }
}

/** The code of a function of Ajv, which calls its instance `self`, with a step at its beginning. */
function counted(code: string): string {
  const head = code.indexOf('return function ');
  const end = code.indexOf(BODY, head);
  if (head === -1 || end === -1) throw new Error('A function that cannot be counted.');
  const body = end + BODY.length;
  return `${code.slice(0, body)}self.step();${code.slice(body)}`;
}

/** Ends the parameters of a function. */
const BODY = '){';

/** The length of the longest list in it; of those that are members of these names, where some are given. */
function longestList(value: unknown, named?: RegExp, name = ''): number {
  if (typeof value !== 'object' || value === null) return 0;
  const isCounted = Array.isArray(value) && named?.test(name) !== false;
  let longest = isCounted ? value.length : 0;
  for (const [member, inside] of Object.entries(value))
    longest = Math.max(longest, longestList(inside, named, member));
  return longest;
}
