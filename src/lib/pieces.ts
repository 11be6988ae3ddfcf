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
  announced > ONE_BUFFER_BYTES ? inOneBuffer(announced) : inPieces();

function inPieces(): Pieces {
  const pieces: Buffer[] = [];
  return {
    add: (piece) => void pieces.push(piece),
    from: (bytes) => {
      let skipped = 0;
      return pieces.filter((piece) => {
        skipped += piece.length;
        return skipped > bytes;
      });
    },
    whole: () =>
      pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces),
  };
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
