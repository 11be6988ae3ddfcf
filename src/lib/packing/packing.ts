/**
 * Codecs for plain data: a table of fields describes it once, and it becomes a list of numbers and a few texts. Written and read in a
 * fraction of the time that JSON takes, and a third as long.
 */

/* oxlint-disable typescript/no-unsafe-type-assertion -- `fields` and `variants` check a table against its type, and what is read
   back was packed by the same table: within, members have no type of their own */

import type { Packer, Unpacker } from './packer.ts';

/** What a codec packs, as plain data: with it, what was packed can be read when its table has changed. */
export type Shape =
  | 'number'
  | 'flag'
  | 'text'
  | 'word'
  | 'phrase'
  | { readonly always: unknown }
  | { readonly nullable: Shape }
  | { readonly list: Shape }
  | { readonly nonEmpty: Shape }
  | { readonly pair: Shape }
  | { readonly map: Shape }
  | { readonly variants: Readonly<Record<string, Shape>> }
  | { readonly fields: Readonly<Record<string, Shape | { readonly optional: Shape }>> };

export interface Codec<T> {
  readonly shape: Shape;
  readonly pack: (value: T, into: Packer) => void;
  readonly unpack: (from: Unpacker) => T;
}

/** A member that may be absent. */
export interface OptionalCodec<T> {
  readonly present: Codec<T>;
}

type FieldsOf<T> = {
  readonly [Name in keyof T]-?: object extends Pick<T, Name>
    ? OptionalCodec<Exclude<T[Name], undefined>>
    : Codec<T[Name]>;
};

/** Any number, not finite ones too. */
export const number: Codec<number> = {
  shape: 'number',
  pack: (value, into) => into.put(value),
  unpack: (from) => from.take(),
};

export const flag: Codec<boolean> = {
  shape: 'flag',
  pack: (value, into) => into.put(value ? 1 : 0),
  unpack: (from) => from.take() === 1,
};

/** The one value that the member can have: nothing is kept. */
export const always = <const T>(value: T): Codec<T> => ({
  shape: { always: value },
  pack: () => {},
  unpack: () => value,
});

/** A text that may be a caller's or an upstream's: kept with the value itself, once in each. */
export const text: Codec<string> = { shape: 'text', pack: packText, unpack: unpackText };

/** One of a few texts, of the program or the configuration. */
export function word<T extends string>(): Codec<T> {
  return {
    shape: 'word',
    pack: (value, into) => packPlace(into.words.placeOf(value), value, into),
    unpack: (from) => unpackPlace(from) as T,
  };
}

/** A text of the program's with figures in it. */
export const phrase: Codec<string> = {
  shape: 'phrase',
  pack: (value, into) => packPlace(into.words.placeOfPhrase(value), value, into),
  unpack: unpackPlace,
};

export const optional = <T>(present: Codec<T>): OptionalCodec<T> => ({ present });

export const nullable = <T>({ pack, unpack, shape }: Codec<T>): Codec<T | null> => ({
  shape: { nullable: shape },
  pack: (value, into) => {
    into.put(value === null ? 0 : 1);
    if (value !== null) pack(value, into);
  },
  unpack: (from) => (from.take() === 0 ? null : unpack(from)),
});

export const list = <T>({ pack, unpack, shape }: Codec<T>): Codec<readonly T[]> => ({
  shape: { list: shape },
  pack: (values, into) => {
    into.put(values.length);
    for (const value of values) pack(value, into);
  },
  unpack: (from) => Array.from({ length: from.take() }, () => unpack(from)),
});

/** A list of one and more. */
export const nonEmpty = <T>(item: Codec<T>): Codec<readonly [T, ...T[]]> => {
  const rest = list(item);
  return {
    shape: { nonEmpty: item.shape },
    pack: ([first, ...others], into) => {
      item.pack(first, into);
      rest.pack(others, into);
    },
    unpack: (from) => [item.unpack(from), ...rest.unpack(from)],
  };
};

export const pair = <T>({ pack, unpack, shape }: Codec<T>): Codec<readonly [T, T]> => ({
  shape: { pair: shape },
  pack: ([first, second], into) => {
    pack(first, into);
    pack(second, into);
  },
  unpack: (from) => [unpack(from), unpack(from)],
});

/** Members with names that the program or the configuration gives; those that are undefined are left out. */
export function map<T>({ pack, unpack, shape }: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const name = word();
  return {
    shape: { map: shape },
    pack: (values, into) => {
      const countAt = into.at;
      let count = 0;
      into.put(0);
      for (const key in values) {
        const value = values[key];
        if (value === undefined) continue;
        name.pack(key, into);
        pack(value, into);
        count += 1;
      }
      into.numbers[countAt] = count;
    },
    unpack: (from) => {
      const pairs = Array.from({ length: from.take() }, () => [name.unpack(from), unpack(from)]);
      return Object.fromEntries(pairs) as Record<string, T>;
    },
  };
}

