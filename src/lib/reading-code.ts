/**
 * A codec's `unpack` as straight code, written from its shape, as `packing-code.ts` does it for `pack`: objects come with their members
 * in one piece, where closures would add each by its name.
 */
import type { Unpacker } from './packer.ts';
import type { Codec, Shape } from './packing.ts';

type Read<T> = (from: Unpacker) => T;

/** Reads what `codec` packed. Where a process may not make code of texts, the codec itself reads. */
export function straightRead<T>(codec: Codec<T>): Read<T> {
  const code = new ReadingCode();
  const value = code.of(codec.shape);
  try {
    // Names of members are the table's, quoted; nothing of a request or a configuration is in the code.
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func, typescript/no-unsafe-type-assertion
    const make = new Function(code.whole(value)) as () => Read<T>;
    return make();
  } catch (error) {
    if (error instanceof EvalError) return codec.unpack;
    throw error;
  }
}

/** An expression for each shape; what takes more than one is a function of its own. */
class ReadingCode {
  readonly #functions: string[] = [];

  whole(value: string): string {
    return `'use strict';
let numbers, texts, words, at;
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
  from.at = at;
  return value;
};`;
  }

  of(shape: Shape): string {
    if (typeof shape === 'string') return plain(shape);
    if ('always' in shape) return JSON.stringify(shape.always);
    if ('nullable' in shape) return `(take() === 0 ? null : ${this.of(shape.nullable)})`;
    if ('pair' in shape) return `[${this.of(shape.pair)}, ${this.of(shape.pair)}]`;
    if ('list' in shape) return this.#list(this.of(shape.list), '');
    if ('nonEmpty' in shape) return this.#list(this.of(shape.nonEmpty), this.of(shape.nonEmpty));
    if ('map' in shape) {
      const pairs = this.#list(`[word(), ${this.of(shape.map)}]`, '');
      return `Object.fromEntries(${pairs})`;
    }
    return 'variants' in shape ? this.#variants(shape.variants) : this.#object(shape.fields);
  }

  #list(item: string, first: string): string {
    return this.#call(`const all = [${first}];
for (let left = take(); left > 0; left -= 1) all.push(${item});
return all;`);
  }

  #variants(kinds: Readonly<Record<string, Shape>>): string {
    const cases = Object.values(kinds).map((shape, at) => `case ${at}: return ${this.of(shape)};`);
    return this.#call(`switch (take()) {
${cases.join('\n')}
default: throw new RangeError('the packed data names no kind');
}`);
  }

  #object(fields: Extract<Shape, { fields: unknown }>['fields']): string {
    let bits = 0;
    const members = Object.entries(fields).map(([name, shape]) => {
      const isOptional = typeof shape === 'object' && 'optional' in shape;
      const value = this.of(isOptional ? shape.optional : shape);
      return { name: JSON.stringify(name), value, bit: isOptional ? 2 ** bits++ : 0 };
    });
    const first = members.findIndex(({ bit }) => bit !== 0);
    const always = first === -1 ? members : members.slice(0, first);
    const literal = always.map(({ name, value }) => `${name}: ${value}`).join(', ');
    const others = members.slice(always.length).map(({ name, value, bit }) => {
      const set = `object[${name}] = ${value};`;
      return bit === 0 ? set : `if ((present & ${bit}) !== 0) ${set}`;
    });
    return this.#call(`${bits === 0 ? '' : 'const present = take();'}
const object = { ${literal} };
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
