/**
 * The vocabulary of word pieces as a trie over UTF-16 units, in breadth-first order: the children of a
 * node are contiguous and sorted, and pieces are numbered in the order of their nodes.
 */

export interface Vocabulary {
  /** Number of pieces. */
  readonly size: number;
  /** The unit that leads to each node; node 0 is the root. */
  readonly labels: Uint16Array;
  /** Index of the first child of each node, and one entry more: children of `n` are `[first[n], first[n + 1])`. */
  readonly firstChild: Int32Array;
  /** Number of the piece that ends at each node, or -1. */
  readonly pieceAt: Int32Array;
  /** Logarithm of each piece's probability. */
  readonly scores: Float32Array;
}

export interface Piece {
  readonly text: string;
  readonly score: number;
}

/** What is stored of a vocabulary; everything else follows from it. */
export interface StoredVocabulary {
  readonly labels: Uint16Array;
  /** Number of children of each node, doubled, plus one where a piece ends. */
  readonly shape: Uint16Array | Uint32Array;
  readonly scores: Float32Array;
}

interface Draft {
  readonly children: Map<number, Draft>;
  score?: number;
  index?: number;
}

/** Builds the stored form. `order` gives, for each piece of the vocabulary, its place in `pieces`. */
export function buildVocabulary(pieces: readonly Piece[]): {
  stored: StoredVocabulary;
  order: number[];
} {
  const root: Draft = { children: new Map() };
  pieces.forEach(({ text, score }, index) => {
    let node = root;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      let next = node.children.get(unit);
      if (next === undefined) node.children.set(unit, (next = { children: new Map() }));
      node = next;
    }
    node.score = score;
    node.index = index;
  });
  const labels: number[] = [0];
  const shape: number[] = [];
  const scores: number[] = [];
  const order: number[] = [];
  const queue = [root];
  for (const node of queue) {
    const { children, index, score } = node;
    shape.push(2 * children.size + (index === undefined ? 0 : 1));
    if (index !== undefined) {
      order.push(index);
      scores.push(score!);
    }
    for (const [unit, child] of [...children].toSorted(([a], [b]) => a - b)) {
      labels.push(unit);
      queue.push(child);
    }
  }
  return {
    stored: {
      labels: Uint16Array.from(labels),
      shape: Uint32Array.from(shape),
      scores: Float32Array.from(scores),
    },
    order,
  };
}

/** The stored form made ready for looking up. */
export function openVocabulary({ labels, shape, scores }: StoredVocabulary): Vocabulary {
  const firstChild = new Int32Array(shape.length + 1);
  const pieceAt = new Int32Array(shape.length).fill(-1);
  let next = 1;
  let piece = 0;
  for (let node = 0; node < shape.length; node += 1) {
    firstChild[node] = next;
    next += shape[node]! >>> 1;
    if ((shape[node]! & 1) === 1) pieceAt[node] = piece++;
  }
  firstChild[shape.length] = next;
  return { size: piece, labels, firstChild, pieceAt, scores };
}

/** The text of every piece, by its number. */
export function pieceTexts({ size, labels, firstChild, pieceAt }: Vocabulary): string[] {
  const texts = Array.from({ length: size }, () => '');
  const walk = (node: number, text: string): void => {
    if (pieceAt[node]! >= 0) texts[pieceAt[node]!] = text;
    for (let child = firstChild[node]!; child < firstChild[node + 1]!; child += 1)
      walk(child, text + String.fromCharCode(labels[child]!));
  };
  walk(0, '');
  return texts;
}
