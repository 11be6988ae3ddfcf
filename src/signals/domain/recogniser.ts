/**
 * Recognises a policy's tasks from a few examples each: a linear classifier over words, pieces of
 * words and what they mean, with one more class for everything that is none of the tasks.
 */
import type { Domain } from '../../core/policy.ts';
import type { Identify } from '../language/shipped.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { plainText } from '../text/plain-text.ts';
import { splitWords } from '../text/words.ts';
import elsewhere from './none-of-these.json' with { type: 'json' };
import { featureReader, type Said } from './features.ts';
import { judgeOf, type Recognised } from './judge.ts';
import { keyTable, type KeyTable } from './key-table.ts';
import { softmax, train, type Sample } from './softmax.ts';

/** What texts are read with. Without a meaning (its table is damaged) the words alone decide. */
export interface Reading {
  readonly identify: Identify;
  readonly meaning: Meaning | undefined;
}

/** Keys of one text at most: a text of 2,000 characters has fewer. */
const MOST_KEYS = 6000;
const NOTHING: Recognised = { name: '', confidence: 0 };

/**
 * The length of what a text says in words, and of what it means, as the classifier sees them. Measured on
 * CLINC150 and on customers' messages: .6 beside 1.5 recognises most; with more meaning the tasks
 * themselves are mixed up, without it a message in words that no example has is like nothing.
 */
const WORDS_LENGTH = 1.5;
const MEANING_LENGTH = 0.6;

/**
 * Learns the tasks: milliseconds for hundreds of examples, half a second for thousands. Recognising a
 * short message takes microseconds. What belongs to no task is learned from `none-of-these.json`, general
 * requests in six languages, so nothing of the policy's own is needed for it.
 */
export function recogniser(
  domains: readonly Domain[],
  { identify, meaning }: Reading,
): (said: Said) => Recognised {
  const scratch = new Int32Array(MOST_KEYS);
  const reader = featureReader();
  const read = (text: string): Said => ({
    words: splitWords(text),
    pieces: meaning?.pieces(plainText(text)) ?? new Int32Array(0),
  });
  const languages = languagesOf(domains, identify);
  const documents = documentsOf(domains, languages.flatMap(elsewhereIn), (text) => {
    const said = read(text);
    const keys = new Set(scratch.subarray(0, reader.read(said, scratch)));
    return { keys: Int32Array.from(keys), pieces: said.pieces };
  });
  const table = keyTable(documents.flatMap(({ keys }) => [...keys]));
  const rarity = rarities(documents, table);
  const direction = directions(documents, meaning);
  const classes = domains.length + 1;
  const width = direction.width;
  const weights = train(
    samplesOf(documents, { table, rarity, direction }),
    table.rows + width,
    classes,
  );
  const odds = new Float64Array(classes);
  const add = adder({ weights, rarity, table, odds, unknown: Math.log(documents.length + 1) ** 2 });
  const pointed = new Float32Array(width);
  const judge = judgeOf(domains, languages.length);

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

/** Where a text lies from the middle of the examples, by what it means. */
interface Directions {
  readonly width: number;
  /** Writes it, of length `MEANING_LENGTH`; zeros and false where the text has no piece. */
  of(pieces: Int32Array, into: Float32Array): boolean;
}

function directions(documents: readonly Document[], meaning: Meaning | undefined): Directions {
  if (meaning === undefined) return { width: 0, of: () => false };
  const width = meaning.dimensions;
  const point = new Float64Array(width);
  const middle = new Float64Array(width);
  for (const { pieces } of documents) {
    meaning.rareMean(pieces, point);
    for (let at = 0; at < width; at++)
      middle[at] = (middle[at] ?? 0) + (point[at] ?? 0) / documents.length;
  }
  return {
    width,
    of: (pieces, into) => {
      into.fill(0);
      if (pieces.length === 0) return false;
      meaning.rareMean(pieces, point);
      let square = 0;
      for (let at = 0; at < width; at++) square += ((point[at] ?? 0) - (middle[at] ?? 0)) ** 2;
      const scale = square === 0 ? 0 : MEANING_LENGTH / Math.sqrt(square);
      for (let at = 0; at < width; at++) into[at] = ((point[at] ?? 0) - (middle[at] ?? 0)) * scale;
      return true;
    },
  };
}

/** The languages that the examples are in. */
function languagesOf(domains: readonly Domain[], identify: Identify): readonly string[] {
  const spoken = new Map<string, number>();
  const texts = domains.flatMap(({ examples }) => examples);
  for (const text of texts) {
    const language = identify(text)?.language ?? '';
    spoken.set(language, (spoken.get(language) ?? 0) + 1);
  }
  return [...spoken].filter(([, times]) => times >= texts.length * SPOKEN).map(([name]) => name);
}

/**
 * General requests in one of the languages that the examples are in. In any other language they would
 * teach that the language itself is elsewhere.
 */
const elsewhereIn = (language: string): readonly string[] =>
  Object.entries(elsewhere).flatMap(([written, requests]) =>
    written === language ? requests : [],
  );

/** Of the examples: fewer are mistakes of the identifier. */
const SPOKEN = 0.12;

interface Keyed {
  readonly keys: Int32Array;
  readonly pieces: Int32Array;
}

interface Document extends Keyed {
  readonly label: number;
  readonly weight: number;
}

/** The examples, and what is elsewhere as one more class that counts as much as a task does. */
function documentsOf(
  domains: readonly Domain[],
  others: readonly string[],
  keysOf: (text: string) => Keyed,
): readonly Document[] {
  const examples = domains.flatMap(({ examples: texts }, label) =>
    texts.map((text) => document(keysOf(text), label, 1)),
  );
  const share = examples.length / Math.max(1, domains.length * others.length);
  const none = others.map((text) => document(keysOf(text), domains.length, Math.min(1, share)));
  return [...examples, ...none];
}

const document = ({ keys, pieces }: Keyed, label: number, weight: number): Document => ({
  keys,
  pieces,
  label,
  weight,
});

/** Inverse document frequency by row, smoothed so that no word weighs nothing. */
function rarities(documents: readonly Document[], table: KeyTable): Float32Array {
  const rarity = new Float32Array(table.rows);
  for (const { keys } of documents)
    for (const key of keys) {
      const row = table.find(key);
      rarity[row] = (rarity[row] ?? 0) + 1;
    }
  return rarity.map((times) => Math.log((documents.length + 1) / (times + 1)) + 0.2);
}

interface Space {
  readonly table: KeyTable;
  readonly rarity: Float32Array;
  readonly direction: Directions;
}

function samplesOf(
  documents: readonly Document[],
  { table, rarity, direction }: Space,
): readonly Sample[] {
  const { width } = direction;
  return documents.map(({ keys, pieces, label, weight }) => {
    const rows = new Int32Array(keys.length + width);
    const values = new Float32Array(rows.length);
    let square = 0;
    keys.forEach((key, at) => {
      const row = table.find(key);
      rows[at] = row;
      square += (values[at] = rarity[row] ?? 0) ** 2;
    });
    const scale = WORDS_LENGTH / (Math.sqrt(square) || 1);
    for (let at = 0; at < keys.length; at++) values[at] = (values[at] ?? 0) * scale;
    for (let at = 0; at < width; at++) rows[keys.length + at] = table.rows + at;
    direction.of(pieces, values.subarray(keys.length));
    return { rows, values, label, weight };
  });
}
