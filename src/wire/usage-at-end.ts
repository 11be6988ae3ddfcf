/** The usage object in the last piece of a body: JSON, or a stream of events. */
import { isObject, type JsonObject } from '../lib/json.ts';

const NAME = '"usage"';

/** The last object under the name `usage` in `text`, which may begin anywhere; undefined where there is none. */
export function usageAtEnd(text: string): JsonObject | undefined {
  const start = text.lastIndexOf(NAME);
  if (start < 0) return undefined;
  const open = /^\s*:\s*(?=\{)/.exec(text.slice(start + NAME.length, start + NAME.length + 40));
  if (open === null) return undefined;
  const from = start + NAME.length + open[0].length;
  const end = closing(text, from);
  if (end < 0) return undefined;
  try {
    const usage: unknown = JSON.parse(text.slice(from, end));
    return isObject(usage) ? usage : undefined;
  } catch {
    return undefined;
  }
}

/** Behind the brace that closes the one at `from`; -1 where it is not closed. A usage object has no braces in its texts. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return -1;
}
