/**
 * The fast judge: how likely a good small model's answer would not do, from what a request means and how
 * it is made. A kernel machine: the request is compared with some hundreds of rated ones.
 */
import { type Numbers, openKernels } from '../../kernels/kernels.ts';
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
  /** A row of `dimensions` numbers for each rated request that is kept; rows and numbers in a row are divisible by 4. */
  readonly landmarks: string;
  /** One a landmark. */
  readonly weights: string;
  readonly bias: number;
  /** One an input: how much it speaks for an exam's question. */
  readonly gate: string;
  readonly gateBias: number;
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
  /** For each part the need where its inputs are as in the mean rated request. The parts make up all inputs. */
  withoutEach(inputs: Float64Array, parts: readonly InputRange[]): readonly number[];
}

/** Inputs from `from` up to `to`. */
interface InputRange {
  readonly from: number;
  readonly to: number;
}

export function needModel(stored: StoredNeed): NeedModel {
  const { inputs, dimensions, bias } = stored;
  const middle = unpackNumbers(stored.middle);
  const factor = unpackNumbers(stored.factor);
  const limit = unpackNumbers(stored.limit);
  const gate = unpackNumbers(stored.gate);
  const { kernels, projection, landmarks, weights, place, move, similar } = kernelsFor(stored);

  /** Adds a range of inputs to `into`, the place of the request among the rated ones. Gives what the gate says of them. */
  const project = (given: Float64Array, { from, to }: InputRange, into: Numbers): number => {
    let exam = 0;
    for (let input = from; input < to; input += 1) {
      const most = limit[input]!;
      const free = (given[input]! - middle[input]!) * factor[input]!;
      const value = free > most ? most : free < -most ? -most : free;
      // most requests have no context
      if (value === 0) continue;
      exam += value * gate[input]!;
      kernels.addScaled(into, projection, input * dimensions, value);
    }
    return exam;
  };

  const needAtPlace = (): number => {
    kernels.similarities(place, landmarks, 1, similar);
    return bias + kernels.dot(weights, similar);
  };

  const predict = (given: Float64Array): Prediction => {
    place.values.fill(0);
    const exam = stored.gateBias + project(given, { from: 0, to: inputs }, place);
    const need = needAtPlace();
    const nearest = indexOfMost(similar.values);
    return {
      need,
      exam: smoothStep((exam - GATE_OPENS) / (GATE_OPEN - GATE_OPENS)),
      nearest,
      similarity: similar.values[nearest]!,
    };
  };

  const without = (given: Float64Array, part: InputRange): number => {
    move.values.fill(0);
    project(given, part, move);
    kernels.addScaled(place, move, 0, -1);
    const need = needAtPlace();
    kernels.addScaled(place, move, 0, 1);
    return need;
  };

  return {
    inputs,
    predict,
    withoutEach: (given, parts) => {
      place.values.fill(0);
      project(given, { from: 0, to: inputs }, place);
      return parts.map((part) => without(given, part));
    },
  };
}

/** The large arrays of the model and room for one request, in the memory of kernels of their own. */
function kernelsFor({ dimensions, ...stored }: StoredNeed) {
  const projection = unpackNumbers(stored.projection);
  const landmarks = unpackNumbers(stored.landmarks);
  const weights = unpackNumbers(stored.weights);
  const count = weights.length;
  const kernels = openKernels(projection.length + landmarks.length + 2 * count + 2 * dimensions);
  return {
    kernels,
    projection: kernels.copy(projection),
    landmarks: kernels.copy(landmarks),
    weights: kernels.copy(weights),
    similar: kernels.take(count),
    place: kernels.take(dimensions),
    move: kernels.take(dimensions),
  };
}

function indexOfMost(values: Float32Array): number {
  let most = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at]! > values[most]!) most = at;
  return most;
}

/** Below the first the gate is shut, from the second on it is open. */
const GATE_OPENS = 0.32;
const GATE_OPEN = 0.6;

function smoothStep(value: number): number {
  const part = Math.max(0, Math.min(1, value));
  return part * part * (3 - 2 * part);
}
