import type { Domain } from '../../core/policy.ts';
import { splitWords, type Words } from '../text/words.ts';

/** The task that a text is most like, and how surely it belongs to it at all. */
export interface Recognised {
  readonly name: string;
  readonly confidence: number;
}

/** Learns tasks from a few examples each. */
export function recogniser(domains: readonly Domain[]): (words: Words) => Recognised {
  const documents = domains.flatMap(({ examples }, at) =>
    examples.map((example) => ({ at, features: featuresOf(splitWords(example)) })),
  );
  const idf = weights(documents.map(({ features }) => features));
  const centroids = domains.map((_, at) =>
    unit(
      sum(
        documents
          .filter((document) => document.at === at)
          .map(({ features }) => weigh(features, idf)),
      ),
    ),
  );
  return (words) => {
    const vector = unit(weigh(featuresOf(words), idf));
    let best = 0;
    let name = '';
    centroids.forEach((centroid, at) => {
      const likeness = dot(vector, centroid);
      if (likeness > best) {
        best = likeness;
        name = domains[at]?.name ?? '';
      }
    });
    return { name, confidence: Math.min(1, best / 0.5) };
  };
}

type Vector = Map<number, number>;

function featuresOf({ folded, length, hashes, count }: Words): Vector {
  const vector: Vector = new Map();
  const add = (hash: number): void => void vector.set(hash, (vector.get(hash) ?? 0) + 1);
  for (let at = 0; at < count; at++) add(hashes[at] ?? 0);
  for (let at = 0; at + 4 <= length; at++) {
    let hash = 17;
    for (let next = at; next < at + 4; next++)
      hash = Math.imul(hash ^ (folded[next] ?? 0), 0x01000193);
    add(hash);
  }
  return vector;
}

function weights(documents: readonly Vector[]): Vector {
  const seen: Vector = new Map();
  for (const document of documents)
    for (const hash of document.keys()) seen.set(hash, (seen.get(hash) ?? 0) + 1);
  const rare: Vector = new Map();
  for (const [hash, times] of seen)
    rare.set(hash, Math.log((1 + documents.length) / (1 + times)) + 0.5);
  return rare;
}

function weigh(vector: Vector, idf: Vector): Vector {
  const weighed: Vector = new Map();
  for (const [hash, times] of vector) weighed.set(hash, Math.sqrt(times) * (idf.get(hash) ?? 3));
  return weighed;
}

function sum(vectors: readonly Vector[]): Vector {
  const total: Vector = new Map();
  for (const vector of vectors)
    for (const [hash, value] of vector) total.set(hash, (total.get(hash) ?? 0) + value);
  return total;
}

function unit(vector: Vector): Vector {
  let square = 0;
  for (const value of vector.values()) square += value * value;
  const norm = Math.sqrt(square) || 1;
  return new Map([...vector].map(([hash, value]) => [hash, value / norm]));
}

function dot(one: Vector, other: Vector): number {
  let product = 0;
  for (const [hash, value] of one) product += value * (other.get(hash) ?? 0);
  return product;
}
