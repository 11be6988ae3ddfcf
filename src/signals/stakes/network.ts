/** How costly a bad answer would be, and why: a small network over what a request means, and what its word pieces say. */
import { openKernels } from '../../kernels/kernels.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { unpackNumbers } from '../meaning/packed-numbers.ts';

/** What training writes. Numbers are arrays of float32, little-endian, as base64. */
export interface StoredStakes {
  readonly version: number;
  /** What can be at stake; an output each, and one more for anything at all. */
  readonly kinds: readonly string[];
  readonly dimensions: number;
  readonly hidden: number;
  /** For each dimension of the meaning a number a hidden unit, and the units' biases. */
  readonly inward: string;
  readonly inwardBias: string;
  /** For each hidden unit a number an output, and the outputs' biases. */
  readonly outward: string;
  readonly outwardBias: string;
  /** Word pieces met in training, and how much each speaks for something at stake. */
  readonly pieces: readonly number[];
  readonly pieceWeights: string;
  readonly pieceBias: number;
}

export interface Stakes {
  readonly kind: string;
  /** 0 nothing, 1 surely something. */
  readonly degree: number;
}

export const STAKES_VERSION = 2;
/** How much the word pieces count beside the network, both as logarithms of odds; chosen by leaving languages out. */
const PIECES_SHARE = 0.7;

/**
 * Judges the distinct word pieces of a text. Buffers are its own: one network is used by one caller at a time.
 * @throws Error where what is stored does not fit the code
 */
export function stakesNetwork(
  stored: StoredStakes,
  { dimensions, size, mean }: Meaning,
): (pieces: Int32Array) => Stakes {
  const { kinds, hidden, pieceBias } = stored;
  if (stored.version !== STAKES_VERSION || stored.dimensions !== dimensions)
    throw new Error('it does not fit the code beside it (`npm run train` makes it)');
  const kernels = openKernels(dimensions + (dimensions + 1) * hidden);
  const point = kernels.take(dimensions);
  const inward = kernels.copy(unpackNumbers(stored.inward));
  const units = kernels.take(hidden);
  const inwardBias = unpackNumbers(stored.inwardBias);
  const outward = unpackNumbers(stored.outward);
  const outwardBias = unpackNumbers(stored.outwardBias);
  const spoken = new Float32Array(size);
  unpackNumbers(stored.pieceWeights).forEach((weight, at) => {
    spoken[stored.pieces[at]!] = weight;
  });
  const outputs = kinds.length + 1;
  requireLengths([
    [inward.values, dimensions * hidden],
    [inwardBias, hidden],
    [outward, hidden * outputs],
    [outwardBias, outputs],
    [stored.pieces, unpackNumbers(stored.pieceWeights).length],
  ]);
  const meant = new Float64Array(dimensions);
  const said = new Float64Array(outputs);

  return (pieces) => {
    if (pieces.length === 0) return { kind: 'none', degree: 0 };
    mean(pieces, meant);
    point.values.set(meant);
    kernels.weightedSum(point, inward, units);
    said.set(outwardBias);
    for (let unit = 0; unit < hidden; unit += 1) {
      const value = units.values[unit]! + inwardBias[unit]!;
      if (value <= 0) continue;
      for (let output = 0; output < outputs; output += 1)
        said[output]! += value * outward[unit * outputs + output]!;
    }
    const words = (pieceBias + sumOf(pieces, spoken)) * PIECES_SHARE;
    return { kind: kinds[mostOf(said, kinds.length)]!, degree: logistic(said.at(-1)! + words) };
  };
}

/** What is cut off would be read as no numbers. */
function requireLengths(parts: readonly (readonly [ArrayLike<number>, number])[]): void {
  if (parts.some(([{ length }, expected]) => length !== expected))
    throw new Error('its parts do not fit each other');
}

/** The pieces' weights, shared out so that a long text does not say more than a short one. */
function sumOf(pieces: Int32Array, weights: Float32Array): number {
  let sum = 0;
  for (const piece of pieces) sum += weights[piece]!;
  return sum / Math.sqrt(pieces.length);
}

function mostOf(values: Float64Array, count: number): number {
  let most = 0;
  for (let at = 1; at < count; at += 1) if (values[at]! > values[most]!) most = at;
  return most;
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
