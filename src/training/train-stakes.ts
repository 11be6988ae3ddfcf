/**
 * Fits what is at stake, on `stakes.tsv`: requests of our own writing in many languages, each with what is at
 * stake or `none`; look-alikes ("the process was killed") and small talk are among the latter. Rows of the parts
 * `aside` and `short` are never learned from: the figures are measured on them.
 */
import { readFileSync } from 'node:fs';
import { type Meaning, meaning, shippedTable } from '../signals/meaning/meaning.ts';
import { packNumbers } from '../signals/meaning/packed-numbers.ts';
import { pieceTexts } from '../signals/meaning/vocabulary.ts';
import { STAKES_VERSION, type StoredStakes } from '../signals/stakes/network.ts';
import { plainText } from '../signals/text/plain-text.ts';
import type { Row } from './dataset.ts';
import { seeded } from './metrics.ts';
import { fitNetwork, type Network, type NetworkSample } from './network.ts';

export interface StakesRow {
  readonly kind: string;
  readonly lang: string;
  readonly part: string;
  readonly text: string;
  /** How much it counts in fitting; 1 where nothing is said. */
  readonly weight?: number;
}

const FILE = new URL('./stakes.tsv', import.meta.url);
const NONE = 'none';

/** Every row of the file: kind, language, part and text, apart by tabs. */
export function stakesRows(): StakesRow[] {
  return readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', lang = '', part = '', text = ''] = line.split('\t');
      return { kind, lang, part, text };
    });
}

const EVERYDAY = new URL('./everyday-stakes.tsv', import.meta.url);
/** Everyday requests of which the author could not say it: they are not learned from, and in no figure. */
const UNCLEAR = 'unclear';
/** With .4 more of the costly ones are recognised, and 8 % of the harmless are taken for costly where their writers are left out. */
const HARMLESS_WEIGHT = 0.55;

/** What is at stake in everyday requests, read by the author: a kind, or `unclear`, by id. All others put nothing at stake. */
export function everydayStakes(): Map<string, string> {
  const lines = readFileSync(EVERYDAY, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [id = '', kind = ''] = line.split('\t');
      return [id, kind];
    }),
  );
}

/** Everyday requests, with what is at stake in them. */
function everydayRows(rows: readonly Row[]): StakesRow[] {
  const kinds = everydayStakes();
  return rows.flatMap((row): StakesRow[] => {
    const kind = kinds.get(row.id) ?? NONE;
    if (row.bench !== 'everyday' || kind === UNCLEAR) return [];
    return [rowOf(row, kind, kind === NONE ? HARMLESS_WEIGHT : 1)];
  });
}

/** Intents of banks and assistants that put nothing at stake are those without such a word in their name. */
const RISKY =
  /transfer|fraud|lost|stolen|damaged|block|freeze|tax|401k|insurance|compromised|not_recognised|bill|spending|credit_limit|apr|interest|pin|declined|charged_twice|cash_withdrawal|direct_debit|gas|oil|jump|tire|pto|improve_credit|order_checks|min_payment|balance|shots|calories|beneficiary|reverted|verify|identity|terminate|pending|out_of_scope/;
const CALM_WEIGHT = 0.3;
const CALM_STEP = 5;

/** Requests that put nothing at stake, as far as their intent says. */
function calmRows(rows: readonly Row[]): StakesRow[] {
  return rows
    .filter(({ kind, id, domain }) => kind === 'intent' && !RISKY.test(`${domain} ${id}`))
    .filter((_, at) => at % CALM_STEP === 0)
    .map((row) => rowOf(row, NONE, CALM_WEIGHT));
}

const rowOf = ({ lang, turns }: Row, kind: string, weight: number): StakesRow => ({
  kind,
  lang,
  part: 'train',
  text: turns.findLast(({ role }) => role === 'user')?.text ?? '',
  weight,
});

/** Of the pieces by falling frequency every so manieth is taken, so many in all. */
const WORD_STEP = 10;
const WORDS = 2000;
const WORD_WEIGHT = 0.1;

/**
 * Ordinary words of every language, a row each, that put nothing at stake: without them a word that no row has
 * is judged by whatever direction its meaning happens to have (of short harmless turns put aside 5 % were taken
 * for costly, with them 4 %). The few that do name a danger are outweighed by the rows that say so.
 */
function ordinaryWords(): StakesRow[] {
  const { vocabulary } = shippedTable();
  const texts = pieceTexts(vocabulary);
  return [...texts.keys()]
    .filter((piece) => /^▁?\p{L}{2,}$/u.test(texts[piece]!))
    .toSorted((a, b) => vocabulary.scores[b]! - vocabulary.scores[a]!)
    .filter((_, at) => at % WORD_STEP === 0)
    .slice(0, WORDS)
    .map((piece) => ({
      kind: NONE,
      lang: 'und',
      part: 'train',
      text: texts[piece]!.replace('▁', ''),
      weight: WORD_WEIGHT,
    }));
}

