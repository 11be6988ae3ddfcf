import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObject } from '../../lib/json.ts';
import { jsonScanner } from './body-scan.ts';

const NONE = { maxDepth: 1e9, maxMembers: 1e9, maxItems: 1e9 };

/** What the scanner says of a text that comes in pieces of so many bytes. */
function scanned(json: string, limits: Partial<typeof NONE>, size = Infinity): string {
  const bytes = Buffer.from(json);
  const take = jsonScanner({ ...NONE, ...limits });
  try {
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    return 'passes';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function membersOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + membersOf(each), 0);
  if (!isObject(value)) return 0;
  const members = Object.values(value);
  return members.reduce<number>((sum, each) => sum + membersOf(each), members.length);
}

test('members are counted as a parser sees them, in pieces of any size', () => {
  const odd = fc.constantFrom('":"', '\\', '\\\\"', '{"a":1}', ',,,', '\\u0022');
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, odd, fc.string(), fc.integer(), tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 4 }),
    object: fc.dictionary(fc.oneof(odd, fc.string()), tie('any'), { maxKeys: 4 }),
  })).object;
  const property = fc.property(value, fc.integer({ min: 1, max: 9 }), (body, size) => {
    const json = JSON.stringify(body);
    const members = membersOf(body);
    expect(scanned(json, { maxMembers: members }, size)).toBe('passes');
    if (members > 0) expect(scanned(json, { maxMembers: members - 1 }, size)).toMatch(/members/);
  });
  fc.assert(property);
});

test('items count too, and the limit is named', () => {
  expect(scanned(`[${'1,'.repeat(9)}1]`, { maxItems: 9 })).toBe('passes');
  expect(scanned(`[${'1,'.repeat(10)}1]`, { maxItems: 9 })).toMatch(
    /more than 9 members and items\. Send less, or raise limits\.maxItems/,
  );
});

test('a body may nest as deep as the limit, and brackets in strings do not nest', () => {
  const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  expect(scanned(nested(8), { maxDepth: 8 })).toBe('passes');
  expect(scanned(nested(9), { maxDepth: 8 })).toMatch(/deeper than 8 levels/);
  expect(scanned(JSON.stringify({ a: '['.repeat(50) }), { maxDepth: 8 })).toBe('passes');
});
