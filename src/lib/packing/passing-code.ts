/** Statements that pass over a packed value without reading it, as part of the code of `reading-code.ts`. */
import type { Shape } from './packing.ts';

export type Fields = Extract<Shape, { fields: unknown }>['fields'];

interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** In the number that says which members are present; 0 for one that always is. */
  readonly bit: number;
}

export function membersOf(fields: Fields): readonly Member[] {
  let optionals = 0;
  return Object.entries(fields).map(([name, shape]) => {
    const isOptional = typeof shape === 'object' && 'optional' in shape;
    return {
      name,
      shape: isOptional ? shape.optional : shape,
      bit: isOptional ? 2 ** optionals++ : 0,
    };
  });
}

/** A statement of the code, for a number that says which of several shapes follows. */
export const NO_KIND = "throw new RangeError('the packed data names no kind');";

export function passing(shape: Shape): string {
  const size = sizeOf(shape);
  if (size !== undefined) return `{ at += ${size}; }`;
  // A word that has no place is a text: two numbers.
  if (typeof shape === 'string') return '{ at += numbers[at] === -1 ? 2 : 1; }';
  if ('nullable' in shape) return `{ if (take() !== 0) ${passing(shape.nullable)} }`;
  if ('list' in shape) return passingAll(passing(shape.list));
  if ('nonEmpty' in shape)
    return `{ ${passing(shape.nonEmpty)} ${passingAll(passing(shape.nonEmpty))} }`;
  if ('pair' in shape) return `{ ${passing(shape.pair)} ${passing(shape.pair)} }`;
  if ('map' in shape) return passingAll(`${passing('word')} ${passing(shape.map)}`);
  if ('variants' in shape) {
    const cases = Object.values(shape.variants).map(
      (variant, at) => `case ${at}: ${passing(variant)} break;`,
    );
    return `{ switch (take()) { ${cases.join(' ')} default: ${NO_KIND} } }`;
  }
  return 'fields' in shape ? passingFields(membersOf(shape.fields)) : '{}';
}

const passingAll = (item: string): string =>
  `{ for (let left = take(); left > 0; left -= 1) { ${item} } }`;

function passingFields(members: readonly Member[]): string {
  const each = members.map(({ shape, bit }) =>
    bit === 0 ? passing(shape) : `if ((present & ${bit}) !== 0) ${passing(shape)}`,
  );
  return members.some(({ bit }) => bit !== 0)
    ? `{ const present = take(); ${each.join(' ')} }`
    : `{ ${each.join(' ')} }`;
}

/** How many numbers a value takes; undefined where that depends on the value. */
function sizeOf(shape: Shape): number | undefined {
  if (typeof shape === 'string') return shape === 'word' || shape === 'phrase' ? undefined : 1;
  if ('always' in shape) return 0;
  if ('pair' in shape) {
    const size = sizeOf(shape.pair);
    return size && 2 * size;
  }
  if (!('fields' in shape)) return undefined;
  let sum = 0;
  for (const { shape: member, bit } of membersOf(shape.fields)) {
    const size = bit === 0 ? sizeOf(member) : undefined;
    if (size === undefined) return undefined;
    sum += size;
  }
  return sum;
}
