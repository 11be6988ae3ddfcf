/**
 * Fits a network of one hidden layer (rectified) with logistic outputs, by Adam (Kingma and Ba, 2015). What it
 * reads is drawn afresh each time a sample comes up, so that a part of it can be left out. Deterministic.
 */
import { seeded } from './metrics.ts';

export interface NetworkSample {
  /** Writes what the network reads this time. `random` gives numbers of 0..1. */
  readonly draw: (random: () => number, into: Float64Array) => void;
  /** One an output, 0 or 1. */
  readonly targets: readonly number[];
  readonly weight: number;
}

export interface NetworkOptions {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly passes: number;
  readonly rate: number;
  /** Share of each weight that is taken off a step, times the rate. */
  readonly decay: number;
  readonly seed: number;
}

/** Row-major: a row an input or a hidden unit. */
export interface Network {
  readonly inward: Float64Array;
  readonly inwardBias: Float64Array;
  readonly outward: Float64Array;
  readonly outwardBias: Float64Array;
}

const BATCH = 32;
/** Steps over which the rate rises; it then falls to nothing in a straight line. */
const WARM_UP = 50;
const [FIRST, SECOND, TINY] = [0.9, 0.999, 1e-8];

export function fitNetwork(samples: readonly NetworkSample[], options: NetworkOptions): Network {
  const { inputs, hidden, outputs, passes, rate, decay } = options;
  const random = seeded(options.seed);
  const start = (count: number, reach: number): Float64Array =>
    Float64Array.from({ length: count }, () => (2 * random() - 1) * reach);
  const network: Network = {
    inward: start(inputs * hidden, 0.7 * Math.sqrt(3 / inputs)),
    inwardBias: new Float64Array(hidden),
    outward: start(hidden * outputs, Math.sqrt(3 / hidden)),
    outwardBias: new Float64Array(outputs),
  };
  const slopes = blank(network);
  const add = adder(network, slopes, options);
  const move = stepper(network, slopes, decay);
  const order = samples.map((_, at) => at);
  const steps = passes * Math.ceil(samples.length / BATCH);
  let step = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    shuffle(order, random);
    for (let from = 0; from < order.length; from += BATCH) {
      for (const slope of Object.values(slopes)) slope.fill(0);
      for (const at of order.slice(from, from + BATCH)) add(samples[at]!, random);
      step += 1;
      move(step, rate * Math.min(1, step / WARM_UP) * (1 - step / (steps + 1)));
    }
  }
  return network;
}

const blank = ({ inward, inwardBias, outward, outwardBias }: Network): Network => ({
  inward: new Float64Array(inward.length),
  inwardBias: new Float64Array(inwardBias.length),
  outward: new Float64Array(outward.length),
  outwardBias: new Float64Array(outwardBias.length),
});

/** Adds the slopes of a sample's loss, cross-entropy, to `slopes`. */
function adder(
  { inward, inwardBias, outward, outwardBias }: Network,
  slopes: Network,
  { inputs, hidden, outputs }: NetworkOptions,
): (sample: NetworkSample, random: () => number) => void {
  const given = new Float64Array(inputs);
  const units = new Float64Array(hidden);
  const back = new Float64Array(hidden);
  return ({ draw, targets, weight }, random) => {
    draw(random, given);
    units.set(inwardBias);
    for (let input = 0; input < inputs; input += 1)
      for (let unit = 0; unit < hidden; unit += 1)
        units[unit]! += given[input]! * inward[input * hidden + unit]!;
    for (let unit = 0; unit < hidden; unit += 1) units[unit] = Math.max(0, units[unit]!);
    back.fill(0);
    for (let output = 0; output < outputs; output += 1) {
      let sum = outwardBias[output]!;
      for (let unit = 0; unit < hidden; unit += 1)
        sum += units[unit]! * outward[unit * outputs + output]!;
      const slope = weight * (1 / (1 + Math.exp(-sum)) - targets[output]!);
      slopes.outwardBias[output]! += slope;
      for (let unit = 0; unit < hidden; unit += 1) {
        slopes.outward[unit * outputs + output]! += slope * units[unit]!;
        back[unit]! += slope * outward[unit * outputs + output]!;
      }
    }
    for (let unit = 0; unit < hidden; unit += 1) {
      if (units[unit]! <= 0) continue;
      slopes.inwardBias[unit]! += back[unit]!;
      for (let input = 0; input < inputs; input += 1)
        slopes.inward[input * hidden + unit]! += back[unit]! * given[input]!;
    }
  };
}

/** One step of Adam; the biases do not decay. */
function stepper(
  network: Network,
  slopes: Network,
  decay: number,
): (step: number, rate: number) => void {
  const first = blank(network);
  const second = blank(network);
  const names = ['inward', 'inwardBias', 'outward', 'outwardBias'] as const;
  return (step, rate) => {
    for (const name of names) {
      const values = network[name];
      const slope = slopes[name];
      const mean = first[name];
      const square = second[name];
      const shrink = name.endsWith('Bias') ? 0 : decay;
      for (let at = 0; at < values.length; at += 1) {
        const g = slope[at]! / BATCH;
        mean[at] = FIRST * mean[at]! + (1 - FIRST) * g;
        square[at] = SECOND * square[at]! + (1 - SECOND) * g * g;
        const towards = mean[at]! / (1 - FIRST ** step);
        const size = Math.sqrt(square[at]! / (1 - SECOND ** step)) + TINY;
        values[at]! -= rate * (towards / size + shrink * values[at]!);
      }
    }
  };
}

/** Fisher and Yates, in place. */
function shuffle(list: number[], random: () => number): void {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
}
