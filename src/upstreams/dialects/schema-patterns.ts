/**
 * Patterns of JSON schemas that llama.cpp's grammars cannot have. For one of them it refuses the whole request, whichever tool it belongs
 * to and whether that is called or not ("Pattern must start with '^' and end with '$'", "unknown escape"), and so do servers that are
 * built on it. Such a pattern is left out there; a small answer is checked against the schema as its caller sent it.
 */
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { inLongMembers, type Rewrite } from './long-members.ts';

export const toolPatternsFitted = inLongMembers('tool patterns', ({ tools }) => {
  const fitted = fittedSchema(tools ?? null);
  return tools === undefined || fitted === tools ? undefined : { tools: fitted };
});

export const formatPatternsFitted: Rewrite = ({ response_format: format }) => {
  if (!isObject(format)) return undefined;
  const fitted = fittedSchema(format);
  return fitted === format ? undefined : { response_format: fitted };
};

/** Anchored on both sides, of characters, classes, groups and counts, without names of classes (`\d`) and looks around. */
const TAKEN = /^\^(?:\\[^\w\s]|\[(?:[^\]\\]|\\[^\w\s])+\]|\((?!\?)|[^\\^$[(])*\$$/;
const LAZY = /[*+?}]\?/;

const isTaken = (pattern: string): boolean => TAKEN.test(pattern) && !LAZY.test(pattern);

/** Members whose own members are named by the caller: a property may be called `pattern`. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);
/** Values, and no schemas. */
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** The very same where nothing is left out. As deep as bodies may be. */
function fittedSchema(schema: Json): Json {
  if (Array.isArray(schema)) return fittedList(schema);
  if (!isObject(schema)) return schema;
  return fittedMembers(schema, (name, value) => {
    if (name === 'pattern' && typeof value === 'string') return isTaken(value) ? value : undefined;
    if (VALUES.has(name)) return value;
    if (NAMED.has(name) && isObject(value))
      return fittedMembers(value, (_name, each) => fittedSchema(each));
    return fittedSchema(value);
  });
}

function fittedList(list: readonly Json[]): Json {
  const fitted = list.map(fittedSchema);
  return fitted.every((one, at) => one === list[at]) ? list : fitted;
}

function fittedMembers(
  members: JsonObject,
  fit: (name: string, value: Json) => Json | undefined,
): JsonObject {
  let isChanged = false;
  const kept: [string, Json][] = [];
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    const fitted = fit(name, value);
    isChanged ||= fitted !== value;
    if (fitted !== undefined) kept.push([name, fitted]);
  }
  return isChanged ? Object.fromEntries(kept) : members;
}
