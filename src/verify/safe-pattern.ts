/** Patterns of callers' schemas, as far as they can be matched in bounded time: matching cannot be stopped. */
import { endlessRepeats } from '../lib/endless-repeats.ts';

interface Matcher {
  test(text: string): boolean;
  /** By which Ajv tells patterns apart. */
  toString(): string;
}

/** Longer texts and patterns are not matched. With at most two endless repeats 200 characters are some millions of steps at worst. */
const MOST_UNITS = 200;
const MOST_REPEATS = 2;

/** What nothing can be said of matches. @throws SyntaxError for what is no pattern */
export function safePattern(pattern: string, flags: string): Matcher {
  const compiled = new RegExp(pattern, flags);
  const isSafe = isBounded(pattern);
  return {
    test: (text) => !isSafe || text.length > MOST_UNITS || compiled.test(text),
    toString: () => String(compiled),
  };
}

const isBounded = (pattern: string): boolean =>
  pattern.length <= MOST_UNITS && endlessRepeats(pattern) <= MOST_REPEATS;
