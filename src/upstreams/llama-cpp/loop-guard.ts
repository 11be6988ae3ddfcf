/** Ends an answer that has fallen into a loop: small models repeat a passage until their window is full. */
import { asksForRepetition, LoopFinder } from '../../lib/loops.ts';
import { END_OF_SENTENCE } from './sentence.ts';
import type { OnText, ScoredToken } from './protocol.ts';

/**
 * How many UTF-16 units of repetition are a loop. In words it takes twice as many as for a check of the answer. Code, tables, digits and
 * encoded bytes repeat themselves for good reasons, and so does a list of a given length. A unit of Han or Devanagari says as much as two
 * or three of Latin, and costs a small model up to three tokens.
 */
const LOOP_UNITS = { dense: 120, words: 240, other: 2000 } as const;
/** Repetition of this length is held back until it is known whether it goes on. */
const HELD_UNITS = 60;

const WORD = /\p{L}{3}/u;
/** Two letters of scripts that set no blanks between words, or a mark, as Indic vowels are. */
const DENSE_WORDS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]{2}|(?![\uFE00-\uFE0F])\p{M}/u;
const SIGNS_OF_CODE = /[<>{}[\]()=;|\\/_`#*+&$%@^~]|"\s*[,:]/u;
/** Calls and numbers from 10 to 999. */
const CODE_OR_COUNT = /\w\(|(?<!\d)\d{2,3}(?!\d)/u;

interface LoopGuard {
  readonly push: OnText;
  /** After the last piece. */
  end(): void;
  /** A loop was found: nothing is passed on after it. */
  hasFound(): boolean;
}

interface Piece {
  readonly text: string;
  readonly tokens: readonly ScoredToken[] | undefined;
}

/**
 * Passes the pieces of an answer on until it falls into a loop. Of the loop the first turns are shown, up to the end of a sentence or a
 * line. Nothing is cut if there is no task, if the task asks for repetition, or if it contains the passage twice in a row itself.
 */
export function loopGuard(task: string | undefined, pass: OnText, onLoop: () => void): LoopGuard {
  if (task === undefined || asksForRepetition(task))
    return { push: pass, end: () => {}, hasFound: () => false };
  const finder = new LoopFinder();
  const isCounted = CODE_OR_COUNT.test(task);
  let held: Piece[] = [];
  let found = false;
  const release = (pieces: readonly Piece[]): void => {
    held = [];
    for (const { text, tokens } of pieces) pass(text, tokens);
  };
  const isLoop = (): boolean => {
    const passage = finder.passage(LOOP_UNITS.dense);
    if (passage === undefined || task.includes(passage + passage)) return false;
    const least = isCounted ? LOOP_UNITS.other : leastUnits(passage);
    return least === LOOP_UNITS.dense || finder.passage(least) !== undefined;
  };
  return {
    push: (text, tokens) => {
      if (found) return;
      finder.push(text);
      held.push({ text, tokens });
      if (!finder.isRepeating(HELD_UNITS)) return release(held);
      if (!isLoop()) return;
      found = true;
      release(wholeSentence(held));
      onLoop();
    },
    end: () => release(held),
    hasFound: () => found,
  };
}

function leastUnits(passage: string): number {
  const twice = passage + passage;
  if (SIGNS_OF_CODE.test(passage)) return LOOP_UNITS.other;
  if (DENSE_WORDS.test(twice)) return LOOP_UNITS.dense;
  return WORD.test(twice) && /\s/.test(passage) ? LOOP_UNITS.words : LOOP_UNITS.other;
}

/** The pieces up to the first end of a sentence or a line, or else of a word. */
function wholeSentence(pieces: readonly Piece[]): readonly Piece[] {
  let end = '';
  for (const [index, { text }] of pieces.entries()) {
    if (text.startsWith('\n')) return pieces.slice(0, index);
    end = (end + text).slice(-END_UNITS);
    if (text.endsWith('\n') || END_OF_SENTENCE.test(end)) return pieces.slice(0, index + 1);
  }
  return pieces.slice(
    0,
    Math.max(
      0,
      pieces.findIndex(({ text }) => /^\s/.test(text)),
    ),
  );
}

const END_UNITS = 4;
