/** A number that a caller says bit by bit, with the model's words between: "4111", "And the next four?", "1111", … */
import { isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';

/** Digits of nearly all cards. */
const isWhole = (digits: string): boolean => digits.length === 15 || digits.length === 16;
const MOST_DIGITS = 16;

/** A turn that says little more than a figure of four to twelve digits. */
const FIGURE = /^\D{0,30}(\d(?:[ -]?\d){3,11})\D{0,30}$/;
const LONGEST_TURN = 80;

/** Figures of turns that follow each other, together, where they have a card's number of digits. Nothing within one turn: that is read anyway. */
export function dictatedNumbers(body: JsonObject): readonly string[] {
  const found: string[] = [];
  let said: string[] = [];
  for (const item of objectsIn(body['messages'] ?? body['input'])) {
    const text = saidByUser(item);
    if (text === undefined) continue;
    const figure = text.length > LONGEST_TURN ? undefined : FIGURE.exec(text)?.[1];
    if (figure === undefined) {
      // A word between two figures ends no number.
      if (text.length > LONGEST_TURN || /\d/.test(text)) said = [];
      continue;
    }
    said.push(figure.replaceAll(/\D/g, ''));
    addWhole(said, found);
  }
  return found;
}

/** What the last turns make together, two at least. */
function addWhole(said: readonly string[], found: string[]): void {
  let together = said.at(-1) ?? '';
  for (let at = said.length - 2; at >= 0 && together.length < MOST_DIGITS; at -= 1) {
    together = said[at]! + together;
    if (isWhole(together)) found.push(together);
  }
}

/** Undefined for what is no user's words. */
function saidByUser({ role, content }: JsonObject): string | undefined {
  if (role !== 'user') return undefined;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const [only] = content as readonly Json[];
  return isObject(only) && typeof only['text'] === 'string' ? only['text'] : undefined;
}
