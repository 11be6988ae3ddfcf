/** Ends an answer that has fallen into a loop: small models say one passage again and again until their window is full. */
import { asksForRepetition, LoopFinder } from '../../lib/loops.ts';
import { END_OF_SENTENCE } from './sentence.ts';
import type { OnText, ScoredToken } from './protocol.ts';

/**
 * So many UTF-16 units of one passage are a loop. In words it takes twice as many as a check of the answer wants; code, tables, digits and
 * encoded bytes repeat themselves for good reasons, and so does what is to be made so many times.
 */
const LOOP_UNITS = { words: 240, other: 2000 } as const;
/** What has repeated itself over so many units is not shown before it is known whether it goes on. */
const HELD_UNITS = 60;

const WORD = /\p{L}{3}/u;
/** Two letters of scripts that set no blanks between words. */
const UNBROKEN_WORDS = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]{2}/u;
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
 * Passes on the pieces of an answer until it has fallen into a loop: of that the first turns are shown, up to the end of a sentence or a
 * line. Nothing is looked for without a task, where it asks for repetition, and where it holds the passage twice in a row itself.
 */
export function loopGuard(task: string | undefined, pass: OnText, onLoop: () => void): LoopGuard {
  if (task === undefined || asksForRepetition(task))
    return { push: pass, end: () => {}, hasFound: () => false };
  const finder = new LoopFinder();
  const wordUnits = CODE_OR_COUNT.test(task) ? LOOP_UNITS.other : LOOP_UNITS.words;
  let held: Piece[] = [];
  let found = false;
  const release = (pieces: readonly Piece[]): void => {
    held = [];
    for (const { text, tokens } of pieces) pass(text, tokens);
  };
  const isLoop = (): boolean => {
    const passage = finder.passage(wordUnits);
    if (passage === undefined || task.includes(passage + passage)) return false;
    return isOfWords(passage) || finder.passage(LOOP_UNITS.other) !== undefined;
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

const isOfWords = (passage: string): boolean =>
  !SIGNS_OF_CODE.test(passage) &&
  ((WORD.test(passage + passage) && /\s/.test(passage)) || UNBROKEN_WORDS.test(passage + passage));

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
