/**
 * Cuts a text into word pieces: SentencePiece's Unigram model (Kudo 2018, arXiv 1804.10959), the most
 * probable segmentation of each word by Viterbi's algorithm, as XLM-RoBERTa and multilingual-e5 use it.
 */
import type { Vocabulary } from './vocabulary.ts';
import { FIRST_HASH, hashStep, remembered } from './word-cache.ts';
import { NORMAL_UNITS } from '../../lib/normal-form.ts';
import { unitReader } from '../../lib/text-units.ts';

/** Stands before each word in place of the space. */
const WORD_START = 0x2581;
const SPACE = 0x20;
/** What a unit counts as while words are cut; `MAY_CHANGE`: a part of one, which NFKC may change. */
const [PART, GAP, NOTHING, MAY_CHANGE] = [0, 1, 2, 3];
/** A longer word is cut here: no piece is longer than 16 units, and no language's word is. */
const MAX_WORD_UNITS = 512;
/** An unknown character costs so much more than the rarest piece (SentencePiece's `kUnkPenalty`). */
const UNKNOWN_PENALTY = 10;
const UNITS = 65_536;
/** Where it is not known yet, 0. */
const [YES, NO] = [1, 2];

/** White space and what SentencePiece's `nmt_nfkc` normalisation makes a space of. */
const GAPS: readonly (readonly [from: number, to: number])[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
  [0x1680, 0x1680],
  [0x200b, 0x200f],
  [0x2028, 0x2029],
  [0x2581, 0x2581],
  [0xfeff, 0xfeff],
  [0xfffd, 0xfffd],
];
/** Control characters that it drops. */
const DROPPED: readonly (readonly [from: number, to: number])[] = [
  [0x01, 0x08],
  [0x0b, 0x0b],
  [0x0e, 0x1f],
  [0x7f, 0x7f],
  [0x8f, 0x8f],
  [0x9f, 0x9f],
];

/** Calls `found` with the number of each piece, in order; -1 for a character that no piece covers. */
export type ReadPieces = (text: string, found: (piece: number) => void) => void;

/** A reader has buffers of its own: one reader is used by one caller at a time. */
export function pieceReader(vocabulary: Vocabulary): ReadPieces {
  const kinds = unitKinds();
  const cut = remembered(wordCutter(vocabulary));
  const word = new Uint16Array(MAX_WORD_UNITS + 2);
  word[0] = WORD_START;
  const unitsOf = unitReader();
  return (text, found) => {
    let plain = text;
    let units = unitsOf(plain);
    let isNormal = false;
    let length = 1;
    let hash = FIRST_HASH;
    /** Where the word begins in `plain`. */
    let from = 0;
    for (let at = 0, end = plain.length; at < end; at += 1) {
      const unit = units[at]!;
      const kind = kinds[unit]!;
      if (kind === NOTHING) continue;
      if (kind !== GAP) {
        if (length <= MAX_WORD_UNITS && (kind === PART || isNormal)) {
          word[length++] = unit;
          hash = hashStep(hash, unit);
          continue;
        }
        if (!isNormal) {
          // no word before this one is changed by what stands behind a gap
          plain = plain.slice(from).normalize('NFKC');
          units = unitsOf(plain);
          [isNormal, length, hash, from] = [true, 1, FIRST_HASH, 0];
          end = plain.length;
          at = -1;
          continue;
        }
      }
      if (length > 1) cut(word, length, found, hash);
      length = 1;
      hash = FIRST_HASH;
      from = at + 1;
      if (kind === GAP) continue;
      // a word that is too long goes on as the next one
      word[length++] = unit;
      hash = hashStep(hash, unit);
    }
    if (length > 1) cut(word, length, found, hash);
  };
}

function unitKinds(): Uint8Array {
  const kinds = new Uint8Array(UNITS).fill(MAY_CHANGE);
  for (const [from, to] of NORMAL_UNITS) kinds.fill(PART, from, to + 1);
  for (const [from, to] of GAPS) kinds.fill(GAP, from, to + 1);
  for (const [from, to] of DROPPED) kinds.fill(NOTHING, from, to + 1);
  kinds[SPACE] = GAP;
  return kinds;
}

