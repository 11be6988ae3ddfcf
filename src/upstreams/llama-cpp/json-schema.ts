/**
 * Which JSON schemas the grammar really enforces. The library silently weakens members that it does not know, so a schema is
 * checked member by member first, and refused if it cannot be enforced.
 */
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { UpstreamError } from '../../core/errors.ts';

const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
]);
/** For each member the types it applies to; undefined: any. */
const ENFORCED = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'enum',
  'const',
  'oneOf',
  'anyOf',
  '$ref',
  '$defs',
  'format',
]);
const FORMATS = new Set(['date', 'time', 'date-time']);

const refuse = (path: string, what: string): never => {
  throw new UpstreamError(
    'not_capable',
    `The embedded model cannot enforce ${what} at ${path} of the JSON schema: leave it out, or use a model that can.`,
  );
};

/**
 * The schema as the grammar builder takes it: annotations gone, `anyOf` as `oneOf` (any branch that can be written satisfies
 * both), `type` lists spelt out. Throws `not_capable` naming the member without an equivalent.
 */
export function enforceableSchema(schema: JsonObject): JsonObject {
  return convert(schema, '#');
}

function convert(schema: Json | undefined, path: string): JsonObject {
  if (!isObject(schema)) return refuse(path, 'a schema that is not an object');
  const kept: Record<string, Json> = {};
  for (const [member, value] of Object.entries(schema)) {
    if (value === undefined || ANNOTATIONS.has(member)) continue;
    if (!ENFORCED.has(member)) refuse(path, `"${member}"`);
    const [name, converted] = convertMember(member, value, path);
    kept[name] = converted;
  }
  return checked(spreadTypes(kept), path);
}

function convertMember(member: string, value: Json, path: string): [string, Json] {
  const at = `${path}/${member}`;
  switch (member) {
    case 'properties':
    case '$defs':
      return [member, convertEach(value, at)];
    case 'items':
      return [member, convert(value, at)];
    case 'additionalProperties':
      return [member, typeof value === 'boolean' ? value : convert(value, at)];
    case 'prefixItems':
      return [member, convertList(value, at)];
    case 'oneOf':
    case 'anyOf':
      return ['oneOf', convertList(value, at)];
    default:
      return [member, value];
  }
}

function convertEach(value: Json, path: string): JsonObject {
  if (!isObject(value)) return refuse(path, 'a member that is not an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [name, convert(schema, `${path}/${name}`)]),
  );
}

function convertList(value: Json, path: string): Json[] {
  if (!Array.isArray(value)) return refuse(path, 'a member that is not a list');
  return value.map((schema: Json, index) => convert(schema, `${path}/${index}`));
}

/** `type: ["object", "null"]` becomes `oneOf`, because the builder accepts only lists of plain types. */
function spreadTypes(schema: Readonly<Record<string, Json>>): JsonObject {
  const { type, ...rest } = schema;
  if (!Array.isArray(type) || type.length < 2) return schema;
  const plain = type.every((name) => name !== 'object' && name !== 'array');
  if (plain && Object.keys(rest).length === 0) return schema;
  const branch = (name: Json): JsonObject =>
    name === 'null' ? { type: name } : Object.assign({ type: name }, rest);
  return { oneOf: type.map(branch) };
}

const isLocalReference = (reference: Json): boolean =>
  typeof reference === 'string' && reference.startsWith('#/$defs/');

function checked(schema: JsonObject, path: string): JsonObject {
  const { type, format, $ref: reference } = schema;
  const shaped = ['oneOf', 'enum', 'const', '$ref'].some((member) => schema[member] !== undefined);
  if (type === undefined && !shaped) return refuse(path, 'a schema without a "type"');
  if (format !== undefined && !(typeof format === 'string' && FORMATS.has(format)))
    refuse(path, `"format": ${JSON.stringify(format)}`);
  if (reference !== undefined && !isLocalReference(reference))
    refuse(path, `"$ref": ${JSON.stringify(reference)}`);
  return schema;
}
