/** What the encoder reads of a text: its beginning and its end, as word pieces. */
import { grown, shippedPieces } from '../meaning/meaning.ts';
import { MAX_PIECES } from './encoder.ts';

/** Units from which pieces are taken: several times what the encoder reads. */
const HEAD_UNITS = 1000;
const TAIL_UNITS = 500;
const TAIL_PIECES = MAX_PIECES / 3;

/** `known`: all pieces of the text, as `Meaning.inOrder` has them, where somebody cut them. */
type ReadExcerpt = (text: string, known?: Int32Array) => Int32Array;

/** Reads a text; the next one overwrites what it gave. Throws where the table of word pieces is damaged. */
export function excerptReader(): ReadExcerpt {
  const read = shippedPieces();
  let found = new Int32Array(HEAD_UNITS + TAIL_UNITS);
  let count = 0;
  const add = (piece: number): void => {
    // unknown characters in a row count as one
    if (count > 0 && piece < 0 && found[count - 1] === piece) return;
    if (count === found.length) found = grown(found);
    found[count++] = piece;
  };
  return (text, known) => {
    const isWhole = text.length <= HEAD_UNITS + TAIL_UNITS;
    count = 0;
    if (isWhole && known !== undefined) known.forEach(add);
    else read(isWhole ? text : clipped(text), add);
    if (count <= MAX_PIECES) return found.subarray(0, count);
    found.copyWithin(MAX_PIECES - TAIL_PIECES, count - TAIL_PIECES, count);
    return found.subarray(0, MAX_PIECES);
  };
}

const clipped = (text: string): string =>
  `${text.slice(0, HEAD_UNITS)} … ${text.slice(-TAIL_UNITS)}`;
