/**
 * Generates a codec's `unpack` as straight code from its shape, as `packing-code.ts` does for `pack`: objects are made with all their
 * members at once, where closures would add each by name. A reader of some members skips the others, and makes no object of them.
 */
import type { Unpacker } from './packer.ts';
import type { Codec, Shape } from './packing.ts';
import { membersOf, NO_KIND, passing, type Fields } from './passing-code.ts';

type Read<T> = (from: Unpacker) => T;

/** Wanted with everything in it. */
export const WHOLE = true;

/** Members by name: `WHOLE` for one that is wanted whole. Of a map, the values of these names; of variants, what each of them has. */
export type Part<T> = T extends object
  ? { readonly [Name in keyof T]?: true | Part<NonNullable<T[Name]>> }
  : never;

/** What of a value is read. */
export type Taken<T, Wanted> = Wanted extends true
  ? T
  : T extends object
    ? string extends keyof T
      ? { readonly [Name in keyof Wanted]?: Taken<T[Name & keyof T], Wanted[Name]> }
      : {
          readonly [Name in keyof T as Name extends keyof Wanted ? Name : never]: Taken<
            T[Name],
            Wanted[Name & keyof Wanted]
          >;
        }
    : T;

/**
 * Reads what is wanted of what `codec` packed: all of it, or a part. Where a process may not make code of texts, the codec itself
 * reads, and all of it.
 */
export function straightRead<T, const Wanted extends true | Part<T>>(
  codec: Codec<T>,
  wanted: Wanted,
): Read<Taken<T, Wanted>> {
  const code = new ReadingCode();
  const value = code.of(codec.shape, wanted);
  try {
    // Names of members are the table's, quoted; nothing of a request or a configuration is in the code.
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func, typescript/no-unsafe-type-assertion
    const make = new Function(code.whole(value)) as () => Read<Taken<T, Wanted>>;
    return make();
  } catch (error) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is wanted is in it
    if (error instanceof EvalError) return codec.unpack as Read<Taken<T, Wanted>>;
    throw error;
  }
}

type Asked = true | { readonly [Name in string]?: Asked };

/** An expression for each shape; what takes more than one is a function of its own. */
class ReadingCode {
  readonly #functions: string[] = [];

  whole(value: string): string {
    return `'use strict';
let numbers, texts, words, at;
const PLAIN = { writable: true, enumerable: true, configurable: true };
const take = () => {
  const value = numbers[at];
  if (value === undefined) throw new RangeError('the packed data ends too early');
  at += 1;
  return value;
};
const text = () => {
  const found = texts[take()];
  if (found === undefined) throw new RangeError('the packed data names a text that it has not');
  return found;
};
const word = () => {
  const place = take();
  if (place === -1) return text();
  const found = words[place];
  if (found === undefined) throw new RangeError('the packed data names word ' + place + ', unknown');
  return found;
};
${this.#functions.join('\n')}
return (from) => {
  ({ numbers, texts, words, at } = from);
  const value = ${value};
  if (at > numbers.length) throw new RangeError('the packed data ends too early');
  from.at = at;
  return value;
};`;
  }

  of(shape: Shape, wanted: Asked): string {
    if (typeof shape === 'string') return plain(shape);
    if ('always' in shape) return JSON.stringify(shape.always);
    if ('nullable' in shape) return `(take() === 0 ? null : ${this.of(shape.nullable, wanted)})`;
    if ('pair' in shape) return `[${this.of(shape.pair, WHOLE)}, ${this.of(shape.pair, WHOLE)}]`;
    if ('list' in shape) return this.#list(this.of(shape.list, WHOLE), '');
    if ('nonEmpty' in shape)
      return this.#list(this.of(shape.nonEmpty, WHOLE), this.of(shape.nonEmpty, WHOLE));
    if ('map' in shape) return this.#map(shape.map, wanted);
    return 'variants' in shape
      ? this.#variants(shape.variants, wanted)
      : this.#object(shape.fields, wanted);
  }

  #list(item: string, first: string): string {
    return this.#call(`const all = [${first}];
for (let left = take(); left > 0; left -= 1) all.push(${item});
return all;`);
  }

  #map(shape: Shape, wanted: Asked): string {
    if (wanted === WHOLE)
      return this.#call(`const object = {};
for (let left = take(); left > 0; left -= 1) {
  const name = word();
  if (name === '__proto__') Object.defineProperty(object, name, { value: ${this.of(shape, WHOLE)}, ...PLAIN });
  else object[name] = ${this.of(shape, WHOLE)};
}
return object;`);
    const cases = Object.entries(wanted).map(
      ([name, part]) =>
        `case ${JSON.stringify(name)}: object[${JSON.stringify(name)}] = ${this.of(shape, part!)}; break;`,
    );
    return this.#call(`const object = {};
for (let left = take(); left > 0; left -= 1) switch (word()) {
${cases.join('\n')}
default: ${passing(shape)}
}
return object;`);
  }

  #variants(kinds: Readonly<Record<string, Shape>>, wanted: Asked): string {
    const cases = Object.values(kinds).map(
      (shape, at) => `case ${at}: return ${this.of(shape, wanted)};`,
    );
    return this.#call(`switch (take()) {
${cases.join('\n')}
default: ${NO_KIND}
}`);
  }

  #object(fields: Fields, wanted: Asked): string {
    const members = membersOf(fields).map(({ name, shape, bit }) => {
      const part = wanted === WHOLE ? WHOLE : wanted[name];
      return {
        name: JSON.stringify(name),
        when: bit === 0 ? '' : `if ((present & ${bit}) !== 0) `,
        value: part && this.of(shape, part),
        pass: passing(shape),
      };
    });
    // Up to the first that may be absent, members stand in a literal.
    const first = members.findIndex(({ when, value }) => when !== '' && value !== undefined);
    const literal = first === -1 ? members : members.slice(0, first);
    const locals = literal.map(({ when, value, pass }, at) =>
      value === undefined ? when + pass : `const m${at} = ${value};`,
    );
    const named = literal.flatMap(({ name, value }, at) => (value ? `${name}: m${at}` : []));
    const others = members
      .slice(literal.length)
      .map(({ name, when, value, pass }) => when + (value ? `object[${name}] = ${value};` : pass));
    return this.#call(`${members.some(({ when }) => when !== '') ? 'const present = take();' : ''}
${locals.join('\n')}
const object = { ${named.join(', ')} };
${others.join('\n')}
return object;`);
  }

  #call(body: string): string {
    const name = `read${this.#functions.length}`;
    this.#functions.push(`function ${name}() { ${body} }`);
    return `${name}()`;
  }
}

function plain(shape: string): string {
  switch (shape) {
    case 'number':
      return 'take()';
    case 'flag':
      return 'take() === 1';
    case 'text':
      return 'text()';
    case 'word':
    case 'phrase':
      return 'word()';
    default:
      throw new RangeError(`no code for '${shape}'`);
  }
}
