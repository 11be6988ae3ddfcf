/** Patterns of callers' schemas, as far as they can be matched in bounded time: matching cannot be stopped. */
import { matchSteps } from '../lib/match-steps.ts';

interface Matcher {
  test(text: string): boolean;
  /** By which Ajv tells patterns apart. */
  toString(): string;
}

/** Longer texts and patterns are not matched. */
const MOST_UNITS = 200;
/** From each place of a text, as of two endless repeats: some millions over 200 places at worst. */
const MOST_STEPS = 40_000;

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
  pattern.length <= MOST_UNITS && matchSteps(pattern, MOST_UNITS) <= MOST_STEPS;
