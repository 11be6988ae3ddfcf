/** How long a regular expression may take: matching cannot be stopped. */

/** A group that is repeated: what is in it may match in more than one way, and then in exponentially many. */
const REPEATED_GROUP = /\)(?:[*+]|\{[\d,]{0,20}\})/;
/** What follows a sign: how often it may stand there. A lazy one takes as many ways. */
const REPEAT = /(?:([*+])|(\?)|\{(\d{1,9})(?:(,)(\d{0,9}))?\})\??/g;
/** What is escaped, and classes of characters, are no repeats. */
const LITERAL = /\\.|\[(?:\\.|[^\]\\]){0,200}\]/gs;
/** What kind a group is of. */
const GROUP_KIND = /\(\?(?:[:=!]|<[=!]|<\w{1,50}>)/g;

/**
 * In how many ways the pattern may be tried from one place of a text of this length: each alternative and each possible
 * number of a repeat is one more. Infinity where they may be exponentially many in the length.
 */
export function matchSteps(pattern: string, length: number): number {
  const signs = pattern.replaceAll(LITERAL, 'a').replaceAll(GROUP_KIND, '(');
  if (REPEATED_GROUP.test(signs) || /\\[1-9k]/.test(pattern)) return Infinity;
  let steps = alternatives(signs);
  for (const repeat of signs.matchAll(REPEAT)) steps *= countsOf(repeat, length);
  return steps;
}

function countsOf(
  [, endless, optional, least, comma, most]: RegExpMatchArray,
  length: number,
): number {
  if (optional !== undefined) return 2;
  if (endless !== undefined || most === '') return length;
  if (comma === undefined) return 1;
  return Math.min(length, Number(most) - Number(least) + 1);
}

/** Of each group as many as it has, one of them at a time. */
function alternatives(signs: string): number {
  let ways = 1;
  const open = [1];
  for (const sign of signs) {
    if (sign === '(') open.push(1);
    else if (sign === '|') open.push((open.pop() ?? 1) + 1);
    else if (sign === ')') ways *= open.pop() ?? 1;
  }
  return open.reduce((product, count) => product * count, ways);
}
