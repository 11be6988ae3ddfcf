import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forest, type Tree } from './trees.ts';

/** Each with two questions of three features: 0 is asked first, then 1 on the left or 2 on the right. */
const TREES: readonly Tree[] = [
  {
    feature: [0, 1, -1, -1, -1],
    threshold: [2, -1, 0, 0, 0],
    left: [1, 2, 0, 0, 0],
    right: [4, 3, 0, 0, 0],
    value: [0, 0, 1, 10, 100],
  },
  {
    feature: [0, -1, 2, -1, -1],
    threshold: [0, 0, 5, 0, 0],
    left: [1, 0, 3, 0, 0],
    right: [2, 0, 4, 0, 0],
    value: [0, 1000, 0, 10_000, 100_000],
  },
];

function leafOf({ feature, threshold, left, right, value }: Tree, row: Float64Array): number {
  let node = 0;
  while (feature[node]! >= 0)
    node = row[feature[node]!]! <= threshold[node]! ? left[node]! : right[node]!;
  return value[node]!;
}

test('a forest says what its trees say when they are walked one by one', () => {
  const said = forest(TREES);
  const value = fc.constantFrom(-2, -1, 0, 1, 2, 3, 5, 6, Number.NaN);
  fc.assert(
    fc.property(fc.tuple(value, value, value), (values) => {
      const row = Float64Array.from(values);
      expect(said(row)).toBe(TREES.reduce((sum, tree) => sum + leafOf(tree, row), 0));
    }),
  );
});

test('a tree of more leaves than a number has bits is refused', () => {
  const inner = 32;
  const chain = (of: (at: number) => number): number[] =>
    Array.from({ length: 2 * inner + 1 }, (_, at) => of(at));
  const tree: Tree = {
    feature: chain((at) => (at < inner ? 0 : -1)),
    threshold: chain((at) => at),
    left: chain((at) => inner + at),
    right: chain((at) => (at + 1 < inner ? at + 1 : 2 * inner)),
    value: chain((at) => at),
  };
  expect(() => forest([tree])).toThrow('33 leaves');
});
