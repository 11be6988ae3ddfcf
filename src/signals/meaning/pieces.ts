/**
 * Cuts a text into word pieces: SentencePiece's Unigram model (Kudo 2018, arXiv 1804.10959), the most
 * probable segmentation of each word by Viterbi's algorithm, as XLM-RoBERTa and multilingual-e5 use it.
 */
import type { Vocabulary } from './vocabulary.ts';

/** Stands before each word in place of the space. */
const WORD_START = 0x2581;
const SPACE = 0x20;
/** What a unit counts as while words are cut. */
const [PART, GAP, NOTHING] = [0, 1, 2];
/** A longer word is cut here: no piece is longer than 16 units, and no language's word is. */
const MAX_WORD_UNITS = 512;
/** An unknown character costs so much more than the rarest piece (SentencePiece's `kUnkPenalty`). */
const UNKNOWN_PENALTY = 10;
const UNITS = 65_536;

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
  const cut = wordCutter(vocabulary);
  const word = new Uint16Array(MAX_WORD_UNITS + 2);
  word[0] = WORD_START;
  return (text, found) => {
    const plain = isPlain(text) ? text : text.normalize('NFKC');
    let length = 1;
    for (let at = 0; at < plain.length; at += 1) {
      const unit = plain.charCodeAt(at);
      const kind = kinds[unit];
      if (kind === PART) word[length++] = unit;
      else if (kind === NOTHING) continue;
      if ((kind === GAP && length > 1) || length > MAX_WORD_UNITS) {
        cut(word, length, found);
        length = 1;
      }
    }
    if (length > 1) cut(word, length, found);
  };
}

/** ASCII is its own normal form. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

function unitKinds(): Uint8Array {
  const kinds = new Uint8Array(UNITS);
  for (const [from, to] of GAPS) kinds.fill(GAP, from, to + 1);
  for (const [from, to] of DROPPED) kinds.fill(NOTHING, from, to + 1);
  kinds[SPACE] = GAP;
  return kinds;
}

function wordCutter(
  vocabulary: Vocabulary,
): (word: Uint16Array, length: number, found: (piece: number) => void) => void {
  const { labels, firstChild, pieceAt, scores } = vocabulary;
  const unknown = scores.reduce((least, score) => Math.min(least, score), 0) - UNKNOWN_PENALTY;
  const fromRoot = childTable(vocabulary, 0);
  const start = fromRoot[WORD_START]!;
  const fromStart = start > 0 ? childTable(vocabulary, start) : new Int32Array(UNITS);
  const best = new Float64Array(MAX_WORD_UNITS + 3);
  const cameFrom = new Int32Array(MAX_WORD_UNITS + 3);
  const pieceTo = new Int32Array(MAX_WORD_UNITS + 3);
  const path = new Int32Array(MAX_WORD_UNITS + 3);

  const child = (node: number, unit: number): number => {
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
  };

  /** Takes a piece from `from` to `to` where it makes the way to `to` more probable. */
  const reach = (from: number, to: number, piece: number, score: number): void => {
    const total = best[from]! + score;
    if (total <= best[to]!) return;
    best[to] = total;
    cameFrom[to] = from;
    pieceTo[to] = piece;
  };

  return (word, length, found) => {
    best.fill(Number.NEGATIVE_INFINITY, 1, length + 1);
    best[0] = 0;
    for (let from = 0; from < length;) {
      const step = isPair(word, from, length) ? 2 : 1;
      let isCovered = false;
      let node = fromRoot[word[from]!]!;
      for (let to = from + 1; node !== 0; to += 1) {
        const piece = pieceAt[node]!;
        if (piece >= 0) {
          reach(from, to, piece, scores[piece]!);
          isCovered ||= to === from + step;
        }
        if (to >= length) break;
        node = node === start ? fromStart[word[to]!]! : child(node, word[to]!);
      }
      if (!isCovered) reach(from, from + step, -1, unknown);
      from += step;
    }
    let count = 0;
    for (let at = length; at > 0; at = cameFrom[at]!) path[count++] = pieceTo[at]!;
    while (count > 0) found(path[--count]!);
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
