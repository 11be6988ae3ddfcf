/** Tokens: what stands between white space, the signs around it, and whether it says anything. */
import { unitAt } from '../../lib/text-units.ts';

const BEFORE = flags('([{#*|/\\~\'"');
const AFTER = flags('])}.,;!#*|/\\~\'"');

function flags(signs: string): Uint8Array {
  const found = new Uint8Array(128);
  for (const sign of signs) found[sign.charCodeAt(0)] = 1;
  return found;
}

/** Where the token `text[from, to)` begins behind the signs before it. */
export function bareFrom(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && BEFORE[unitAt(text, at)] === 1) at += 1;
  return at;
}

/** Where the token `text[from, to)` ends before the signs behind it. */
export function bareTo(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && AFTER[unitAt(text, at - 1)] === 1) at -= 1;
  return at;
}

/** A token without the signs around it. */
export function bare(token: string): string {
  const from = bareFrom(token, 0, token.length);
  return token.slice(from, bareTo(token, from, token.length));
}

/** Two letters that stand together: a text without them says nothing. */
export function hasWords(text: string): boolean {
  let letters = 0;
  for (let at = 0, end = text.length; at < end; at += 1) {
    const unit = unitAt(text, at);
    if (unit >= LETTERS.length) return WORD.test(text);
    letters = LETTERS[unit] === 1 ? letters + 1 : 0;
    if (letters === 2) return true;
  }
  return false;
}

const WORD = /\p{L}{2}/u;
/** Of Latin script. */
const LETTERS = Uint8Array.from({ length: 0x250 }, (_, unit) =>
  /\p{L}/u.test(String.fromCharCode(unit)) ? 1 : 0,
);
