import { expect, test } from 'vitest';
import type { JsonObject } from '../lib/json.ts';
import { schemas } from './schemas.ts';

const validate = schemas();

/** Definitions of which each names the next one twice: 2 to the power of `count` ways. */
const doubling = (count: number, applied: string, last: JsonObject): JsonObject => {
  const $defs: Record<string, JsonObject> = { [`d${count}`]: last };
  for (let at = 0; at < count; at += 1) {
    const next = { $ref: `#/$defs/d${at + 1}` };
    $defs[`d${at}`] = { [applied]: [next, next] };
  }
  return { $defs, $ref: '#/$defs/d0' };
};

test.each<readonly [string, JsonObject]>([
  ['anyOf', doubling(40, 'anyOf', { type: 'string' })],
  ['oneOf', doubling(40, 'oneOf', { type: 'string' })],
  ['allOf', doubling(40, 'allOf', { type: 'object' })],
  ['many', { anyOf: Array.from({ length: 101 }, (_, at) => ({ required: [`a${at}`] })) }],
  ['itself', { $ref: '#' }],
  ['a part of itself', { allOf: [{ $ref: '#' }] }],
])('of a schema that would take for ever nothing is known: %s', (_, schema) => {
  expect(validate(schema, {})).toBeUndefined();
  expect(validate(schema, {})).toBeUndefined();
});

test('nor of one whose failures come later, as nobody waits for them', () => {
  expect(validate({ $async: true, type: 'array' }, {})).toBeUndefined();
  const inside = { $defs: { later: { $async: true, type: 'array' } }, $ref: '#/$defs/later' };
  expect(validate(inside, {})).not.toBeInstanceOf(Promise);
});

test('lists of lists are checked to their end', () => {
  const node = { type: 'object', properties: { next: { $ref: '#' } }, required: ['name'] };
  const chain = (length: number, end: JsonObject): JsonObject => {
    let value = end;
    for (let at = 0; at < length; at += 1) value = { name: 'n', next: value };
    return value;
  };
  expect(validate(node, chain(400, { name: 'n' }))).toBe(true);
  expect(validate(node, chain(400, {}))).toBe(false);
  const few = doubling(8, 'allOf', { type: 'object' });
  expect([validate(few, {}), validate(few, [])]).toEqual([true, false]);
});

test('items are compared with each other where they are not too many', () => {
  const unique = { type: 'array', uniqueItems: true };
  const items = (count: number): object[] => Array.from({ length: count }, (_, at) => ({ at }));
  expect(validate(unique, items(900))).toBe(true);
  expect(validate(unique, [...items(3), { at: 1 }])).toBe(false);
  expect(validate(unique, items(1_001))).toBeUndefined();
});
