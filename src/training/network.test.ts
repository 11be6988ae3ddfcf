import { expect, test } from 'vitest';
import { fitNetwork, type NetworkSample } from './network.ts';

const sample = (given: readonly number[], target: number): NetworkSample => ({
  draw: (_, into) => into.set(given),
  targets: [target],
  weight: 1,
});

/** One or the other, not both: no straight line divides them. */
const samples = Array.from({ length: 40 }, () => [
  sample([-1, -1], 0),
  sample([1, 1], 0),
  sample([1, -1], 1),
  sample([-1, 1], 1),
]).flat();
const options = { inputs: 2, hidden: 8, outputs: 1, passes: 60, rate: 0.02, decay: 0, seed: 1 };

test('what needs a hidden layer is learned, and each time alike', () => {
  const network = fitNetwork(samples, options);
  const says = (given: readonly number[]): number => {
    let sum = network.outwardBias[0]!;
    for (let unit = 0; unit < 8; unit += 1) {
      const value =
        network.inwardBias[unit]! +
        given[0]! * network.inward[unit]! +
        given[1]! * network.inward[8 + unit]!;
      sum += Math.max(0, value) * network.outward[unit]!;
    }
    return sum;
  };
  expect([says([-1, -1]), says([1, 1])].every((value) => value < -1)).toBe(true);
  expect([says([1, -1]), says([-1, 1])].every((value) => value > 1)).toBe(true);
  expect(fitNetwork(samples, options)).toEqual(network);
});
