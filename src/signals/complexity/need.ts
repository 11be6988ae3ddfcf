/**
 * The fast judge: how likely a good small model's answer would not do, from the meaning and the form of a request. It is a kernel machine:
 * the request is compared with some hundreds of rated ones.
 */
import { type Kernels, type Measure, NEAREST, openKernels } from '../../kernels/kernels.ts';
import { copyLandmarks, filledUp, sizeOfLandmarks } from '../../kernels/landmarks.ts';
import { type Doubles, LANES, type Numbers } from '../../kernels/memory.ts';
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
  /** A row of `dimensions` numbers, divisible by 16, for each rated request that is kept. */
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
  const { kernels, landmarks, place, ofPlace, beside, moves, point } = room;
  // Not the file as a whole, which would keep the landmarks a second time.
  const { inputs: size, bias, gateBias } = stored;

  const predict = (given: Float64Array): Prediction => {
    let exam = gateBias;
    room.given.values.set(given);
    for (const { inputs, measure, standard, projection, move } of room.parts) {
      exam += kernels.standardise(inputs, measure, standard);
      kernels.weightedSum(standard, projection, move);
    }
    kernels.weightedSum(room.each, moves, place);
    kernels.products(place, landmarks, ofPlace);
    const need = bias + kernels.compare(place, landmarks, ofPlace, room.ofNothing);
    const { at, similarity } = kernels.nearest(place, landmarks, ofPlace, room.nearest);
    return { need, exam: openness(exam), nearest: at, similarity };
  };

  const withoutEach = (): readonly number[] => {
    kernels.products(room.others, landmarks, room.ofOthers);
    kernels.weightedSum(room.last, room.ofAll, room.ofLast);
    return beside.map(({ others, ofMove }) => {
      kernels.weightedSum(others, moves, point);
      return bias + kernels.compare(point, landmarks, ofPlace, ofMove);
    });
  };

  return { inputs: size, predict, withoutEach, place: () => place.values };
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
  const weights = unpackNumbers(stored.weights);
  const count = ranges.length;
  const others = count - 1;
  const width = filledUp(weights.length);
  const vectors = Math.max(1, others);
  const kernels = openKernels(
    sizeOfLandmarks(weights.length, dimensions, vectors) +
      (count + 2) * width +
      inputs * dimensions +
      (count + 2) * dimensions +
      NUMBERS_AN_INPUT * (inputs + LANES) +
      (count + 2) * (count + LANES) +
      NEAREST,
  );
  const moves = kernels.take(count * dimensions);
  const landmarks = copyLandmarks(kernels, { rows, weights, vectors });
  return {
    kernels,
    ...partsIn(kernels, stored, { ranges, moves }),
    moves,
    others: piece(moves, { from: 0, to: others }, dimensions),
    /** All moves are the place: each counts once. */
    each: kernels.copy(new Float32Array(count).fill(1)),
    landmarks,
    place: kernels.take(dimensions),
    point: kernels.take(dimensions),
    nearest: kernels.take(NEAREST),
    ...productsIn(kernels, count, width),
  };
}

/** Products of the landmarks with the place and with each move. All moves are the place: what the others leave of its products are the last one's. */
function productsIn(kernels: Kernels, moves: number, width: number) {
  const all = kernels.take((1 + moves) * width);
  const factors = (of: (at: number) => number): Numbers =>
    kernels.copy(Float32Array.from({ length: moves }, (_, at) => of(at)));
  return {
    ofNothing: kernels.take(width),
    ofPlace: piece(all, { from: 0, to: 1 }, width),
    ofOthers: piece(all, { from: 1, to: moves }, width),
    ofAll: piece(all, { from: 0, to: moves }, width),
    ofLast: piece(all, { from: moves, to: moves + 1 }, width),
    last: factors((at) => (at === 0 ? 1 : -1)),
    beside: Array.from({ length: moves }, (_, move) => ({
      others: factors((at) => (at === move ? 0 : 1)),
      ofMove: piece(all, { from: move + 1, to: move + 2 }, width),
    })),
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
