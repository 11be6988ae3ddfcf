/** What the encoder reads of a text: its beginning and its end, as word pieces. */
import { shippedTable } from '../meaning/meaning.ts';
import { pieceReader } from '../meaning/pieces.ts';
import { MAX_PIECES } from './encoder.ts';

/** Units from which pieces are taken: several times what the encoder reads. */
const HEAD_UNITS = 1000;
const TAIL_UNITS = 500;
const TAIL_PIECES = MAX_PIECES / 3;

/** Reads a text. Its buffers are its own. Throws where the table of word pieces is damaged. */
export function excerptReader(): (text: string) => Int32Array {
  const read = pieceReader(shippedTable().vocabulary);
  return (text) => {
    const pieces: number[] = [];
    read(clipped(text), (piece) => {
      // unknown characters in a row count as one
      if (piece >= 0 || pieces.at(-1) !== piece) pieces.push(piece);
    });
    if (pieces.length > MAX_PIECES)
      pieces.splice(MAX_PIECES - TAIL_PIECES, pieces.length - MAX_PIECES);
    return Int32Array.from(pieces);
  };
}

const clipped = (text: string): string =>
  text.length <= HEAD_UNITS + TAIL_UNITS
    ? text
    : `${text.slice(0, HEAD_UNITS)} … ${text.slice(-TAIL_UNITS)}`;
