/**
 * The fast judge: how likely a good small model's answer would not do, from what a request means and how
 * it is made. A kernel machine: the request is compared with some hundreds of rated ones.
 */
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
  /** A row of `dimensions` numbers for each rated request that is kept. */
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
export interface InputRange {
  readonly from: number;
  readonly to: number;
}

export function needModel(stored: StoredNeed): NeedModel {
  const { inputs, dimensions, bias } = stored;
  const { middle, factor, limit, projection, landmarks, weights, gate } = unpacked(stored);
  const point = new Float64Array(dimensions);
  const distances = new Float64Array(weights.length);

  /** Adds a range of inputs to `into`, the place of the request among the rated ones. Gives what the gate says of them. */
  const project = (given: Float64Array, { from, to }: InputRange, into: Float64Array): number => {
    let exam = 0;
    for (let input = from; input < to; input += 1) {
      const most = limit[input]!;
      const free = (given[input]! - middle[input]!) * factor[input]!;
      const value = free > most ? most : free < -most ? -most : free;
      // most requests have no context
      if (value === 0) continue;
      exam += value * gate[input]!;
      const row = input * dimensions;
      for (let at = 0; at < dimensions; at += 1) into[at]! += value * projection[row + at]!;
    }
    return exam;
  };

  const needAt = (place: Float64Array): number => {
    squaredDistances(place, landmarks, distances);
    let need = bias;
    for (let mark = 0; mark < distances.length; mark += 1)
      need += weights[mark]! * Math.exp(-distances[mark]!);
    return need;
  };

  const predict = (given: Float64Array): Prediction => {
    point.fill(0);
    const exam = stored.gateBias + project(given, { from: 0, to: inputs }, point);
    const need = needAt(point);
    const nearest = indexOfLeast(distances);
    const similarity = Math.exp(-distances[nearest]!);
    return {
      need,
      exam: smoothStep((exam - GATE_OPENS) / (GATE_OPEN - GATE_OPENS)),
      nearest,
      similarity,
    };
  };

  const withoutEach = (given: Float64Array, parts: readonly InputRange[]): readonly number[] => {
    const moves = parts.map((part) => {
      const move = new Float64Array(dimensions);
      project(given, part, move);
      return move;
    });
    return placesWithoutEach(moves).map(needAt);
  };

  return { inputs, predict, withoutEach };
}

function unpacked(stored: StoredNeed) {
  return {
    middle: unpackNumbers(stored.middle),
    factor: unpackNumbers(stored.factor),
    limit: unpackNumbers(stored.limit),
    projection: unpackNumbers(stored.projection),
    landmarks: unpackNumbers(stored.landmarks),
    weights: unpackNumbers(stored.weights),
    gate: unpackNumbers(stored.gate),
  };
}

/** For each move the place that all the others lead to. */
function placesWithoutEach(moves: readonly Float64Array[]): Float64Array[] {
  const whole = moves[0]!.map((_, at) => moves.reduce((sum, move) => sum + move[at]!, 0));
  return moves.map((move) => whole.map((value, at) => value - move[at]!));
}

/**
 * The squared distance from `place` to each row of `rows`. Four rows at a time: one sum would wait for its last
 * addition at every step, four go on beside each other (measured: a third of the time).
 */
function squaredDistances(place: Float64Array, rows: Float32Array, into: Float64Array): void {
  const width = place.length;
  let row = 0;
  for (; row + 4 <= into.length; row += 4) {
    const first = row * width;
    const [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width];
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let at = 0; at < width; at += 1) {
      const value = place[at]!;
      const toA = value - rows[first + at]!;
      const toB = value - rows[second + at]!;
      const toC = value - rows[third + at]!;
      const toD = value - rows[fourth + at]!;
      a += toA * toA;
      b += toB * toB;
      c += toC * toC;
      d += toD * toD;
    }
    into[row] = a;
    into[row + 1] = b;
    into[row + 2] = c;
    into[row + 3] = d;
  }
  for (; row < into.length; row += 1) {
    let sum = 0;
    for (let at = 0; at < width; at += 1) sum += (place[at]! - rows[row * width + at]!) ** 2;
    into[row] = sum;
  }
}

function indexOfLeast(values: Float64Array): number {
  let least = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at]! < values[least]!) least = at;
  return least;
}

/** Below the first the gate is shut, from the second on it is open. */
const GATE_OPENS = 0.32;
const GATE_OPEN = 0.6;

function smoothStep(value: number): number {
  const part = Math.max(0, Math.min(1, value));
  return part * part * (3 - 2 * part);
}
