/** A body that arrives in pieces. */
export interface Pieces {
  add(piece: Buffer): void;
  /** Without the first so many bytes, which are a number of whole pieces. */
  from(bytes: number): readonly Buffer[];
  whole(): Buffer;
}

/** From here on a body is copied as it comes: its pieces die young, and it never exists twice. */
const ONE_BUFFER_BYTES = 1_048_576;

/** @param announced its length in bytes, which it does not exceed; 0 where that is not known */
export const piecesOf = (announced: number): Pieces =>
  announced > ONE_BUFFER_BYTES ? inOneBuffer(announced) : new ListOfPieces();

/** A class, and not closures: most bodies are one piece. */
class ListOfPieces implements Pieces {
  readonly #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  from(bytes: number): readonly Buffer[] {
    let skipped = 0;
    return this.#pieces.filter((piece) => {
      skipped += piece.length;
      return skipped > bytes;
    });
  }

  whole(): Buffer {
    const [first] = this.#pieces;
    return this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
  }
}

/** Pages that nothing was written to take no memory. */
function inOneBuffer(announced: number): Pieces {
  const bytes = Buffer.allocUnsafeSlow(announced);
  let size = 0;
  return {
    add: (piece) => {
      size += piece.copy(bytes, size);
    },
    from: (at) => [bytes.subarray(at, size)],
    whole: () => bytes.subarray(0, size),
  };
}
