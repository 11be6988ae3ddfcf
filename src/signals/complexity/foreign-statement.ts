/**
 * Finds a statement of some trade before or after a request that has nothing to do with it: "Quantum field theory describes gauge bosons
 * as excitations of underlying fields. What rhymes with orange?" Such a sentence asks nothing, speaks of nobody, names a trade that the
 * rest does not, and means something else. Of 3,437 rated requests two have one.
 */
import type { Meaning } from '../meaning/meaning.ts';
import { isSpace } from '../../lib/spaces.ts';
import { unitAt } from '../../lib/text-units.ts';
import { joins } from './word-lists.ts';
import type { Guard, Reader } from './reader.ts';

const TRADES =
  'physics chemistry engineering biology medicine law economics calculus algebra geometry probability number-theory algorithm humanities psychology'.split(
    ' ',
  );
const ASKING =
  'write explain define calculate howmany prove derive translate summarise rewrite compare design implement creative predict roleplay constraint conditional unknown'.split(
    ' ',
  );
/** Speaks of somebody here, asks, or stands for something else: digits, quotes, lists. */
const PERSONAL =
  /[\d?？:"“«]|\b(?:i|i'm|im|my|me|we|our|us|you|your|yo|mi|mis|tu|te|nos|je|mon|ma|mes|vous|nous|ich|mein\w{0,2}|mir|mich|du|dein\w{0,2}|wir|ihr|eu|meu|minha|io|mio|mia|please|make|give|tell|show|find|list|solve|help|fix|draft|turn|build|use|add|check|let|assume|suppose|consider|determine|evaluate|simplify|keep|do|don't|no|only|answer|return|output|include|what|how|why|which)\b/i;
const SHAPE = /^\p{Lu}.*\.$/u;
const LEAST_UNITS = 30;
const MOST_UNITS = 300;
const MOST_REST = 2000;
const LIKE = 0.1;
const SPACE = 0x20;

/** `read` and `meaning` are used for it alone. */
export function foreignStatementTest(read: Reader, meaning: Meaning): Guard {
  const [trades, asking] = [TRADES, ASKING].map((names) =>
    names.map((name) => read.concepts.indexOf(name)),
  );
  const namedIn = (text: string, all: readonly number[]): readonly number[] => {
    const { concepts } = read.read(text).question;
    return all.filter((at) => concepts[at]! > 0);
  };
  const [one, other] = [new Float64Array(meaning.dimensions), new Float64Array(meaning.dimensions)];
  const isForeign = (sentence: string, rest: string): boolean => {
    if (sentence.length < LEAST_UNITS || sentence.length > MOST_UNITS) return false;
    if (!SHAPE.test(sentence) || PERSONAL.test(sentence)) return false;
    if (namedIn(endsOf(sentence), asking!).length > 0 || !isAboutSomething(rest)) return false;
    const named = namedIn(sentence, trades!);
    if (named.length === 0 || namedIn(rest, named).length > 0) return false;
    meaning.rareMean(meaning.pieces(sentence), one);
    meaning.rareMean(meaning.pieces(rest), other);
    return cosine(one, other) < LIKE;
  };
  return (text, mayName) => {
    if (text.length > MOST_REST || !mayName(trades!)) return text;
    const first = endOfFirst(text);
    if (endsWithFullStop(text, first)) {
      const behind = text.slice(first).trimStart();
      if (behind !== '' && isForeign(text.slice(0, first).trimEnd(), behind)) return behind;
    }
    if (!endsWithFullStop(text, text.length)) return text;
    for (const last of beginningsOfLast(text)) {
      const before = text.slice(0, last).trimEnd();
      if (isForeign(text.slice(last).trim(), before)) return before;
    }
    return text;
  };
}

/** As a statement does, before the white space at `end`. */
function endsWithFullStop(text: string, end: number): boolean {
  let at = end - 1;
  while (at >= 0 && isSpace(unitAt(text, at))) at -= 1;
  return at >= 0 && unitAt(text, at) === FULL_STOP;
}

/** "What should I do?" refers to the sentence beside it, whatever that says. */
function isAboutSomething(text: string): boolean {
  const words = text.match(/\p{L}{3,}/gu) ?? [];
  return words.filter((word) => !joins(word)).length >= LEAST_OWN_WORDS || OTHER_LETTERS.test(text);
}
const LEAST_OWN_WORDS = 2;
const OTHER_LETTERS = /[\u3040-\ud7ff]{4}/;

/** An order stands at the beginning or the end of its sentence; "describes" in the middle is none. */
function endsOf(sentence: string): string {
  const second = sentence.indexOf(' ', sentence.indexOf(' ') + 1);
  const lastButOne = sentence.lastIndexOf(' ', sentence.lastIndexOf(' ') - 1);
  return `${second === -1 ? sentence : sentence.slice(0, second)} ${sentence.slice(lastButOne + 1)}`;
}

/** Whether a line or a sentence ends before the white space there. */
function isEnd(text: string, at: number): boolean {
  const unit = unitAt(text, at);
  if (unit > SPACE) return false;
  if (unit === LINE_FEED) return true;
  const before = unitAt(text, at - 1);
  return before === FULL_STOP || before === QUESTION_MARK || before === EXCLAMATION_MARK;
}
const [LINE_FEED, EXCLAMATION_MARK, FULL_STOP, QUESTION_MARK] = [0x0a, 0x21, 0x2e, 0x3f];

function endOfFirst(text: string): number {
  const { length } = text;
  for (let at = 1; at < length; at += 1) if (isEnd(text, at)) return at;
  return length;
}

/** Where the last sentence may begin: behind the end of one, or with a capital where no word joins it to what stands before. */
function beginningsOfLast(text: string): readonly number[] {
  const found: number[] = [];
  const least = Math.max(1, text.length - MOST_UNITS);
  for (let at = text.length - 2; at >= least && found.length < MOST_BEGINNINGS; at -= 1) {
    if (unitAt(text, at) > SPACE) continue;
    if (isEnd(text, at)) return [...found, at];
    if (CAPITAL.test(text.charAt(at + 1)) && !joins(wordBefore(text, at))) found.push(at);
  }
  return found;
}
const wordBefore = (text: string, end: number): string =>
  text.slice(text.lastIndexOf(' ', end - 1) + 1, end);
const MOST_BEGINNINGS = 4;
const CAPITAL = /\p{Lu}/u;

function cosine(a: Float64Array, b: Float64Array): number {
  let [product, one, other] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    product += a[at]! * b[at]!;
    one += a[at]! ** 2;
    other += b[at]! ** 2;
  }
  return one * other === 0 ? 0 : product / Math.sqrt(one * other);
}
