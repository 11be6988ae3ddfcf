/**
 * Validates an answer against OpenAI's specification. `test/fixtures/openai-schemas.json` is the part of
 * it (MIT licence) that describes the gateway's answers.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

const SCHEMAS = {
  chat: 'CreateChatCompletionResponse',
  'chat chunk': 'CreateChatCompletionStreamResponse',
  'chat request': 'CreateChatCompletionRequest',
  completion: 'CreateCompletionResponse',
  embeddings: 'CreateEmbeddingResponse',
  models: 'ListModelsResponse',
  model: 'Model',
  response: 'Response',
  'input item': 'InputItem',
  'response event': 'by its type',
  error: 'ErrorResponse',
} as const;

export type SchemaName = keyof typeof SCHEMAS;

interface Schemas {
  readonly $id: string;
  readonly $defs: Readonly<
    Record<
      string,
      { readonly properties?: { readonly type?: { readonly enum?: readonly string[] } } }
    >
  >;
}

const FILE = join(import.meta.dirname, '../fixtures/openai-schemas.json');
const schemas = JSON.parse(readFileSync(FILE, 'utf8')) as Schemas; // our own file

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
ajv.addSchema(schemas);
/** Compiled at first use, which takes 0.1 s for the largest. */
const compiled = new Map<string, ValidateFunction>();

/**
 * The errors of `value`, one line each; empty when it conforms:
 * `expect(conforms('chat', body)).toEqual([])`.
 */
export function conforms(name: SchemaName, value: unknown): readonly string[] {
  const definition = name === 'response event' ? eventNamed(typeOf(value)) : SCHEMAS[name];
  if (definition === undefined) return [`'${typeOf(value)}' is no event of /v1/responses`];
  const validate = compiled.get(definition) ?? compile(definition);
  return validate(value) ? [] : readable(value, validate.errors ?? []);
}

function compile(definition: string): ValidateFunction {
  const validate = ajv.compile({ $ref: `${schemas.$id}#/$defs/${definition}` });
  compiled.set(definition, validate);
  return validate;
}

/** One of 58 schemas, by the event's type: faster than trying all, and the errors are those of the right one. */
const eventNamed = (type: string): string | undefined =>
  Object.keys(schemas.$defs).find(
    (name) =>
      name.endsWith('Event') &&
      schemas.$defs[name]?.properties?.type?.enum?.includes(type) === true,
  );

function typeOf(value: unknown): string {
  const isTyped = typeof value === 'object' && value !== null && 'type' in value;
  return isTyped && typeof value.type === 'string' ? value.type : '';
}

/** A union fails with the errors of all its branches: the deepest ones belong to the branch that was meant. */
function readable(value: unknown, errors: readonly ErrorObject[]): readonly string[] {
  const deepest = Math.max(...errors.map((error) => depth(error)));
  const lines = errors
    .filter((error) => depth(error) === deepest && error.keyword !== 'anyOf')
    .map((error) => {
      const at = error.instancePath === '' ? 'the value' : error.instancePath;
      const allowed: unknown = error.params['allowedValues'];
      const hint = allowed === undefined ? '' : ` ${JSON.stringify(allowed)}`;
      return `${at} ${error.message ?? error.keyword}${hint}, but is ${shown(value, error.instancePath)}`;
    });
  return [...new Set(lines)];
}

const depth = (error: ErrorObject): number => error.instancePath.split('/').length;

function shown(value: unknown, path: string): string {
  let at: unknown = value;
  for (const name of path.split('/').slice(1)) {
    // JSON of any shape: a step into a value that is not an object gives undefined.
    at = (at as Record<string, unknown> | undefined)?.[
      name.replaceAll('~1', '/').replaceAll('~0', '~')
    ];
  }
  return (JSON.stringify(at) ?? 'undefined').slice(0, 200);
}
