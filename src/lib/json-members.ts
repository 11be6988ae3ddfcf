/** Detects duplicate keys in a JSON text, which parsers read differently. */
import { closingQuote } from './json-strings.ts';

const QUOTE = 34;
const COLON = 58;

/**
 * Counts the members of all objects in a JSON text, duplicates included: a parser keeps only the last of
 * them, but the receiver of the text can read all. Linear in the text.
 * @param json known to parse.
 */
export function membersWritten(json: Buffer): number {
  let count = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === COLON) count += 1;
    else if (byte === QUOTE) at = stringEnd(json, at + 1);
  }
  return count;
}

/**
 * Numbers with more figures than a parser keeps, as they are written: what was read of them is not what is sent.
 * @param json known to parse.
 */
export function longNumbers(json: Buffer): readonly string[] {
  if (!hasLongRun(json)) return NONE;
  const found: string[] = [];
  let start = -1;
  for (let at = 0; at <= json.length; at += 1) {
    const byte = json[at] ?? QUOTE;
    if (isNumeric(byte)) {
      if (start === -1) start = at;
      continue;
    }
    if (start !== -1 && at - start > EXACT_FIGURES) {
      const written = json.toString('latin1', start, at);
      if (String(Number(written)) !== written) found.push(written);
    }
    start = -1;
    if (byte === QUOTE) at = stringEnd(json, at + 1);
  }
  return found;
}

/** IEEE 754's double keeps 15 decimal figures of any number. */
const EXACT_FIGURES = 15;

const NONE: readonly string[] = [];

/** Whether so many bytes in a row could be a number's, in a string or not: then every sixteenth byte is one of these at least once. */
function hasLongRun(json: Buffer): boolean {
  for (let at = EXACT_FIGURES; at < json.length; at += EXACT_FIGURES + 1) {
    let start = at;
    while (start >= 0 && isNumeric(json[start]!)) start -= 1;
    let end = at + 1;
    while (end < json.length && isNumeric(json[end]!)) end += 1;
    if (end - start - 1 > EXACT_FIGURES) return true;
  }
  return false;
}

/** Digits, signs, the point and the exponent's letter, small or capital (not in `true`, `false`: alone they are short). */
const isNumeric = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) ||
  byte === 46 ||
  byte === 43 ||
  byte === 45 ||
  byte === 69 ||
  byte === 101;

function stringEnd(json: Buffer, from: number): number {
  const end = closingQuote(json, from);
  return end === -1 ? json.length : end;
}

/** Counts the members of all objects in a parsed value. */
export function membersKept(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) count += membersKept(item);
    return count;
  }
  for (const member of Object.values(value)) count += 1 + membersKept(member);
  return count;
}
