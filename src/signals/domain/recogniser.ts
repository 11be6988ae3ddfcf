/**
 * Recognises a policy's tasks from a few examples each: a linear classifier over words, pieces of
 * words and meanings, with one more class for everything that is none of the tasks.
 */
import type { Domain } from '../../core/policy.ts';
import type { Identify } from '../language/shipped.ts';
import { splitWords, type Words } from '../text/words.ts';
import elsewhere from './none-of-these.json' with { type: 'json' };
import { featureReader } from './features.ts';
import { keyTable, type KeyTable } from './key-table.ts';
import { softmax, train, type Sample } from './softmax.ts';

/** The task that a text is most like, and the probability that it is this one and not another or none. */
export interface Recognised {
  readonly name: string;
  readonly confidence: number;
}

/** Keys of one text at most: a text of 2,000 characters has fewer. */
const MOST_KEYS = 6000;
const NOTHING: Recognised = { name: '', confidence: 0 };

/**
 * Learns the tasks: milliseconds for hundreds of examples, half a second for thousands. Recognising a
 * short message takes microseconds. What belongs to no task is learned from `elsewhere.json`, general
 * requests in six languages, so nothing of the policy's own is needed for it.
 */
export function recogniser(
  domains: readonly Domain[],
  identify: Identify,
): (words: Words) => Recognised {
  const scratch = new Int32Array(MOST_KEYS);
  const reader = featureReader();
  const keysOf = (text: string): Int32Array =>
    Int32Array.from(new Set(scratch.subarray(0, reader.read(splitWords(text), scratch))));
  const languages = languagesOf(domains, identify);
  const documents = documentsOf(domains, languages.flatMap(elsewhereIn), keysOf);
  const table = keyTable(documents.flatMap(({ keys }) => [...keys]));
  const rarity = rarities(documents, table);
  const classes = domains.length + 1;
  const weights = train(samplesOf(documents, table, rarity), table.rows, classes);
  // A key that no example has still makes a text longer, and so less like any of them.
  const unknown = Math.log(documents.length + 1) ** 2;
  const even = evenOdds(domains, languages.length);
  const seenIn = new Int32Array(table.rows);
  const odds = new Float64Array(classes);
  let round = 0;

  return (words) => {
    const count = reader.read(words, scratch);
    round++;
    odds.fill(0);
    let square = 0;
    let strange = 0;
    for (let at = 0; at < count; at++) {
      const row = table.find(scratch[at] ?? 0);
      if (row < 0) strange++;
      else if (seenIn[row] !== round) {
        seenIn[row] = round;
        const value = rarity[row] ?? 0;
        square += value * value;
        for (let label = 0; label < classes; label++)
          odds[label] = (odds[label] ?? 0) + value * (weights[row * classes + label] ?? 0);
      }
    }
    // In proportion to what is known: a message in a language without examples, of which only the
    // meanings are known, would else be like nothing at all.
    square += (unknown * strange * (count - strange)) / Math.max(1, count);
    return square === 0 ? NOTHING : calibrated(likeliest(odds, Math.sqrt(square), domains), even);
  };
}

function likeliest(odds: Float64Array, norm: number, domains: readonly Domain[]): Recognised {
  for (let label = 0; label < odds.length; label++) odds[label] = (odds[label] ?? 0) / norm;
  softmax(odds);
  let best = 0;
  for (let label = 1; label < domains.length; label++)
    if ((odds[label] ?? 0) > (odds[best] ?? 0)) best = label;
  return { name: domains[best]?.name ?? '', confidence: odds[best] ?? 0 };
}

/**
 * The classifier's probability at which five to ten in a hundred messages of other kinds pass. It
 * grows with the examples a task has in a language and falls with the number of tasks; the formula was fitted by
 * eye to 19 settings on the training rows of CLINC150 and Banking77, tasks drawn at random, the other
 * tasks as the other kinds: .42 for two tasks of two examples, .22 for twenty of two, .36 for twenty
 * of ten, .66 for ten of three hundred.
 */
function evenOdds(domains: readonly Domain[], languages: number): number {
  const examples = domains.reduce((sum, { examples: texts }) => sum + texts.length, 0);
  const each = Math.max(1, examples / domains.length / Math.max(1, languages));
  return Math.min(0.7, 0.14 + 0.08 * Math.log(each) + 0.3 / domains.length);
}

/** Moves the odds so that `even` becomes one half. */
function calibrated({ name, confidence }: Recognised, even: number): Recognised {
  const odds = (confidence / (1 - confidence)) * ((1 - even) / even);
  return { name, confidence: Number.isFinite(odds) ? odds / (1 + odds) : 1 };
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

interface Document {
  readonly keys: Int32Array;
  readonly label: number;
  readonly weight: number;
}

/** The examples, and what is elsewhere as one more class that counts as much as a task does. */
function documentsOf(
  domains: readonly Domain[],
  others: readonly string[],
  keysOf: (text: string) => Int32Array,
): readonly Document[] {
  const examples = domains.flatMap(({ examples: texts }, label) =>
    texts.map((text) => ({ keys: keysOf(text), label, weight: 1 })),
  );
  const share = examples.length / Math.max(1, domains.length * others.length);
  const none = others.map((text) => ({
    keys: keysOf(text),
    label: domains.length,
    weight: Math.min(1, share),
  }));
  return [...examples, ...none];
}

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

function samplesOf(
  documents: readonly Document[],
  table: KeyTable,
  rarity: Float32Array,
): readonly Sample[] {
  return documents.map(({ keys, label, weight }) => {
    const rows = keys.map((key) => table.find(key));
    const values = Float32Array.from(rows, (row) => rarity[row] ?? 0);
    const norm = Math.hypot(...values) || 1;
    return { rows, values: values.map((value) => value / norm), label, weight };
  });
}
