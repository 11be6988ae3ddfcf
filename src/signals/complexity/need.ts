/**
 * The fast judge: how likely a good small model's answer would not do, from what a request means and how
 * it is made. A kernel machine: the request is compared with some hundreds of rated ones.
 */
import { LANES, MOVES, type Numbers, openKernels, type Range } from '../../kernels/kernels.ts';
import { unpackNumbers } from '../meaning/packed-numbers.ts';

/** What training writes. Texts are arrays of float32, little-endian, as base64. */
export interface StoredNeed {
  readonly inputs: number;
  readonly dimensions: number;
  /** One an input: the mean, the factor after it is taken off, and how far from zero the result may be. */
  readonly middle: string;
  readonly factor: string;
  readonly limit: string;
  /** `inputs` rows of `dimensions` numbers. */
  readonly projection: string;
  /** A row of `dimensions` numbers, divisible by 16, for each rated request that is kept: a number divisible by 4. */
  readonly landmarks: string;
  /** One a landmark. */
  readonly weights: string;
  readonly bias: number;
  /** One an input: how much it speaks for an exam's question. */
  readonly gate: string;
  readonly gateBias: number;
}

/** The same, where the landmarks may be numbers already. */
export type Need = Omit<StoredNeed, 'landmarks'> & { readonly landmarks: string | Float32Array };

export interface Prediction {
  /** About 0..1, before calibration. */
  readonly need: number;
  /** 0..1: how much it is like an exam's question. */
  readonly exam: number;
  /** The nearest rated request that is kept, and its similarity, 0..1. */
  readonly nearest: number;
  readonly similarity: number;
}

export interface NeedModel {
  readonly inputs: number;
  predict(inputs: Float64Array): Prediction;
  /** The need of the last prediction for each part, were its inputs as in the mean rated request. */
  withoutEach(): readonly number[];
  /** Where the last prediction stood among the rated requests: one number a direction. Overwritten by the next. */
  place(): Float32Array;
}

/**
 * `parts` say which inputs belong together: they follow one another and make up all inputs. Its buffers are its own.
 */
export function needModel(
  stored: Need,
  parts: readonly Range[] = [{ from: 0, to: stored.inputs }],
): NeedModel {
  const room = memoryFor(stored, parts.length);
  const { kernels, projection, landmarks, weights, standard, place } = room;
  const { similar, squared, lengths, moves, rounds, products, beside } = room;
  const standardise = standardiser(stored, standard.values);

  const predict = (given: Float64Array): Prediction => {
    let exam = stored.gateBias;
    place.values.fill(0);
    parts.forEach((part, at) => {
      exam += standardise(given, part);
      kernels.weightedSum(standard, projection, part, moves[at]!);
      add(place.values, moves[at]!.values);
    });
    kernels.similarities(place, landmarks, 1, { similar, squared });
    const need = stored.bias + kernels.dot(weights, similar);
    const nearest = indexOfMost(similar.values);
    return {
      need,
      exam: openness(exam),
      nearest,
      similarity: similar.values[nearest]!,
    };
  };

  const withoutEach = (): readonly number[] => {
    const last = { place, scale: 1, squared };
    const others = parts.length - 1;
    for (const round of rounds) kernels.products(round.moves, landmarks, round.products);
    // all moves together are the place: what is left of it is the last one
    kernels.remaining(last, { lengths, products, count: others }, beside[others]!);
    return parts.map((_, at) => {
      kernels.similaritiesBeside(last, moves[at]!, beside[at]!);
      return stored.bias + kernels.dot(weights, beside[at]!);
    });
  };

  return { inputs: stored.inputs, predict, withoutEach, place: () => place.values };
}

/** Brings the inputs of a part to a common measure, into `into`. Gives what the gate says of them. */
function standardiser(
  stored: Need,
  into: Float32Array,
): (given: Float64Array, part: Range) => number {
  const middle = unpackNumbers(stored.middle);
  const factor = unpackNumbers(stored.factor);
  const limit = unpackNumbers(stored.limit);
  const gate = unpackNumbers(stored.gate);
  return (given, { from, to }) => {
    let exam = 0;
    for (let input = from; input < to; input += 1) {
      const most = limit[input]!;
      const free = (given[input]! - middle[input]!) * factor[input]!;
      const value = free > most ? most : free < -most ? -most : free;
      into[input] = value;
      exam += value * gate[input]!;
    }
    return exam;
  };
}

/** The large arrays of the model and room for one request, in the memory of kernels of their own. */
function memoryFor({ dimensions, inputs, ...stored }: Need, parts: number) {
  const projection = unpackNumbers(stored.projection);
  const landmarks =
    typeof stored.landmarks === 'string' ? unpackNumbers(stored.landmarks) : stored.landmarks;
  const weights = unpackNumbers(stored.weights);
  const count = weights.length;
  /** The last part's products follow from those of all others. */
  const groups = Math.ceil((parts - 1) / MOVES);
  const large = projection.length + landmarks.length + 4 * count;
  const each = groups * MOVES * (dimensions + count) + dimensions + count;
  const kernels = openKernels(large + each + LANES + inputs + dimensions);
  /** How far each part moves the place; none for parts that there are not. */
  const all = kernels.take((groups * MOVES + 1) * dimensions);
  const products = kernels.take((groups * MOVES + 1) * count);
  const [moves, beside] = [sliced(all, dimensions), sliced(products, count)];
  return {
    kernels,
    projection: kernels.copy(projection),
    landmarks: kernels.copy(landmarks),
    lengths: kernels.copy(squaredLengths(landmarks, dimensions)),
    weights: kernels.copy(weights),
    similar: kernels.take(count),
    squared: kernels.take(count),
    standard: kernels.take(inputs),
    place: kernels.take(dimensions),
    rounds: Array.from({ length: groups }, (_, round) => ({
      moves: together(all, round, MOVES * dimensions),
      products: together(products, round, MOVES * count),
    })),
    products,
    // where there are fewer parts than moves, the last part's stand behind all of them
    moves: [...moves.slice(0, parts - 1), moves.at(-1)!],
    beside: [...beside.slice(0, parts - 1), beside.at(-1)!],
  };
}

function squaredLengths(rows: Float32Array, width: number): Float32Array {
  const lengths = new Float32Array(rows.length / width);
  for (let row = 0; row < lengths.length; row += 1) {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at += 1) sum += rows[at]! ** 2;
    lengths[row] = sum;
  }
  return lengths;
}

/** The pieces of so many numbers that make it up. */
const sliced = (numbers: Numbers, size: number): readonly Numbers[] =>
  Array.from({ length: numbers.values.length / size }, (_, piece) =>
    together(numbers, piece, size),
  );

/** One of its pieces. */
const together = ({ at, values }: Numbers, piece: number, size: number): Numbers => ({
  at: at + piece * size * values.BYTES_PER_ELEMENT,
  values: values.subarray(piece * size, (piece + 1) * size),
});

function add(into: Float32Array, values: Float32Array): void {
  for (let at = 0; at < into.length; at += 1) into[at]! += values[at]!;
}

function indexOfMost(values: Float32Array): number {
  let most = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at]! > values[most]!) most = at;
  return most;
}

/** Below the first the gate is shut, from the second on it is open. */
const GATE_OPENS = 0.28;
const GATE_OPEN = 0.58;

/** What the gate's sum means: 0..1. */
export const openness = (exam: number): number =>
  smoothStep((exam - GATE_OPENS) / (GATE_OPEN - GATE_OPENS));

function smoothStep(value: number): number {
  const part = Math.max(0, Math.min(1, value));
  return part * part * (3 - 2 * part);
}
