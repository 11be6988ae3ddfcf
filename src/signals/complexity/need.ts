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
  /** The need where the inputs from `from` up to `to` are as in the mean rated request. */
  without(inputs: Float64Array, from: number, to: number): number;
}

export function needModel(stored: StoredNeed): NeedModel {
  const { inputs, dimensions, bias } = stored;
  const [middle, factor, limit] = [stored.middle, stored.factor, stored.limit].map(unpackNumbers);
  const [projection, landmarks, weights, gate] = [
    stored.projection,
    stored.landmarks,
    stored.weights,
    stored.gate,
  ].map(unpackNumbers);
  const point = new Float64Array(dimensions);

  /** Puts the request among the rated ones and gives what the gate says of it. */
  const project = (given: Float64Array): number => {
    let exam = stored.gateBias;
    point.fill(0);
    for (let input = 0; input < inputs; input += 1) {
      const most = limit![input]!;
      const free = (given[input]! - middle![input]!) * factor![input]!;
      const value = free > most ? most : free < -most ? -most : free;
      // most requests have no context
      if (value === 0) continue;
      exam += value * gate![input]!;
      const from = input * dimensions;
      for (let at = 0; at < dimensions; at += 1) point[at]! += value * projection![from + at]!;
    }
    return smoothStep((exam - GATE_OPENS) / (GATE_OPEN - GATE_OPENS));
  };

  const predict = (given: Float64Array): Prediction => {
    const exam = project(given);
    let need = bias;
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let mark = 0; mark < weights!.length; mark += 1) {
      const from = mark * dimensions;
      let distance = 0;
      for (let at = 0; at < dimensions; at += 1) {
        const apart = point[at]! - landmarks![from + at]!;
        distance += apart * apart;
      }
      if (distance < least) {
        nearest = mark;
        least = distance;
      }
      need += weights![mark]! * Math.exp(-distance);
    }
    return { need, exam, nearest, similarity: Math.exp(-least) };
  };

  return {
    inputs,
    predict,
    without: (given, from, to) => {
      const rest = Float64Array.from(given);
      rest.set(middle!.subarray(from, to), from);
      return predict(rest).need;
    },
  };
}

/** Below the first the gate is shut, from the second on it is open. */
const GATE_OPENS = 0.35;
const GATE_OPEN = 0.7;

function smoothStep(value: number): number {
  const part = Math.max(0, Math.min(1, value));
  return part * part * (3 - 2 * part);
}
