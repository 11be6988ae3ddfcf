/**
 * Finds scholarly words (mathematics, computing, law) at the end of a request that has none: "… in Sydney and derive the lemma". They have
 * nothing to refer to.
 */
import { unitAt } from '../../lib/text-units.ts';
import { bare, hasWords } from './tokens.ts';
import { joins, listed, SCHOLARLY } from './word-lists.ts';

/** Join the words to a request. */
const CONJUNCTIONS = new Set('and also then plus y e et und ou or i и'.split(' '));
/** So many words at the end are looked at, and units of what stays. */
const MOST_TOKENS = 14;
const REACH = 400;
const LEAST_SCHOLARLY = 2;
const LEAST_AMONG_OTHERS = 4;
const ENDS = /[!?:]$/;
const LEAST_REST = 3;
const SPACE = 0x20;
const OTHER_LETTERS = /[\u0400-\u1fff\u3040-\ud7ff]{4}/;

/** The text without such words. It looks at a bounded part of the text. */
export function withoutScholarlyTail(text: string): string {
  const cut = beginningOfTail(text);
  if (cut === text.length) return text;
  const own = tokenBefore(text, cut);
  const last = text.slice(own.from, own.to);
  const end = CONJUNCTIONS.has(last.toLowerCase()) ? own.from : cut;
  // behind a preposition or an article they are what the request is about, and behind a colon what it is given
  if (end === cut && (joins(last) || last.endsWith(':'))) return text;
  const rest = text.slice(Math.max(0, end - REACH), end);
  return isOfSomethingElse(rest) ? text.slice(0, end).trimEnd() : text;
}

/** Where the first of the scholarly words at the end begins; the text's length where there are too few. */
function beginningOfTail(text: string): number {
  /** With one other word among them: where that tail begins, and how many are scholarly. */
  let [loose, count] = [text.length, 0];
  let [strict, strictly] = [text.length, 0];
  let [others, at] = [0, text.length];
  for (let seen = 0; seen < MOST_TOKENS && others < 2; seen += 1) {
    const { from, to } = tokenBefore(text, at);
    const token = text.slice(from, to);
    if (from === to || endsBefore(token, seen > 0)) break;
    if (isScholarly(token)) {
      [loose, count] = [from, count + 1];
      if (others === 0) [strict, strictly] = [loose, count];
    } else if (count === 0) break;
    else if (!joins(bare(token))) others += 1;
    at = from;
  }
  if (count >= LEAST_AMONG_OTHERS) return loose;
  return strictly >= LEAST_SCHOLARLY ? strict : text.length;
}

/** Whether what stands behind a token is another sentence, or what a colon announces. */
const endsBefore = (token: string, isWithin: boolean): boolean =>
  ENDS.test(token) || (isWithin && token.endsWith('.'));

function tokenBefore(text: string, end: number): { from: number; to: number } {
  let to = end;
  while (to > 0 && unitAt(text, to - 1) <= SPACE) to -= 1;
  let from = to;
  while (from > 0 && unitAt(text, from - 1) > SPACE) from -= 1;
  return { from, to };
}

const isScholarly = (token: string): boolean => (listed.of(bare(token)) & SCHOLARLY) !== 0;

/** Whether it is a request with words of its own, none of them scholarly. */
function isOfSomethingElse(rest: string): boolean {
  const tokens = rest.split(/\s+/).filter((token) => token !== '');
  if (tokens.some(isScholarly)) return false;
  if (OTHER_LETTERS.test(rest)) return true;
  const words = tokens.filter(hasWords);
  return words.length >= LEAST_REST && words.some((token) => !joins(bare(token)));
}
