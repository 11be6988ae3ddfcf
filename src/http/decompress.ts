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
  if (decoder === undefined) return undefined;
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
