/** Bounds the steps of a regular expression, because matching cannot be stopped. */

/** A group that is repeated: what is in it may match in more than one way, and then in exponentially many. */
const REPEATED_GROUP = /\)(?:[*+]|\{[\d,]{0,20}\})/;
const ENDLESS_REPEAT = /[*+]|\{\d{1,9},\}/g;
/** What is escaped, and classes of characters, are no repeats. */
const LITERAL = /\\.|\[(?:\\.|[^\]\\]){0,200}\]/gs;

/** The power of a text's length up to which the steps may grow; Infinity where they may grow exponentially. */
export function endlessRepeats(pattern: string): number {
  const signs = pattern.replaceAll(LITERAL, 'a');
  if (REPEATED_GROUP.test(signs) || /\\[1-9k]/.test(pattern)) return Infinity;
  return signs.match(ENDLESS_REPEAT)?.length ?? 0;
}
