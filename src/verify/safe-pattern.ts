/** Patterns of callers' schemas, as far as they can be matched in bounded time: matching cannot be stopped. */

interface Matcher {
  test(text: string): boolean;
  /** By which Ajv tells patterns apart. */
  toString(): string;
}

/** Longer texts and patterns are not matched. With at most two endless repeats 200 characters are some millions of steps at worst. */
const MOST_UNITS = 200;
const MOST_REPEATS = 2;
/** A group that is repeated: what is in it may match in more than one way, and then in exponentially many. */
const REPEATED_GROUP = /\)(?:[*+]|\{[\d,]{0,20}\})/;
const ENDLESS_REPEAT = /[*+]|\{\d{1,9},\}/g;
/** What is escaped, and classes of characters, are no repeats. */
const LITERAL = /\\.|\[(?:\\.|[^\]\\]){0,200}\]/gs;

/** What nothing can be said of matches. @throws SyntaxError for what is no pattern */
export function safePattern(pattern: string, flags: string): Matcher {
  const compiled = new RegExp(pattern, flags);
  const isSafe = isBounded(pattern);
  return {
    test: (text) => !isSafe || text.length > MOST_UNITS || compiled.test(text),
    toString: () => String(compiled),
  };
}

function isBounded(pattern: string): boolean {
  if (pattern.length > MOST_UNITS) return false;
  const signs = pattern.replaceAll(LITERAL, 'a');
  if (REPEATED_GROUP.test(signs) || /\\[1-9k]/.test(pattern)) return false;
  return (signs.match(ENDLESS_REPEAT)?.length ?? 0) <= MOST_REPEATS;
}
