/** Frames pieces of bytes together with a JSON header: a line of JSON, then the pieces. */
import { isObject, type JsonObject } from './json.ts';

const LINE_FEED = 10;

/** @param about what JSON can hold */
export function packPieces(about: object, pieces: readonly Uint8Array[]): Uint8Array {
  const head = JSON.stringify({ about, lengths: pieces.map(({ length }) => length) });
  return Buffer.concat([Buffer.from(`${head}\n`), ...pieces]);
}

export interface Unpacked {
  readonly about: JsonObject;
  readonly pieces: readonly Uint8Array[];
}

/** Undefined for what is damaged. */
export function unpackPieces(packed: Uint8Array): Unpacked | undefined {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const headEnd = bytes.indexOf(LINE_FEED);
  const head = parsed(bytes.toString('utf8', 0, Math.max(0, headEnd)));
  const { about, lengths } = head;
  if (!isObject(about) || !Array.isArray(lengths)) return undefined;
  const pieces: Uint8Array[] = [];
  let at = headEnd + 1;
  for (const length of lengths) {
    if (typeof length !== 'number') return undefined;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at === bytes.length ? { about, pieces } : undefined;
}

function parsed(text: string): JsonObject {
  try {
    const head: unknown = JSON.parse(text);
    return isObject(head) ? head : {};
  } catch {
    return {};
  }
}
