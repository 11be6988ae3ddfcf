/**
 * The encoder at work: word pieces in, what the text means out: mean and standard
 * deviation of the last layer over the pieces.
 * Post-norm BERT (Devlin et al. 2018) as multilingual-e5 has it, with weights in 7 and activations in 8 bits.
 */
import { type Encoding, openEncoding, type LinearPlace } from '../../kernels/encoding.ts';
import {
  type Blocks,
  type EncoderWeights,
  HEADS,
  INNER,
  MARKS,
  unpackRow,
  WIDTH,
} from './weights.ts';

export interface Encoder {
  /** Numbers that a text becomes. */
  readonly width: number;
  /** What a text of these pieces means; -1 is an unknown piece. Pieces beyond `MAX_PIECES` are not read. */
  encode(pieces: ArrayLike<number>): Float32Array;
}

interface Layer {
  readonly attend: LinearPlace;
  readonly output: LinearPlace;
  readonly widen: LinearPlace;
  readonly narrow: LinearPlace;
  readonly middleNorm: number;
  readonly endNorm: number;
}

/** Pieces of one text, without the marks of its begin and end. */
export const MAX_PIECES = 96;
const MAX_TOKENS = MAX_PIECES + 4;

/** One encoder is used by one caller at a time: its memory is its own, some 16 MB. */
export function openEncoder(weights: EncoderWeights): Encoder {
  const kernels = openEncoding({ width: WIDTH, heads: HEADS, inner: INNER, tokens: MAX_TOKENS });
  const layers = weights.layers.map((layer): Layer => ({
    attend: place(kernels, layer.attend, layer.attendBias),
    output: place(kernels, layer.output, layer.outputBias),
    widen: place(kernels, layer.widen, layer.widenBias),
    narrow: place(kernels, layer.narrow, layer.narrowBias),
    middleNorm: kernels.copy(layer.middleNorm),
    endNorm: kernels.copy(layer.endNorm),
  }));
  const norm = kernels.copy(weights.norm);
  // Not the weights as a whole, which would keep the layers a second time.
  const { pieces: begin, positions, word } = weights;
  const [end, unknown] = [begin + 1, begin + MARKS - 1];
  const row = new Float32Array(WIDTH);
  const embed = (token: number, piece: number): void => {
    word(piece, row);
    kernels.hidden.set(row, token * WIDTH);
    kernels.other.set(positions.subarray(token * WIDTH, (token + 1) * WIDTH), token * WIDTH);
  };
  return {
    width: 2 * WIDTH,
    encode: (pieces) => {
      const length = Math.min(pieces.length, MAX_PIECES);
      embed(0, begin);
      for (let at = 0; at < length; at += 1) embed(at + 1, pieces[at]! < 0 ? unknown : pieces[at]!);
      embed(length + 1, end);
      const count = length + 2;
      kernels.begin(count);
      kernels.addAndNormalise(norm);
      for (const layer of layers) runLayer(kernels, layer);
      return pooled(kernels.hidden, count);
    },
  };
}

function runLayer(kernels: Encoding, layer: Layer): void {
  kernels.linear('hidden', layer.attend, 'wide');
  kernels.attend();
  kernels.linear('mixed', layer.output, 'other');
  kernels.addAndNormalise(layer.middleNorm);
  kernels.linear('hidden', layer.widen, 'wide');
  kernels.gelu();
  kernels.linear('wide', layer.narrow, 'other');
  kernels.addAndNormalise(layer.endNorm);
}

/** Mean of each number over the tokens, then its standard deviation. */
function pooled(hidden: Float32Array, count: number): Float32Array {
  const sum = new Float64Array(WIDTH);
  const square = new Float64Array(WIDTH);
  for (let token = 0; token < count; token += 1)
    for (let at = 0; at < WIDTH; at += 1) {
      const value = hidden[token * WIDTH + at]!;
      sum[at]! += value;
      square[at]! += value * value;
    }
  const into = new Float32Array(2 * WIDTH);
  for (let at = 0; at < WIDTH; at += 1) {
    const mean = sum[at]! / count;
    into[at] = mean;
    into[WIDTH + at] = Math.sqrt(Math.max(0, square[at]! / count - mean * mean));
  }
  return into;
}

/** The largest weight of a row in seven bits. */
const MOST = 63;

/** Puts a layer into the kernels' memory: each row in seven bits by its largest weight. */
function place(kernels: Encoding, blocks: Blocks, bias: Float32Array): LinearPlace {
  const { width, rows } = blocks;
  const levels = new Int8Array(rows * width);
  const scales = new Float32Array(rows);
  const row = new Float32Array(width);
  for (let at = 0; at < rows; at += 1) {
    unpackRow(blocks, at, row);
    scales[at] = inSevenBits(row, levels, at * width);
  }
  return kernels.layer({ levels, scales, bias, width });
}

/**
 * Writes a row of levels into `into`, from `from` on, and gives what a level stands for. By loops: millions of weights go through here, and
 * `reduce` would make a number of the heap of each.
 */
function inSevenBits(row: Float32Array, into: Int8Array, from: number): number {
  let most = 0;
  for (let at = 0; at < row.length; at += 1) most = Math.max(most, Math.abs(row[at]!));
  const inverse = most === 0 ? 0 : MOST / most;
  for (let at = 0; at < row.length; at += 1) into[from + at] = Math.round(row[at]! * inverse);
  return most / MOST;
}
