/**
 * Regression trees, evaluated question by question instead of tree by tree (QuickScorer; Lucchese and others, SIGIR 2015). A question that
 * is answered "above" rules out the leaves on its left; the first leaf that remains is the row's. Most features are 0 and answer no
 * question that way.
 */

/** One tree. Node 0 is the root; a leaf has feature -1. A value at or below the threshold goes left. */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** Bits of a number. */
const MOST_LEAVES = 32;

/** One question: the leaves (bits) of its tree that stay where the value is above the threshold. */
interface Question {
  readonly tree: number;
  readonly threshold: number;
  readonly stay: number;
}

/**
 * The sum of what the trees say about one row of features.
 * @throws where a tree has more than 32 leaves
 */
export function forest(trees: readonly Tree[]): (features: Float64Array) => number {
  const values = new Float64Array(MOST_LEAVES * trees.length);
  const asked: (Question[] | undefined)[] = [];
  trees.forEach((tree, at) => {
    const leaves = questionsOf(tree, at, asked);
    if (leaves.length > MOST_LEAVES) throw new Error(`a tree of ${leaves.length} leaves`);
    values.set(leaves, MOST_LEAVES * at);
  });
  const lists = Array.from(asked, (list) =>
    (list ?? []).toSorted((one, other) => one.threshold - other.threshold),
  );
  const questions = lists.flat();
  const thresholds = Float64Array.from(questions, ({ threshold }) => threshold);
  const treeOf = Uint16Array.from(questions, ({ tree }) => tree);
  const stay = Int32Array.from(questions, (question) => question.stay);
  let end = 0;
  const ends = Uint16Array.from(lists, ({ length }) => (end += length));
  const left = new Int32Array(trees.length);
  return (features) => {
    left.fill(-1);
    let at = 0;
    for (let feature = 0; feature < ends.length; feature += 1) {
      const value = features[feature]!;
      const to = ends[feature]!;
      for (; at < to && !(value <= thresholds[at]!); at += 1) left[treeOf[at]!]! &= stay[at]!;
      at = to;
    }
    let sum = 0;
    for (let tree = 0; tree < left.length; tree += 1) {
      const leaves = left[tree]!;
      sum += values[MOST_LEAVES * tree + 31 - Math.clz32(leaves & -leaves)]!;
    }
    return sum;
  };
}

/** Adds a tree's questions to those of their features; gives its leaves' values from left to right. */
function questionsOf(
  { feature, threshold, left, right, value }: Tree,
  tree: number,
  asked: (Question[] | undefined)[],
): readonly number[] {
  const leaves: number[] = [];
  const walk = (node: number): void => {
    const by = feature[node]!;
    if (by < 0) {
      leaves.push(value[node]!);
      return;
    }
    const from = leaves.length;
    walk(left[node]!);
    const stay = ~((2 ** leaves.length - 2 ** from) | 0);
    (asked[by] ??= []).push({ tree, threshold: threshold[node]!, stay });
    walk(right[node]!);
  };
  walk(0);
  return leaves;
}
