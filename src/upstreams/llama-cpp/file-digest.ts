/** Says which weights are in a model file that no catalogue knows. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface FileDigest {
  /** `sha256:…`; undefined until the file was read through. */
  known(): string | undefined;
  /** Begins to read, once. It is done in pieces of well under a millisecond, beside everything else. */
  begin(): Promise<void>;
  /** Stops reading. */
  stop(): void;
}

const PIECE_BYTES = 256 * 1024;

/** `given`: the digest, where it is known already. A file that cannot be read has none. */
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
      // Nobody waits for it: what is wrong with the file is told by who loads it.
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
