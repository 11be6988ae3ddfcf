/** What is learned of a policy's tasks from their examples: as data, which threads share. */
import type { Domain } from '../../core/policy.ts';
import { shippedIdentifier, type Identify } from '../language/shipped.ts';
import { openMeaning, type Meaning } from '../meaning/meaning.ts';
import { plainText } from '../text/plain-text.ts';
import { splitWords } from '../text/words.ts';
import { directions, middleOf, type Directions } from './directions.ts';
import { featureReader, type Said } from './features.ts';
import { keyTable, type KeyTable } from './key-table.ts';
import elsewhere from './none-of-these.json' with { type: 'json' };
import { train, type Sample } from './softmax.ts';

/** What texts are read with. Without a meaning (its table is damaged) the words alone decide. */
export interface Reading {
  readonly identify: Identify;
  readonly meaning: Meaning | undefined;
}

/** In memory that threads share: megabytes, where a policy has hundreds of domains. */
export interface DomainTables {
  /** Of all features of the examples, each once. */
  readonly keys: Int32Array;
  /** Of each key: how rare it is among the examples. */
  readonly rarity: Float32Array;
  /** A row for each key, then one for each dimension of the meaning: of each task, and of none of them. */
  readonly weights: Float32Array;
  /** Of what the examples mean; empty without a meaning. */
  readonly middle: Float64Array;
  /** How many texts it was learned from. */
  readonly documents: number;
  /** How many languages the examples are in. */
  readonly languages: number;
}

/** Keys of one text at most: a text of 2,000 characters has fewer. */
export const MOST_KEYS = 6000;

/**
 * The length of what a text says in words, as the classifier sees it; of what it means: `directions.ts`. Measured on
 * CLINC150 and on customers' messages: .6 beside 1.5 recognises most; with more meaning the tasks
 * themselves are mixed up, without it a message in words that no example has is like nothing.
 */
export const WORDS_LENGTH = 1.5;

/**
 * Learns the tasks: milliseconds for tens of examples, seconds of a core for hundreds of tasks. What belongs to no task is learned from
 * `none-of-these.json`, general requests in six languages, so nothing of the policy's own is needed for it.
 */
export function learnDomains(
  domains: readonly Domain[],
  { identify, meaning }: Reading = shippedReading(),
): DomainTables {
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
  const keys = Int32Array.from(new Set(documents.flatMap((one) => [...one.keys])));
  const table = keyTable(keys);
  const rarity = rarities(documents, table);
  const middle = middleOf(documents, meaning);
  const direction = directions(middle, meaning);
  const samples = samplesOf(documents, { table, rarity, direction });
  const weights = train(samples, table.rows + direction.width, domains.length + 1);
  return {
    keys: new Int32Array(shared(keys)),
    rarity: new Float32Array(shared(rarity)),
    weights: new Float32Array(shared(weights)),
    middle: new Float64Array(shared(middle)),
    documents: documents.length,
    languages: languages.length,
  };
}

const shippedReading = (): Reading => ({ identify: shippedIdentifier(), meaning: openMeaning() });

function shared(values: Int32Array | Float32Array | Float64Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return buffer;
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
