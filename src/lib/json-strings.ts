/** Where strings end in a JSON text, and in its bytes. */

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;

/** Bytes that are looked at one by one before the rest is searched: a search has a price of its own, at each quote that is escaped too. */
const SHORT = 64;

/**
 * The closing quote of the string in whose content `from` lies, on no escaped byte; -1 where these bytes have none. Linear, also in
 * strings that are full of escapes.
 */
export function closingQuote(json: Buffer, from: number): number {
  const { length } = json;
  let at = from;
  while (at < length) {
    const short = Math.min(length, at + SHORT);
    while (at < short && !isMark(json[at]!)) at += 1;
    if (at === short) {
      at = nextMark(json, at);
      if (at === -1) return -1;
    } else if (json[at] === QUOTE) return at;
    else at += 2;
  }
  return -1;
}

const isMark = (byte: number): boolean => byte === QUOTE || byte === BACKSLASH;

/** The next quote, or the first of the backslashes right before it. */
function nextMark(json: Buffer, from: number): number {
  const quote = json.indexOf(QUOTE, from);
  if (quote === -1) return -1;
  let slash = quote;
  while (slash > from && json[slash - 1] === BACKSLASH) slash -= 1;
  // A run of backslashes must be read from its start: every second one is escaped by the one before.
  return slash;
}

/** The quote that ends the string in whose content `start` lies, on no escaped unit; -1 where there is none, or what no string may hold. */
export function textEnd(units: string, start: number): number {
  for (let at = start; at < units.length; at += 1) {
    const unit = units.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit < SPACE) return -1;
    if (unit === BACKSLASH) at += 1;
  }
  return -1;
}
