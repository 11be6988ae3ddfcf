/** A value that fits a JSON schema: deterministic, small, and sufficient for the schemas that SDKs send. */
import { isObject, type Json, type JsonObject } from '../../../src/lib/json.ts';
import { isList, listOf } from './json.ts';

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  email: 'someone@example.org',
  uri: 'https://example.org/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
};

const DEEPEST = 12;

/** @param root - where `$ref` pointers start; the schema itself by default. */
export function valueFor(
  schema: Json | undefined,
  root: Json | undefined = schema,
  depth = 0,
): Json {
  if (!isObject(schema) || depth > DEEPEST) return null;
  const chosen = chosenValue(schema);
  if (chosen !== undefined) return chosen;
  const inner = innerSchema(schema, root);
  if (inner !== undefined) return valueFor(inner, root, depth + 1);
  return typedValue(schema, root, depth);
}

function chosenValue(schema: JsonObject): Json | undefined {
  if (schema['const'] !== undefined) return schema['const'];
  return listOf(schema['enum'])[0];
}

function innerSchema(schema: JsonObject, root: Json | undefined): Json | undefined {
  const pointer = schema['$ref'];
  if (typeof pointer === 'string') return resolve(pointer, root);
  for (const member of ['anyOf', 'oneOf']) {
    const options = schema[member];
    if (isList(options)) return options[0];
  }
  const all = schema['allOf'];
  if (!isList(all)) return undefined;
  return Object.fromEntries(all.filter(isObject).flatMap((part) => Object.entries(part)));
}

function resolve(pointer: string, root: Json | undefined): Json | undefined {
  let at: Json | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    if (!isObject(at)) return undefined;
    at = at[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return at;
}

function typedValue(schema: JsonObject, root: Json | undefined, depth: number): Json {
  const type = isList(schema['type']) ? schema['type'][0] : schema['type'];
  switch (typeof type === 'string' ? type : 'object') {
    case 'string':
      return stringFor(schema);
    case 'integer':
    case 'number':
      return numberFor(schema);
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: Math.max(1, numberOf(schema['minItems'], 1)) }, () =>
        valueFor(schema['items'], root, depth + 1),
      );
    case 'null':
      return null;
    default:
      return objectFor(schema, root, depth);
  }
}

function stringFor(schema: JsonObject): string {
  const format = schema['format'];
  const text = (typeof format === 'string' ? FORMATS[format] : undefined) ?? 'text';
  return text
    .padEnd(numberOf(schema['minLength'], 0), 'x')
    .slice(0, numberOf(schema['maxLength'], 1e6));
}

function numberFor(schema: JsonObject): number {
  const low = numberOf(schema['minimum'], numberOf(schema['exclusiveMinimum'], 0) + 1);
  return Math.min(low, numberOf(schema['maximum'], low));
}

function objectFor(schema: JsonObject, root: Json | undefined, depth: number): JsonObject {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, valueFor(inner, root, depth + 1)]),
  );
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
