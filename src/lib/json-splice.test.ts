import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spliceJson, splicedPieces, type Splice } from './json-splice.ts';

/** Made in pieces, and known to be the same. */
const spliced = (json: Buffer, members: Splice): Buffer => {
  const whole = spliceJson(json, members);
  const pieces = splicedPieces(json, members);
  expect(Buffer.concat(pieces).toString()).toBe(whole.toString());
  return whole;
};

const splice = (text: string, members: Splice): string =>
  spliced(Buffer.from(text), members).toString();

test('one value is replaced and every other byte is kept', () => {
  expect(
    splice('{ "n" : 12345678901234567890, "model":"auto" ,\n"x":[1.0,{"model":"in"}]}', {
      model: '"m"',
    }),
  ).toBe('{ "n" : 12345678901234567890, "model":"m" ,\n"x":[1.0,{"model":"in"}]}');
});

test('a duplicate name is replaced, or removed, twice', () => {
  expect(splice('{"model":"a","n":1,"model":"b"}', { model: '"c"' })).toBe(
    '{"model":"c","n":1,"model":"c"}',
  );
  expect(splice('{"model":"a","n":1,"model":"b"}', { model: undefined })).toBe('{"n":1}');
});

test('a name written with escapes is still that name', () => {
  expect(splice(String.raw`{"mod\u0065l":"a"}`, { model: '"c"' })).toBe(
    String.raw`{"mod\u0065l":"c"}`,
  );
});

test('members are removed at any position, with one comma', () => {
  expect(splice('{"a":1,"b":2,"c":3}', { a: undefined })).toBe('{"b":2,"c":3}');
  expect(splice('{"a":1,"b":2,"c":3}', { b: undefined })).toBe('{"a":1,"c":3}');
  expect(splice('{"a":1,"b":2,"c":3}', { c: undefined })).toBe('{"a":1,"b":2}');
  expect(splice('{"a":1 , "b":2 }', { a: undefined, b: undefined })).toBe('{  }');
});

test('members that are missing are added at the end', () => {
  expect(splice('{}', { a: '1', b: '[2]' })).toBe('{"a":1,"b":[2]}');
  expect(splice(' {"x":0} ', { a: '1' })).toBe(' {"x":0,"a":1} ');
  expect(splice('{"x":0}', { x: undefined, a: '1' })).toBe('{"a":1}');
});

test('an empty splice returns the same buffer', () => {
  const json = Buffer.from('{"a":1}');
  expect(spliceJson(json, {})).toBe(json);
});

test.each(['[]', '"x"', '', '{"a"', '{"a":', '{"a":1', '{"a":"x', '{"a":[1,', 'nonsense'])(
  'a text that is no whole object is refused: %s',
  (text) => {
    expect(() => splice(text, { a: '1' })).toThrow(TypeError);
  },
);

const SPACES = ['', ' ', '\n\t', '\r\n'];
const name = fc.oneof(
  fc.constantFrom('model', 'a', 'b', 'stream_options', '__proto__', 'c"\\'),
  fc.string(),
);
const object = fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), { maxLength: 8 });
const changes = fc.dictionary(
  fc.constantFrom('model', 'a', 'b', 'stream_options', 'c"\\', 'new'),
  fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
);

test('the changed text parses to the changed object', () => {
  fc.assert(
    fc.property(
      object,
      changes,
      fc.constantFrom(...SPACES),
      fc.boolean(),
      (members, change, space, indent) => {
        const pairs = members.map(
          ([key, value]) =>
            `${JSON.stringify(key)}${space}:${space}${JSON.stringify(value, null, indent ? 2 : undefined)}`,
        );
        const text = `${space}{${space}${pairs.join(`${space},${space}`)}${space}}${space}`;
        const expected = new Map(Object.entries(JSON.parse(text) as object));
        const texts: Record<string, string | undefined> = {};
        for (const [key, value] of Object.entries(change)) {
          texts[key] = value === undefined ? undefined : JSON.stringify(value);
          if (value === undefined) expected.delete(key);
          else expected.set(key, JSON.parse(JSON.stringify(value)));
        }
        const result = new Map(Object.entries(JSON.parse(splice(text, texts)) as object));
        expect(result).toEqual(expected);
      },
    ),
    { numRuns: 2000 },
  );
});
