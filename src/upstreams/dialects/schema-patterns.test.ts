import { expect, test } from 'vitest';
import { formatPatternsFitted, toolPatternsFitted } from './schema-patterns.ts';

const tool = (parameters: object) => ({ type: 'function', function: { name: 'f', parameters } });
const text = (pattern: string) => ({ type: 'string', pattern });
const fitted = (schema: object) =>
  toolPatternsFitted({ tools: [tool(schema) as never] }, 'm')?.['tools'];

test.each(['^[a-z]+$', '^(GET|POST)$', '^[^/]{1,20}$', '^\\$[0-9]+\\.[0-9]{2}$', '^$', '^é*$'])(
  'a pattern that is taken stays: %s',
  (pattern) => {
    expect(fitted({ type: 'object', properties: { a: text(pattern) } })).toBeUndefined();
  },
);

test.each([
  '[a-z]+',
  '\\S',
  '^a',
  'a$',
  'a\\$',
  '^\\d{4}$',
  '^[\\w.]+$',
  '^(?!x).*$',
  '^(?:a|b)$',
  '^.*?$',
  '^a$|^b$',
  '^[a-z$',
  '',
])('one that is not is left out: %s', (pattern) => {
  const other = { type: 'integer' };
  expect(fitted({ type: 'object', properties: { a: text(pattern), other } })).toEqual([
    tool({ type: 'object', properties: { a: { type: 'string' }, other } }),
  ]);
});

test('wherever a schema stands, and only there', () => {
  const kept = {
    properties: { pattern: { type: 'string', default: { pattern: '\\d' }, enum: ['\\d'] } },
    required: ['pattern'],
  };
  expect(fitted(kept)).toBeUndefined();
  const bad = text('\\d');
  const good = { type: 'string' };
  expect(
    fitted({
      ...kept,
      items: bad,
      anyOf: [bad, { not: bad }],
      $defs: { pattern: bad },
      additionalProperties: bad,
    }),
  ).toEqual([
    tool({
      ...kept,
      items: good,
      anyOf: [good, { not: good }],
      $defs: { pattern: good },
      additionalProperties: good,
    }),
  ]);
});

test('in the format of an answer too', () => {
  const format = (schema: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } as never,
  });
  const date = { type: 'object', properties: { day: text('\\d{4}-\\d\\d-\\d\\d') } };
  expect(formatPatternsFitted(format(date), 'm')).toEqual(
    format({ type: 'object', properties: { day: { type: 'string' } } }),
  );
  expect(formatPatternsFitted(format({ type: 'object' }), 'm')).toBeUndefined();
  expect(formatPatternsFitted({}, 'm')).toBeUndefined();
});
