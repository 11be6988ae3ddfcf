/**
 * Finds sentences beside the task: orders to the router, claims of difficulty, pleasantries, filler, senseless strings of words. They are
 * not counted unless nothing else was said.
 */
import { DIGIT } from './characters.ts';
import { COMMANDS, CONTENT, QUESTIONS, type Tally, WORDS } from './counters.ts';

/** A pleasantry is short. */
const MOST_PLEASANT_WORDS = 14;
/** A claim that the task is hard is shorter than a hard task. */
const MOST_CLAIM_WORDS = 40;
/** So many words without one function word are no sentence. */
const SOUP_WORDS = 6;

export function offTaskTest(concepts: readonly string[]): (sentence: Tally) => boolean {
  const glue = concepts.indexOf('glue');
  const routing = concepts.indexOf('routing');
  const escalate = concepts.indexOf('escalate');
  const social = concepts.indexOf('social');
  const filler = concepts.indexOf('filler');
  const service = concepts.indexOf('service');
  const isClaim = (named: Float64Array): boolean =>
    named[routing]! + named[escalate]! >= 2 && named[escalate]! >= 1;
  const isOrder = ({ fields, concepts: named }: Tally): boolean =>
    named[routing]! > 0 &&
    fields[WORDS] <= MOST_PLEASANT_WORDS &&
    fields[CONTENT] - named[routing]! - named[escalate]! - named[social]! <= 1;
  const isPleasant = (named: Float64Array, words: number): boolean =>
    named[social]! > 0 && named[service] === 0 && words <= MOST_PLEASANT_WORDS;
  const isSoup = (named: Float64Array, words: number): boolean =>
    words >= SOUP_WORDS && named[glue] === 0 && 3 * hits(named) <= words;

  return (sentence) => {
    const { fields, concepts: named } = sentence;
    const words = fields[WORDS];
    if (isClaim(named) && words <= MOST_CLAIM_WORDS) return true;
    if (fields[QUESTIONS] === 0 && isOrder(sentence)) return true;
    if (fields[DIGIT] > 0 || fields[COMMANDS] > 0) return false;
    if (words < 1 || named[filler]! >= 2) return true;
    return fields[QUESTIONS] === 0 && (isPleasant(named, words) || isSoup(named, words));
  };
}

function hits(named: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < named.length; at += 1) sum += named[at]!;
  return sum;
}
