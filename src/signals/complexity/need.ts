/**
 * The fast judge: how likely a good small model's answer would not do, from what a request means and how
 * it is made. A kernel machine: the request is compared with some hundreds of rated ones.
 */
import {
  BESIDE,
  type Doubles,
  type Kernels,
  LANES,
  type Measure,
  type Numbers,
  openKernels,
} from '../../kernels/kernels.ts';
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

/** Inputs `from` up to `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

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
  const room = memoryFor(stored, parts);
  const { kernels, landmarks, weights, place, nearest, moves, rest } = room;
  const multiply = multiplier(room);

  const predict = (given: Float64Array): Prediction => {
    let exam = stored.gateBias;
    room.given.values.set(given);
    for (const { inputs, measure, standard, projection, move } of room.parts) {
      exam += kernels.standardise(inputs, measure, standard);
      kernels.weightedSum(standard, projection, move);
    }
    kernels.weightedSum(room.each, moves, place);
    const need = stored.bias + kernels.compare(place, landmarks, weights, room);
    const { values } = nearest;
    return { need, exam: openness(exam), nearest: values[1]!, similarity: values[0]! };
  };

  const withoutEach = (): readonly number[] => {
    multiply();
    kernels.compareBeside(room, rest);
    return parts.map((_, at) => stored.bias + rest.values[at]!);
  };

  return { inputs: stored.inputs, predict, withoutEach, place: () => place.values };
}

/** What belongs to some of the inputs, in the memory of the kernels. */
interface Part {
  readonly range: Range;
  readonly inputs: Doubles;
  /** Its `share` is what the gate says of an input. */
  readonly measure: Measure;
  /** Its inputs in the common measure. */
  readonly standard: Numbers;
  readonly projection: Numbers;
  /** How far it moves the place. */
  readonly move: Numbers;
}

/** The large arrays of the model and room for one request, in the memory of kernels of their own. */
function memoryFor(stored: Need, ranges: readonly Range[]) {
  const { dimensions, inputs } = stored;
  const rows =
    typeof stored.landmarks === 'string' ? unpackNumbers(stored.landmarks) : stored.landmarks;
  const shares = unpackNumbers(stored.weights);
  const count = shares.length;
  const others = ranges.length - 1;
  /** Sums of rows are made in sixteens. */
  const width = Math.ceil(count / SUMMED) * SUMMED;
  const reached = ranges.slice(0, -1).filter((range) => isNarrow(range, dimensions));
  const reach = reached.reduce((sum, { from, to }) => sum + to - from, 0);
  const kernels = openKernels(
    rows.length +
      3 * count +
      (reach + others) * width +
      inputs * dimensions +
      (ranges.length + 1) * (dimensions + BESIDE) +
      NUMBERS_AN_INPUT * (inputs + LANES) +
      (ranges.length + LANES),
  );
  const moves = kernels.take(ranges.length * dimensions);
  return {
    kernels,
    dimensions,
    ...partsIn(kernels, stored, { ranges, moves }),
    moves,
    /** All moves are the place: each counts once. */
    each: kernels.copy(new Float32Array(ranges.length).fill(1)),
    landmarks: kernels.copyRows(rows, dimensions),
    lengths: kernels.copy(squaredLengths(rows, dimensions)),
    weights: kernels.copy(shares),
    products: kernels.take(others * width),
    squared: kernels.take(count),
    nearest: kernels.take(BESIDE),
    place: kernels.take(dimensions),
    rest: kernels.take(ranges.length * BESIDE),
  };
}

/** Beside its rows of the projection: it in 64 bits and in the common measure, and the four numbers of that. */
const NUMBERS_AN_INPUT = 7;

/** Of everything that an input has numbers of, what belongs to each part. */
function partsIn(
  kernels: Kernels,
  stored: Need,
  { ranges, moves }: { readonly ranges: readonly Range[]; readonly moves: Numbers },
): { readonly given: Doubles; readonly parts: readonly Part[] } {
  const { dimensions, inputs } = stored;
  const copy = (packed: string): Numbers => kernels.copy(unpackNumbers(packed));
  const given = kernels.takeDoubles(inputs);
  const standard = kernels.take(inputs);
  const [middle, factor] = [copy(stored.middle), copy(stored.factor)];
  const [limit, share] = [copy(stored.limit), copy(stored.gate)];
  const projection = copy(stored.projection);
  const parts = ranges.map((range, at) => ({
    range,
    inputs: pieceOfDoubles(given, range),
    measure: {
      middle: piece(middle, range),
      factor: piece(factor, range),
      limit: piece(limit, range),
      share: piece(share, range),
    },
    standard: piece(standard, range),
    projection: piece(projection, range, dimensions),
    move: piece(moves, { from: at, to: at + 1 }, dimensions),
  }));
  return { given, parts };
}

type Memory = ReturnType<typeof memoryFor>;

const SUMMED = 16;

/** Whether its inputs times their products with the landmarks are less work than its move times the landmarks. */
const isNarrow = ({ from, to }: Range, dimensions: number): boolean =>
  2 * (to - from) <= dimensions;

/** For the last prediction: the products of the landmarks with each part's move but the last one's, which follow from those of all others. */
function multiplier({ kernels, dimensions, landmarks, parts, products }: Memory): () => void {
  const others = parts.slice(0, -1);
  const width = products.values.length / others.length;
  /** The products of the landmarks with what one of each input moves the place. */
  const reachOf = (projection: Numbers, inputs: number): Numbers => {
    const reach = kernels.take(inputs * width);
    for (let input = 0; input < inputs; input += 1) {
      const row = { from: input, to: input + 1 };
      const [one, its] = [piece(projection, row, dimensions), piece(reach, row, width)];
      kernels.products([one, one], landmarks, [its, its]);
    }
    return reach;
  };
  const narrow: { readonly standard: Numbers; readonly reach: Numbers; readonly into: Numbers }[] =
    [];
  const wide: { readonly move: Numbers; readonly into: Numbers }[] = [];
  others.forEach(({ range, standard, projection, move }, at) => {
    const into = piece(products, { from: at, to: at + 1 }, width);
    if (isNarrow(range, dimensions))
      narrow.push({ standard, reach: reachOf(projection, range.to - range.from), into });
    else wide.push({ move, into });
  });
  return () => {
    for (const { standard, reach, into } of narrow) kernels.weightedSum(standard, reach, into);
    for (let at = 0; at < wide.length; at += 2) {
      const [one, other = one] = [wide[at]!, wide[at + 1]];
      kernels.products([one.move, other.move], landmarks, [one.into, other.into]);
    }
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

/** The numbers `from` up to `to`, or rows of `width` numbers. */
const piece = ({ at, values }: Numbers, { from, to }: Range, width = 1): Numbers => ({
  at: at + from * width * values.BYTES_PER_ELEMENT,
  values: values.subarray(from * width, to * width),
});

const pieceOfDoubles = ({ at, values }: Doubles, { from, to }: Range): Doubles => ({
  at: at + from * values.BYTES_PER_ELEMENT,
  values: values.subarray(from, to),
});

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
