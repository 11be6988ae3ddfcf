/** Readers from shapes: for what was packed by the table of another version. */
import type { Unpacker } from './packer.ts';
import type { Shape } from './packing.ts';
import * as codecs from './packing.ts';

type Read = (from: Unpacker) => unknown;

/** @throws RangeError for a shape of a newer version */
export function readerOf(shape: Shape): Read {
  if (typeof shape === 'string') return plain(shape);
  if ('always' in shape) return () => shape.always;
  if ('nullable' in shape) return codecs.nullable(codecOf(shape.nullable)).unpack;
  if ('list' in shape) return codecs.list(codecOf(shape.list)).unpack;
  if ('nonEmpty' in shape) return codecs.nonEmpty(codecOf(shape.nonEmpty)).unpack;
  if ('pair' in shape) return codecs.pair(codecOf(shape.pair)).unpack;
  if ('map' in shape) return codecs.map(codecOf(shape.map)).unpack;
  if ('variants' in shape) return oneOf(Object.values(shape.variants).map(readerOf));
  if ('fields' in shape) return object(Object.entries(shape.fields));
  throw newer();
}

const newer = (): RangeError =>
  new RangeError('it was packed by a newer version of Smallfirst; run that one');

function plain(shape: string): Read {
  switch (shape) {
    case 'number':
      return codecs.number.unpack;
    case 'flag':
      return codecs.flag.unpack;
    case 'text':
      return codecs.text.unpack;
    case 'word':
    case 'phrase':
      return codecs.phrase.unpack;
    default:
      throw newer();
  }
}

const codecOf = (shape: Shape): codecs.Codec<unknown> => ({
  shape,
  unpack: readerOf(shape),
  pack: () => {
    throw new TypeError('made to read only');
  },
});

const oneOf =
  (readers: readonly Read[]): Read =>
  (from) => {
    const read = readers[from.take()];
    if (read === undefined) throw new RangeError('the packed data names no kind');
    return read(from);
  };

type Entry = readonly [name: string, shape: Shape | { readonly optional: Shape }];

function object(entries: readonly Entry[]): Read {
  let count = 0;
  return codecs.objectReader(
    entries.map(([name, entry]) => {
      if (typeof entry === 'string' || !('optional' in entry)) {
        return { name, bit: 0, unpack: readerOf(entry) };
      }
      count += 1;
      return { name, bit: 2 ** (count - 1), unpack: readerOf(entry.optional) };
    }),
  );
}
