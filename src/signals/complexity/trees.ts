/** Regression trees, flattened into typed arrays: a hundred of them are read in a few microseconds. */

/** One tree. Node 0 is the root; a leaf has feature -1. A value at or below the threshold goes left. */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** The sum of what the trees say about one row of features. */
export function forest(trees: readonly Tree[]): (features: Float64Array) => number {
  const size = trees.reduce((sum, { feature }) => sum + feature.length, 0);
  const feature = new Int16Array(size);
  const threshold = new Float64Array(size);
  const left = new Int32Array(size);
  const right = new Int32Array(size);
  const value = new Float64Array(size);
  const roots = new Int32Array(trees.length);
  let base = 0;
  trees.forEach((tree, at) => {
    roots[at] = base;
    for (let node = 0; node < tree.feature.length; node += 1) {
      feature[base + node] = tree.feature[node]!;
      threshold[base + node] = tree.threshold[node]!;
      left[base + node] = base + tree.left[node]!;
      right[base + node] = base + tree.right[node]!;
      value[base + node] = tree.value[node]!;
    }
    base += tree.feature.length;
  });
  return (features) => {
    let sum = 0;
    for (let at = 0; at < roots.length; at += 1) {
      let node = roots[at]!;
      let by = feature[node]!;
      while (by >= 0) {
        node = features[by]! <= threshold[node]! ? left[node]! : right[node]!;
        by = feature[node]!;
      }
      sum += value[node]!;
    }
    return sum;
  };
}
