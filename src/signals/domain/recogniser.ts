/**
 * Recognises a policy's tasks from a few examples each: a linear classifier over words, pieces of
 * words and what they mean, with one more class for everything that is none of the tasks.
 */
import type { Domain } from '../../core/policy.ts';
import { directions } from './directions.ts';
import { featureReader, type Said } from './features.ts';
import { judgeOf, type Recognised } from './judge.ts';
import { keyTable, type KeyTable } from './key-table.ts';
import { MOST_KEYS, WORDS_LENGTH, type DomainTables, type Reading } from './learn.ts';
import { softmax } from './softmax.ts';

const NOTHING: Recognised = { name: '', confidence: 0 };

/** By what was learned from the examples of these domains. Recognising a short message takes microseconds. */
export function recogniser(
  domains: readonly Domain[],
  { keys, rarity, weights, middle, documents, languages }: DomainTables,
  { meaning }: Pick<Reading, 'meaning'>,
): (said: Said) => Recognised {
  const scratch = new Int32Array(MOST_KEYS);
  const reader = featureReader();
  const table = keyTable(keys);
  const direction = directions(middle, meaning);
  const classes = domains.length + 1;
  const { width } = direction;
  const odds = new Float64Array(classes);
  const add = adder({ weights, rarity, table, odds, unknown: Math.log(documents + 1) ** 2 });
  const pointed = new Float32Array(width);
  const judge = judgeOf(domains, languages);

  return (said) => {
    odds.fill(0);
    const strange = add(scratch, reader.read(said, scratch));
    const isMeant = direction.of(said.pieces, pointed);
    if (strange === 1 && !isMeant) return NOTHING;
    for (let at = 0; at < width; at++) {
      const from = (table.rows + at) * classes;
      const value = pointed[at] ?? 0;
      for (let label = 0; label < classes; label++)
        odds[label] = (odds[label] ?? 0) + value * (weights[from + label] ?? 0);
    }
    softmax(odds);
    return judge(odds, strange);
  };
}

interface Lexical {
  readonly weights: Float32Array;
  readonly rarity: Float32Array;
  readonly table: KeyTable;
  readonly odds: Float64Array;
  /** The square of the weight of a key that no example has. */
  readonly unknown: number;
}

/** Adds what the keys of a text say to the odds; answers the share of them that no example has. */
function adder({ weights, rarity, table, odds, unknown }: Lexical) {
  const seenIn = new Int32Array(table.rows);
  const classes = odds.length;
  let round = 0;
  return (keys: Int32Array, count: number): number => {
    let square = 0;
    let strange = 0;
    round++;
    for (let at = 0; at < count; at++) {
      const row = table.find(keys[at] ?? 0);
      if (row < 0) strange++;
      else if (seenIn[row] !== round) {
        seenIn[row] = round;
        const value = rarity[row] ?? 0;
        square += value * value;
        for (let label = 0; label < classes; label++)
          odds[label] = (odds[label] ?? 0) + value * (weights[row * classes + label] ?? 0);
      }
    }
    // A key that no example has makes a text longer, and so less like any of them: in proportion to what
    // is known, or a message in a language without examples would be like nothing at all.
    square += (unknown * strange * (count - strange)) / Math.max(1, count);
    if (square === 0) return 1;
    const scale = WORDS_LENGTH / Math.sqrt(square);
    for (let label = 0; label < classes; label++) odds[label] = (odds[label] ?? 0) * scale;
    return strange / count;
  };
}
