/** Decompresses a request's body as it grows: what a few bytes unpack to is counted before there is more of it. */
import type { Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { fairLine } from '../../lib/fair-line.ts';
import { own } from '../../lib/own.ts';
import { piecesOf } from '../../lib/pieces.ts';

/** Each piece is a trip to another thread: with Node's 16 kB they take twice the time of the work. */
const PIECES = { chunkSize: 64 * 1024 };

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(PIECES),
  'x-gzip': () => createGunzip(PIECES),
  deflate: () => createInflate(PIECES),
  br: () => createBrotliDecompress(PIECES),
  zstd: () => createZstdDecompress(PIECES),
};

/** What `Content-Encoding` may be. */
export const ENCODINGS: readonly string[] = Object.keys(DECODERS);

type Grown = (more: number, all: number) => void;

/**
 * Undefined for an encoding that is not known.
 * @param grown called with the bytes that came and with all so far; what it throws ends the work, and is what this rejects with
 * @param caller callers whose bodies are long wait by turns
 * @throws the decoder's error where the bytes are not validly encoded
 */
export function decompress(
  body: Buffer,
  encoding: string,
  grown: Grown,
  caller = '',
): Promise<Buffer> | undefined {
  const decoder = own(DECODERS, encoding);
  return decoder === undefined ? undefined : whole(body, decoder, grown, caller);
}

/** What most bodies stay below, in bytes: some 2 ms of work. */
const SHORT_BYTES = 1024 * 1024;
/** The threads that decompress are four, and each decoder has a window of up to 128 MiB that nobody counts. */
const short = fairLine(2);
const long = fairLine(2);

/** A body that grows long begins anew among its like: what stays short never waits for it, and no decoder is kept for later. */
async function whole(
  body: Buffer,
  decoder: () => Transform,
  grown: Grown,
  caller: string,
): Promise<Buffer> {
  let told = 0;
  const tell = (size: number): void => {
    if (size <= told) return;
    grown(size - told, size);
    told = size;
  };
  if (body.length <= SHORT_BYTES) {
    const tellShort = (size: number): void => {
      tell(size);
      if (size > SHORT_BYTES) throw LONGER;
    };
    try {
      return await short.inTurn(caller, () => unpacked(body, decoder, tellShort));
    } catch (error) {
      if (error !== LONGER) throw error;
    }
  }
  return await long.inTurn(caller, () => unpacked(body, decoder, tell));
}

const LONGER = new Error('It is no short body.');

function unpacked(
  body: Buffer,
  decoder: () => Transform,
  tell: (size: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const unpacking = decoder();
    const pieces = piecesOf(0);
    let size = 0;
    unpacking.on('data', (piece: Buffer) => {
      size += piece.length;
      try {
        tell(size);
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
