import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import { enforceableSchema } from './json-schema.ts';

test('keeps enforced members, drops annotations', () => {
  const schema = enforceableSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Answer',
    type: 'object',
    properties: { city: { type: 'string', description: 'a city', maxLength: 20, default: 'Rome' } },
    required: ['city'],
    additionalProperties: false,
  });
  expect(schema).toEqual({
    type: 'object',
    properties: { city: { type: 'string', maxLength: 20 } },
    required: ['city'],
    additionalProperties: false,
  });
});

test('a property may be called like a keyword', () => {
  const schema = { type: 'object', properties: { pattern: { type: 'string' } } };
  expect(enforceableSchema(schema)).toEqual(schema);
});

test('anyOf and lists of types become choices that the grammar knows', () => {
  expect(
    enforceableSchema({
      type: ['object', 'null'],
      properties: { n: { anyOf: [{ type: 'integer' }, { $ref: '#/$defs/text' }] } },
    }),
  ).toEqual({
    oneOf: [
      {
        type: 'object',
        properties: { n: { oneOf: [{ type: 'integer' }, { $ref: '#/$defs/text' }] } },
      },
      { type: 'null' },
    ],
  });
  expect(enforceableSchema({ type: ['string', 'null'] })).toEqual({ type: ['string', 'null'] });
});

test.each([
  ['pattern', { type: 'string', pattern: '^a' }, '#', '"pattern"'],
  [
    'minimum',
    { type: 'object', properties: { n: { type: 'number', minimum: 0 } } },
    '#/properties/n',
    '"minimum"',
  ],
  ['allOf', { allOf: [] }, '#', '"allOf"'],
  ['an unknown format', { type: 'string', format: 'email' }, '#', 'email'],
  ['a foreign reference', { $ref: 'https://example.com/a.json' }, '#', '$ref'],
  ['no type at all', { type: 'array', items: {} }, '#/items', '"type"'],
  ['a schema that is no object', { type: 'array', items: true }, '#/items', 'not an object'],
])('refuses %s and says where it stands', (_, schema, place, what) => {
  const convert = () => enforceableSchema(schema);
  expect(convert).toThrow(UpstreamError);
  expect(convert).toThrow(`at ${place} of`);
  expect(convert).toThrow(what);
});
