import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Encoding, openEncoding } from './encoding.ts';

const WIDTH = 64;
const shape = { width: WIDTH, heads: 2, inner: 192, tokens: 12 };
/** Values of some tokens, which leave room for what rounding to 8 bits loses. */
const tokens = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.array(fc.float({ min: -2, max: 2, noNaN: true }), {
    minLength: count * WIDTH,
    maxLength: count * WIDTH,
  }),
);

function begun(values: readonly number[]): { kernels: Encoding; count: number } {
  const kernels = openEncoding(shape);
  const count = values.length / WIDTH;
  kernels.hidden.set(values);
  kernels.begin(count);
  return { kernels, count };
}

/** A layer with small whole numbers, the same every time. */
function layerOf(rows: number): { levels: Int8Array; scales: Float32Array; bias: Float32Array } {
  return {
    levels: Int8Array.from({ length: rows * WIDTH }, (_, at) => ((at * 37) % 127) - 63),
    scales: Float32Array.from({ length: rows }, (_, row) => (row + 1) / 512),
    bias: Float32Array.from({ length: rows }, (_, row) => row - 7),
  };
}

test('a linear layer is that of the plain loops, but for 8 bits', () => {
  const layer = layerOf(WIDTH);
  fc.assert(
    fc.property(tokens, (values) => {
      const { kernels, count } = begun(values);
      kernels.linear('hidden', kernels.layer({ ...layer, width: WIDTH }), 'other');
      for (let token = 0; token < count; token += 1) {
        const given = values.slice(token * WIDTH, (token + 1) * WIDTH);
        const step = Math.max(...given.map(Math.abs)) / 127;
        layer.scales.forEach((scale, row) => {
          const products = given.map((value, at) => value * layer.levels[row * WIDTH + at]!);
          const sum = products.reduce((all, value) => all + value, 0);
          // each number is off by half a step at most, and a weight is 63 at most
          const most = scale * 63 * WIDTH * (step / 2) + 1e-3;
          const found = kernels.other[token * WIDTH + row]!;
          expect(Math.abs(found - (sum * scale + layer.bias[row]!))).toBeLessThan(most);
        });
      }
    }),
  );
});

test('a norm leaves numbers with the mean and the size that it says', () => {
  fc.assert(
    fc.property(tokens, (values) => {
      fc.pre(values.some((value) => Math.abs(value) > 0.1));
      const { kernels } = begun(values);
      const first = values.slice(0, WIDTH);
      const mean = first.reduce((sum, value) => sum + value, 0) / WIDTH;
      const size = Math.sqrt(first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / WIDTH);
      fc.pre(size > 0.01);
      kernels.addAndNormalise(
        kernels.copy(Float32Array.from({ length: 2 * WIDTH }, (_, at) => (at < WIDTH ? 2 : 1))),
      );
      first.forEach((value, at) =>
        expect(kernels.hidden[at]).toBeCloseTo((2 * (value - mean)) / size + 1, 2),
      );
    }),
  );
});

test('GELU is x times the share of the normal distribution below x', () => {
  const values = [-3, -1, -0.5, 0, 0.5, 1, 3];
  const { kernels } = begun([...values, ...Array.from({ length: WIDTH - values.length }, () => 0)]);
  // the layer that leaves everything as it is
  const levels = new Int8Array(shape.inner * WIDTH);
  for (let at = 0; at < WIDTH; at += 1) levels[at * WIDTH + at] = 63;
  const [scales, bias] = [
    new Float32Array(shape.inner).fill(1 / 63),
    new Float32Array(shape.inner),
  ];
  kernels.linear('hidden', kernels.layer({ levels, scales, bias, width: WIDTH }), 'wide');
  kernels.gelu();
  const back = new Int8Array(WIDTH * shape.inner);
  for (let at = 0; at < WIDTH; at += 1) back[at * shape.inner + at] = 63;
  const narrow = { levels: back, scales: scales.slice(0, WIDTH), bias: bias.slice(0, WIDTH) };
  kernels.linear('wide', kernels.layer({ ...narrow, width: shape.inner }), 'other');
  const expected = [-0.004, -0.1587, -0.1543, 0, 0.3457, 0.8413, 2.996];
  expected.forEach((value, at) => expect(Math.abs(kernels.other[at]! - value)).toBeLessThan(0.04));
});

test('attention mixes values by the softmax of scaled products, and sees no token beyond the last', () => {
  fc.assert(
    fc.property(tokens, (values) => {
      const { kernels, count } = begun(values);
      const layer = layerOf(3 * WIDTH);
      const scales = layer.scales.map(() => 1 / 1024);
      const bias = layer.bias.map(() => 0);
      kernels.linear('hidden', kernels.layer({ ...layer, scales, bias, width: WIDTH }), 'wide');
      const wide = kernels.wide.slice(0, count * 3 * WIDTH);
      kernels.attend();
      const at = (token: number, part: number, one: number): number =>
        wide[token * 3 * WIDTH + part * WIDTH + one]!;
      for (let token = 0; token < count; token += 1)
        for (let head = 0; head < 2; head += 1) {
          const each = Array.from({ length: 32 }, (_, one) => head * 32 + one);
          const shares = Array.from({ length: count }, (_, key) => {
            const product = each.reduce((sum, one) => sum + at(token, 0, one) * at(key, 1, one), 0);
            return Math.exp(product / Math.sqrt(32));
          });
          const all = shares.reduce((sum, share) => sum + share, 0);
          for (const one of each) {
            const mixed = shares.reduce(
              (sum, share, key) => sum + (share / all) * at(key, 2, one),
              0,
            );
            expect(kernels.mixed[token * WIDTH + one]).toBeCloseTo(mixed, 2);
          }
        }
    }),
  );
});