function wordCutter(
  vocabulary: Vocabulary,
): (word: Uint16Array, length: number, found: (piece: number) => void) => void {
  const trie = openTrie(vocabulary);
  const { cut, path } = bestCut(vocabulary, trie);
  const { start, next } = trie;
  /** For each piece whether it is the most probable cut of itself; filled as words are met. */
  const isWhole = new Uint8Array(vocabulary.size);

  /** The piece that is all of the word, or -1. */
  const wholePiece = (word: Uint16Array, length: number): number => {
    let node = start;
    for (let at = 1; at < length && node !== 0; at += 1) node = next(node, word[at]!);
    return node === 0 ? -1 : vocabulary.pieceAt[node]!;
  };

  return (word, length, found) => {
    const whole = wholePiece(word, length);
    if (whole >= 0 && isWhole[whole] === YES) return found(whole);
    let count = cut(word, length);
    if (whole >= 0) isWhole[whole] = count === 1 ? YES : NO;
    while (count > 0) found(path[--count]!);
  };
}

/** The smallest, or 0. By a loop: it runs at the start, when a function for each of 37,000 would not be compiled yet. */
function leastOf(numbers: Float32Array): number {
  let least = 0;
  for (let at = 0; at < numbers.length; at += 1) if (numbers[at]! < least) least = numbers[at]!;
  return least;
}

/** The most probable cut of a word, by Viterbi's algorithm: gives the number of pieces, and leaves them in `path`, last first. */
function bestCut(
  { pieceAt, scores }: Vocabulary,
  { next }: Trie,
): { cut(word: Uint16Array, length: number): number; path: Int32Array } {
  const unknown = leastOf(scores) - UNKNOWN_PENALTY;
  const best = new Float64Array(MAX_WORD_UNITS + 3);
  const cameFrom = new Int32Array(MAX_WORD_UNITS + 3);
  const pieceTo = new Int32Array(MAX_WORD_UNITS + 3);
  const path = new Int32Array(MAX_WORD_UNITS + 3);

  /** Takes a piece from `from` to `to` where it makes the way to `to` more probable. */
  const reach = (from: number, to: number, piece: number, score: number): void => {
    const total = best[from]! + score;
    if (total <= best[to]!) return;
    best[to] = total;
    cameFrom[to] = from;
    pieceTo[to] = piece;
  };

  const cut = (word: Uint16Array, length: number): number => {
    best.fill(Number.NEGATIVE_INFINITY, 1, length + 1);
    best[0] = 0;
    for (let from = 0; from < length;) {
      const step = isPair(word, from, length) ? 2 : 1;
      let isCovered = false;
      let node = next(ROOT, word[from]!);
      for (let to = from + 1; node !== 0; to += 1) {
        const piece = pieceAt[node]!;
        if (piece >= 0) {
          reach(from, to, piece, scores[piece]!);
          isCovered ||= to === from + step;
        }
        if (to >= length) break;
        node = next(node, word[to]!);
      }
      if (!isCovered) reach(from, from + step, -1, unknown);
      from += step;
    }
    let count = 0;
    for (let at = length; at > 0; at = cameFrom[at]!) path[count++] = pieceTo[at]!;
    return count;
  };
  return { cut, path };
}

/** The root's number; 0 as a child means that there is none. */
const ROOT = 0;

interface Trie {
  /** The node of `▁`, which begins every word. */
  readonly start: number;
  /** The child of a node by a unit. */
  next(node: number, unit: number): number;
}

function openTrie(vocabulary: Vocabulary): Trie {
  const { labels, firstChild } = vocabulary;
  const fromRoot = childTable(vocabulary, ROOT);
  const start = fromRoot[WORD_START]!;
  const fromStart = start > 0 ? childTable(vocabulary, start) : new Int32Array(UNITS);
  return {
    start,
    next: (node, unit) => {
      if (node === ROOT) return fromRoot[unit]!;
      if (node === start) return fromStart[unit]!;
      let low = firstChild[node]!;
      let high = firstChild[node + 1]! - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const label = labels[middle]!;
        if (label === unit) return middle;
        if (label < unit) low = middle + 1;
        else high = middle - 1;
      }
      return 0;
    },
  };
}

const isPair = (word: Uint16Array, at: number, length: number): boolean =>
  (word[at]! & 0xfc00) === 0xd800 && at + 1 < length && (word[at + 1]! & 0xfc00) === 0xdc00;

/** The children of a node that has many, by unit; 0 where there is none. */
function childTable({ labels, firstChild }: Vocabulary, node: number): Int32Array {
  const table = new Int32Array(UNITS);
  for (let at = firstChild[node]!; at < firstChild[node + 1]!; at += 1) table[labels[at]!] = at;
  return table;
}
