/** Reads one file from a tar stream, in the subset that npm's tarballs use. */

const BLOCK = 512;

/** Reads a byte stream in pieces of chosen sizes. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** At most `limit` bytes, at least one. Throws at the end of the stream. */
  async some(limit: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) throw new Error('the archive ends too early');
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** The next `count` bytes, in pieces as they arrive. */
  async *next(count: number): AsyncGenerator<Buffer, void, undefined> {
    for (let missing = count; missing > 0;) {
      const piece = await this.some(missing);
      missing -= piece.length;
      yield piece;
    }
  }
}

const field = (header: Buffer, start: number, length: number): string =>
  header.toString('utf8', start, start + length).replace(/\0.*$/s, '');

/**
 * The content of the entry called `path`. Throws when there is none, or when the archive is cut off.
 * Format: POSIX ustar (name at 0, size in octal at 124, prefix at 345); entries are padded to 512 bytes.
 */
export async function* tarEntry(
  archive: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new ByteReader(archive);
  for (;;) {
    const pieces: Buffer[] = [];
    for await (const piece of reader.next(BLOCK)) pieces.push(piece);
    const header = Buffer.concat(pieces);
    const name = field(header, 0, 100);
    if (name === '') throw new Error(`the archive has no ${path}`);
    const prefix = field(header, 345, 155);
    const size = Number.parseInt(field(header, 124, 12).trim(), 8);
    if (!Number.isSafeInteger(size)) throw new Error('the archive is damaged');
    if ((prefix === '' ? name : `${prefix}/${name}`) === path) return yield* reader.next(size);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    for await (const skipped of reader.next(padded)) void skipped;
  }
}
