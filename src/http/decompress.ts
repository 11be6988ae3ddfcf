/** Decompresses a request's body as it grows: what a few bytes unpack to is counted before there is more of it. */
import type { Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { own } from '../lib/own.ts';
import { piecesOf } from '../lib/pieces.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What `Content-Encoding` may be. */
export const ENCODINGS: readonly string[] = Object.keys(DECODERS);

/**
 * Undefined for an encoding that is not known.
 * @param grown called with the bytes that came and with all so far; what it throws ends the work, and is what this rejects with
 * @throws the decoder's error where the bytes are not validly encoded
 */
export function decompress(
  body: Buffer,
  encoding: string,
  grown: (more: number, all: number) => void,
): Promise<Buffer> | undefined {
  const decoder = own(DECODERS, encoding);
  return decoder === undefined ? undefined : inTurn(() => unpacked(body, decoder, grown));
}

/** The threads that decompress are four, and each decoder has a window of up to 128 MiB that nobody counts. */
const MOST_AT_ONCE = 4;
let underWay = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (underWay < MOST_AT_ONCE) underWay += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay -= 1;
    else next();
  }
}

function unpacked(
  body: Buffer,
  decoder: () => Transform,
  grown: (more: number, all: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const unpacking = decoder();
    const pieces = piecesOf(0);
    let size = 0;
    unpacking.on('data', (piece: Buffer) => {
      size += piece.length;
      try {
        grown(piece.length, size);
        pieces.add(piece);
      } catch (error) {
        unpacking.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    unpacking.once('end', () => resolve(pieces.whole()));
    unpacking.once('error', reject);
    unpacking.end(body);
  });
}
