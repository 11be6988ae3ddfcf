/** How large a model is, as the header of its GGUF file says. The format: ggml's specification, versions 2 and 3. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Bytes of a value, by the number of its type. */
const BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const TEXT = 8;
const LIST = 9;

const MAGIC = 'GGUF';
const VERSIONS: ReadonlySet<number> = new Set([2, 3]);

/** A header that counts more is damaged. */
const MOST_ENTRIES = 100_000;
const MOST_DIMENSIONS = 8;

/** The parameters of the model in this file, in billions; undefined where it cannot be read as one. */
export function ggufParametersB(file: string): number | undefined {
  try {
    const stat = statSync(file);
    // Opening a pipe would wait for who writes to it.
    if (!stat.isFile()) return undefined;
    const descriptor = openSync(file, 'r');
    try {
      const parameters = parametersIn(new Header(descriptor, stat.size));
      return parameters > 0 ? parameters / 1e9 : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** The sum over all tensors: what files say of it themselves (`general.size_label`) is a text of their maker's. */
function parametersIn(header: Header): number {
  if (header.bytes(4).toString('latin1') !== MAGIC) throw new RangeError('not a GGUF file');
  if (!VERSIONS.has(header.short())) throw new RangeError('another version');
  const tensors = header.count(MOST_ENTRIES);
  const entries = header.count(MOST_ENTRIES);
  for (let entry = 0; entry < entries; entry++) {
    header.skipText();
    skipValue(header, header.short());
  }
  let parameters = 0;
  for (let tensor = 0; tensor < tensors; tensor++) {
    header.skipText();
    const dimensions = header.short();
    if (dimensions > MOST_DIMENSIONS) throw new RangeError('too many dimensions');
    let elements = 1;
    for (let at = 0; at < dimensions; at++) elements *= header.long();
    header.skip(TYPE_AND_OFFSET);
    parameters += elements;
  }
  return parameters;
}

const TYPE_AND_OFFSET = 12;

function skipValue(header: Header, type: number): void {
  if (type === TEXT) return header.skipText();
  if (type !== LIST) return header.skip(bytesOf(type));
  const inner = header.short();
  const length = header.long();
  if (inner !== TEXT) return header.skip(length * bytesOf(inner));
  for (let at = 0; at < length; at++) header.skipText();
}

function bytesOf(type: number): number {
  const bytes = BYTES.get(type);
  if (bytes === undefined) throw new RangeError('a type that is none');
  return bytes;
}

/** Vocabularies take megabytes: they are read in pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** Reads on through a file, and throws a RangeError at its end. */
class Header {
  readonly #descriptor: number;
  readonly #size: number;
  #piece = Buffer.alloc(0);
  /** Where the piece begins in the file, and where reading stands in it. */
  #start = 0;
  #at = 0;

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor;
    this.#size = size;
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#piece.length) this.#readOn();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#piece.length) throw new RangeError('the file ends');
    return this.#piece.subarray(from, this.#at);
  }

  short(): number {
    return this.bytes(4).readUInt32LE();
  }

  long(): number {
    return Number(this.bytes(8).readBigUInt64LE());
  }

  count(most: number): number {
    const count = this.long();
    if (count > most) throw new RangeError('too many entries');
    return count;
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#start + this.#at > this.#size) throw new RangeError('the file ends');
  }

  skipText(): void {
    this.skip(this.long());
  }

  #readOn(): void {
    this.#start += this.#at;
    this.#at = 0;
    const piece = Buffer.alloc(PIECE_BYTES);
    const read = readSync(this.#descriptor, piece, 0, PIECE_BYTES, this.#start);
    this.#piece = piece.subarray(0, read);
  }
}
