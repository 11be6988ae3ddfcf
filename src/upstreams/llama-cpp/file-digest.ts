/** Computes the digest of a model file that is not in the catalogue. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface FileDigest {
  /** `sha256:…`; undefined until the whole file was read. */
  known(): string | undefined;
  /** Starts reading, once, in chunks of well under a millisecond, so that requests are not delayed. */
  begin(): Promise<void>;
  /** Stops reading. */
  stop(): void;
}

const PIECE_BYTES = 256 * 1024;

/** `given`: the digest, if already known. A file that cannot be read has none. */
export function fileDigest(file: () => Promise<string>, given?: string): FileDigest {
  const life = new AbortController();
  let digest = given;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const hash = createHash('sha256');
    try {
      const options = { highWaterMark: PIECE_BYTES, signal: life.signal };
      for await (const piece of createReadStream(await file(), options)) hash.update(piece);
      digest = `sha256:${hash.digest('hex')}`;
    } catch {
      // Ignored: loading the file reports what is wrong with it.
    }
  };
  return {
    known: () => digest,
    begin: () => {
      if (digest === undefined) reading ??= read();
      return reading ?? Promise.resolve();
    },
    stop: () => life.abort(),
  };
}
