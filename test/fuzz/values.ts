/** JSON of any shape: what a schema takes with something else now and then, and texts that hardly are JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Json } from '../../src/lib/json.ts';
import { nameIn, type Schema, type Schemas } from '../support/schema-members.ts';

const read = (file: string): Schemas =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures', file), 'utf8')) as Schemas;

export const openaiSchemas = read('openai-schemas.json');
export const messagesSchemas = read('messages-schemas.json');

/** `[[[…]]]`, some deeper than anything is allowed to be. */
const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);

const PERSONAL = 'ana.lopez@ejemplo.es';

/** What stands in a place where it does not belong. */
export const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1, 0.5, -0, 1e308, 2 ** 53 + 2, 5e-324),
  fc.constantFrom<Json>('', ' ', '\u0000', '\ud800', '\ufeff', 'constructor', '__proto__', PERSONAL),
  fc.constantFrom<Json>([], {}, [null], [[]], { '': '' }, { type: 'constructor' }, { toString: 1 }),
  fc.constantFrom<Json>('a'.repeat(3000), '0'.repeat(400), '%E0%A4%A', 'data:;base64,', 'YW5h'.repeat(99)),
  fc.constantFrom(nested(20), nested(127), nested(140)),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
); // prettier-ignore

/** Definitions refer to themselves: so deep a value ends with the oddest. */
const DEEPEST = 7;

/** Values of a definition. One node in twenty is something else, one optional member in six is there. */
export function valuesOf({ $defs }: Schemas, root: string): fc.Arbitrary<Json> {
  const named = new Map<string, fc.Arbitrary<Json>>();
  const of = (schema: Schema, depth: number): fc.Arbitrary<Json> => {
    if (depth > DEEPEST) return odd;
    return fc.oneof({ weight: 19, arbitrary: plain(schema, depth) }, { weight: 1, arbitrary: odd });
  };
  const plain = (schema: Schema, depth: number): fc.Arbitrary<Json> => {
    const { $ref, allOf, anyOf, type } = schema;
    if ($ref !== undefined) return byName(nameIn($ref), depth);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    if (anyOf !== undefined) return fc.oneof(...anyOf.map((one) => of(one, depth)));
    if (allOf !== undefined)
      return fc
        .tuple(...allOf.map((one) => plain(one, depth)))
        .map((parts) => Object.assign({}, ...parts) as Json);
    if (type === 'string') return TEXTS;
    if (type === 'boolean') return fc.boolean();
    if (type === 'integer' || type === 'number') return NUMBERS;
    if (type === 'null') return fc.constant(null);
    if (type === 'array') return fc.array(of(schema.items ?? {}, depth + 1), { maxLength: 3 });
    return members(schema, depth);
  };
  const byName = (name: string, depth: number): fc.Arbitrary<Json> => {
    const key = `${name} ${depth}`;
    const known = named.get(key);
    if (known !== undefined) return known;
    const made = of($defs[name] ?? {}, depth + 1);
    named.set(key, made);
    return made;
  };
  const members = (
    { properties = {}, required = [] }: Schema,
    depth: number,
  ): fc.Arbitrary<Json> => {
    const each = Object.entries(properties).map(([name, schema]) => {
      const value = of(schema, depth + 1);
      const there = required.includes(name) ? 40 : 1;
      const absent = fc.constant(undefined);
      return [
        name,
        fc.oneof({ weight: there, arbitrary: value }, { weight: 5, arbitrary: absent }),
      ] as const;
    });
    return fc.record(Object.fromEntries(each)) as fc.Arbitrary<Json>;
  };
  return byName(root, 0);
}

const TEXTS = fc.oneof(
  fc.constantFrom('hi', 'call_1', 'resp_1', 'cloud/gpt-4o', 'auto', 'Prove it by induction.'),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);
const NUMBERS = fc.oneof(fc.nat({ max: 200 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

/** A place in a text and what is done there. */
const cut = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 9 }),
  insert: fc.constantFrom('', '', '"', '\\', '}', ',', ':', '[', '1e999', 'NaN', '\u0000', '\\ud800', '\\u0000', '\n', '\ufeff', '"model":"auto",', '"__proto__":{"a":1},', '0'.repeat(30)),
}); // prettier-ignore

/** The text as it is two times in three, else damaged in one to three places, or with a member twice. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.oneof(fc.constant([]), fc.constant([]), fc.array(cut, { minLength: 1, maxLength: 3 }))).map(
    ([whole, cuts]) => {
      let now = whole;
      for (const { at, length, insert } of cuts) {
        const from = at % (now.length + 1);
        now = now.slice(0, from) + insert + now.slice(from + length);
      }
      return now;
    },
  ); // prettier-ignore
}

export const jsonTexts = (values: fc.Arbitrary<Json>): fc.Arbitrary<string> =>
  damaged(values.map((value) => JSON.stringify(value)));