/** An object by the table of all its members; the compiler refuses a table that misses one. Undefined members are left out. */
export function fields<T extends object>(): (table: FieldsOf<T>) => Codec<T> {
  return (table) => {
    const names = Object.keys(table) as (keyof T & string)[];
    let count = 0;
    const members = names.map((name): Member => {
      const entry = table[name] as Codec<unknown> | OptionalCodec<unknown>;
      if (!('present' in entry)) return { name, codec: entry, bit: 0 };
      count += 1;
      return { name, codec: entry.present, bit: 2 ** (count - 1) };
    });
    if (count > MOST_OPTIONAL) throw new RangeError(`more than ${MOST_OPTIONAL} optional members`);
    const optionals = members.filter(({ bit }) => bit !== 0);
    const shapes = members.map(({ name, codec: { shape }, bit }) => [
      name,
      bit === 0 ? shape : { optional: shape },
    ]);
    const read = objectReader(
      members.map(({ name, codec: { unpack }, bit }) => ({ name, bit, unpack })),
    );
    return {
      shape: { fields: Object.fromEntries(shapes) },
      pack: (value, into) => {
        if (optionals.length > 0) into.put(presenceOf(value, optionals));
        for (const { name, codec, bit } of members) {
          const member = value[name as keyof T];
          if (bit === 0 || member !== undefined) codec.pack(member, into);
        }
      },
      unpack: (from) => read(from) as T,
    };
  };
}

/** Of an object's member: how it is read, and its bit in the number that says which are present; 0 for one that always is. */
export interface ReadMember {
  readonly name: string;
  readonly bit: number;
  readonly unpack: (from: Unpacker) => unknown;
}

export function objectReader(
  members: readonly ReadMember[],
): (from: Unpacker) => Record<string, unknown> {
  const mayMiss = members.some(({ bit }) => bit !== 0);
  return (from) => {
    const present = mayMiss ? from.take() : 0;
    const value: Record<string, unknown> = {};
    for (const { name, bit, unpack } of members) {
      if (bit === 0 || (present & bit) !== 0) value[name] = unpack(from);
    }
    return value;
  };
}

interface Member {
  readonly name: string;
  readonly codec: Codec<unknown>;
  /** In the number that says which members are present; 0 for one that always is. */
  readonly bit: number;
}

/** The most bits that stay a whole number under the bitwise operators. */
const MOST_OPTIONAL = 31;

function presenceOf(value: object, optionals: readonly Member[]): number {
  let present = 0;
  for (const { name, bit } of optionals) {
    if ((value as Record<string, unknown>)[name] !== undefined) present += bit;
  }
  return present;
}

type Kinded = { readonly kind: string };
type OfKind<T, Kind> = T extends Kinded ? (Kind extends T['kind'] ? T : never) : never;

/** One of several objects, told apart by `kind`. Each table has all members. */
export function variants<T extends Kinded>(): (tables: {
  readonly [Kind in T['kind']]: Codec<OfKind<T, Kind>>;
}) => Codec<T> {
  return (tables) => {
    const kinds = Object.keys(tables);
    const codecs = Object.values(tables) as Codec<T>[];
    const shapes = kinds.map((kind, at) => [kind, codecs[at]!.shape]);
    return {
      shape: { variants: Object.fromEntries(shapes) },
      pack: (value, into) => {
        const at = kinds.indexOf(value.kind);
        into.put(at);
        codecs[at]!.pack(value, into);
      },
      unpack: (from) => {
        const codec = codecs[from.take()];
        if (codec === undefined) throw new RangeError('the packed data names no kind');
        return codec.unpack(from);
      },
    };
  };
}

function packText(value: string, into: Packer): void {
  if (typeof value !== 'string') throw new TypeError(`a text was expected, not ${typeof value}`);
  const known = into.texts.indexOf(value);
  into.put(known === -1 ? into.texts.push(value) - 1 : known);
}

function unpackText(from: Unpacker): string {
  const found = from.texts[from.take()];
  if (found === undefined) throw new RangeError('the packed data names a text that it has not');
  return found;
}

/** Stands where a place would, before a text of its own. */
const OWN_TEXT = -1;

function packPlace(place: number | undefined, value: string, into: Packer): void {
  into.put(place ?? OWN_TEXT);
  if (place === undefined) packText(value, into);
}

function unpackPlace(from: Unpacker): string {
  const place = from.take();
  if (place === OWN_TEXT) return unpackText(from);
  const found = from.words[place];
  if (found === undefined) throw new RangeError(`the packed data names word ${place}, unknown`);
  return found;
}