/** All that the shipped weights learn from, and the rows of `stakes.tsv` that are put aside. */
export const stakesSamples = (rows: readonly Row[]): StakesRow[] => [
  ...stakesRows(),
  ...everydayRows(rows),
  ...calmRows(rows),
  ...ordinaryWords(),
];

/** Found on the aside rows of an earlier draft: half and double of each does as well within .01 of AUC. */
const HIDDEN = 24;
const PASSES = 40;
const RATE = 3e-3;
const DECAY = 0.1;
/** Share of a request's word pieces that are left out each time it comes up. */
const LEFT_OUT = 0.2;
/** Networks that differ by chance are put side by side: their mean is steadier than each. */
const SEEDS = [1, 2, 3, 4];

/** Learns from all rows of the part `train`. */
export function fitStakes(rows: readonly StakesRow[], read: Meaning = meaning()): StoredStakes {
  const learned = rows
    .filter(({ part }) => part === 'train')
    .map(({ kind, text, weight = 1 }): Learned => ({
      kind,
      weight,
      pieces: read.pieces(plainText(text)),
    }));
  const kinds = [...new Set(learned.map(({ kind }) => kind))].filter((kind) => kind !== NONE);
  const samples = learned.map(({ kind, pieces, weight }): NetworkSample => ({
    draw: (random, into) => {
      const left = pieces.filter(() => random() >= LEFT_OUT);
      read.mean(left.length === 0 ? pieces : left, into);
    },
    targets: [...kinds.map((one) => Number(one === kind)), Number(kind !== NONE)],
    weight,
  }));
  const networks = SEEDS.map((seed) =>
    fitNetwork(samples, {
      inputs: read.dimensions,
      hidden: HIDDEN,
      outputs: kinds.length + 1,
      passes: PASSES,
      rate: RATE,
      decay: DECAY,
      seed,
    }),
  );
  return {
    version: STAKES_VERSION,
    kinds,
    dimensions: read.dimensions,
    hidden: HIDDEN * SEEDS.length,
    ...sideBySide(networks, read.dimensions),
    ...fitPieces(learned),
  };
}

/** Networks as one: their outputs are its outputs' mean. */
function sideBySide(
  networks: readonly Network[],
  inputs: number,
): Pick<StoredStakes, 'inward' | 'inwardBias' | 'outward' | 'outwardBias'> {
  const inward = new Float32Array(inputs * HIDDEN * networks.length);
  for (let input = 0; input < inputs; input += 1)
    networks.forEach((one, at) => {
      const row = one.inward.subarray(input * HIDDEN, (input + 1) * HIDDEN);
      inward.set(row, (input * networks.length + at) * HIDDEN);
    });
  const share = 1 / networks.length;
  const [first] = networks;
  return {
    inward: packNumbers(inward),
    inwardBias: packNumbers(networks.flatMap(({ inwardBias }) => Array.from(inwardBias))),
    outward: packNumbers(
      networks.flatMap(({ outward }) => Array.from(outward, (value) => value * share)),
    ),
    outwardBias: packNumbers(
      first!.outwardBias.map((_, output) =>
        networks.reduce((sum, { outwardBias }) => sum + outwardBias[output]! * share, 0),
      ),
    ),
  };
}

interface Learned {
  readonly kind: string;
  readonly weight: number;
  readonly pieces: Int32Array;
}

const PIECE_PASSES = 20;
const PIECE_RATE = 0.5;
const PIECE_DECAY = 1e-4;
const BIAS_RATE = 0.01;
const FIRST_SQUARE = 1e-2;
/** Weights nearer to zero say nothing worth a place in the file. */
const LEAST_WEIGHT = 0.01;

/** Logistic regression on the word pieces themselves, by AdaGrad: anything at stake or nothing. */
function fitPieces(
  rows: readonly Learned[],
): Pick<StoredStakes, 'pieces' | 'pieceWeights' | 'pieceBias'> {
  const weights = new Map<number, number>();
  const squares = new Map<number, number>();
  const random = seeded(1);
  let bias = 0;
  for (let step = 0; step < PIECE_PASSES * rows.length; step += 1) {
    const { kind, pieces, weight } = rows[Math.floor(random() * rows.length)]!;
    const norm = Math.sqrt(pieces.length || 1);
    const sum = pieces.reduce((all, piece) => all + (weights.get(piece) ?? 0), 0) / norm;
    const wrong = weight * (1 / (1 + Math.exp(-bias - sum)) - Number(kind !== NONE));
    bias -= BIAS_RATE * wrong;
    for (const piece of pieces) {
      const now = weights.get(piece) ?? 0;
      const slope = wrong / norm + PIECE_DECAY * now;
      const square = (squares.get(piece) ?? FIRST_SQUARE) + slope * slope;
      squares.set(piece, square);
      weights.set(piece, now - (PIECE_RATE * slope) / Math.sqrt(square));
    }
  }
  const kept = [...weights]
    .filter(([, weight]) => Math.abs(weight) >= LEAST_WEIGHT)
    .toSorted(([a], [b]) => a - b);
  return {
    pieces: kept.map(([piece]) => piece),
    pieceWeights: packNumbers(kept.map(([, weight]) => weight)),
    pieceBias: bias,
  };
}
