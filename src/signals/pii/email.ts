/** E-mail addresses in a text. */
import { isNoMailbox } from './no-mailbox.ts';
import { isAlnum, isDigit, isLetter } from '../../lib/ascii.ts';
import { NONE, type PiiSpan } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

/** RFC 5321: 64 octets before the at sign, 255 after it. */
const LOCAL_MOST = 64;
const DOMAIN_MOST = 255;
const DOT = 46;
const HYPHEN = 45;
const QUOTE = 34;

/**
 * The e-mail address around the `@` at `at`, or undefined. Reads at most 64 characters to the left,
 * no further than `from`, and 255 to the right.
 */
export function emailAround(text: string, at: number, from: number): PiiSpan | undefined {
  const quoted = unitAt(text, at - 1) === QUOTE ? quotedStart(text, at, from) : at;
  const start = quoted < at ? quoted : localStart(text, at, from);
  if (start === at) return undefined;
  const end = domainEnd(text, at + 1);
  if (end === NONE || isNoMailbox(text, { start, at, end })) return undefined;
  return { kind: 'email', start, end };
}

/** RFC 5321's quoted string, `"ben ito"@corp.jp`: on one line, without another quote. */
function quotedStart(text: string, at: number, from: number): number {
  const first = Math.max(from, at - LOCAL_MOST);
  const within = text.slice(first, at - 1);
  const opening = within.lastIndexOf('"');
  const isOne = opening !== -1 && opening < within.length - 1 && !within.includes('\n', opening);
  return isOne ? first + opening : at;
}

function localStart(text: string, at: number, from: number): number {
  let start = at;
  const least = Math.max(from, at - LOCAL_MOST);
  while (start > least && isLocal(unitAt(text, start - 1))) start--;
  // Not a dot, a quote or a dash that stood before the address.
  while (start < at && !isOfName(unitAt(text, start))) start++;
  return start;
}

/** RFC 5322's atom characters that occur in real addresses, and letters beyond ASCII (RFC 6531). */
function isLocal(unit: number): boolean {
  return (
    isOfName(unit) || unit === DOT || unit === HYPHEN || unit === 43 || unit === 37 || unit === 39
  );
}

const isOfName = (unit: number): boolean => isAlnum(unit) || unit === 95 || isBeyond(unit);

const isBeyond = (unit: number): boolean =>
  unit >= 0xc0 && unit < 0x2000 && unit !== 0xd7 && unit !== 0xf7;

/** Labels of letters, digits and inner hyphens, a dot apart; the last has two letters or more. */
function domainEnd(text: string, start: number): number {
  let at = start;
  let label = start;
  let end = NONE;
  const most = Math.min(text.length, start + DOMAIN_MOST);
  while (at <= most) {
    const unit = at < most ? unitAt(text, at) : DOT;
    if (!isAlnum(unit) && unit !== HYPHEN && !(unit >= 0xc0 && unit < 0x2000)) {
      if (at === label) break;
      if (label > start && isTopLevel(text, label, at)) end = at;
      if (unit !== DOT) break;
      label = at + 1;
    }
    at++;
  }
  return end;
}

function isTopLevel(text: string, from: number, to: number): boolean {
  if (to - from < 2 || to - from > 24) return false;
  for (let at = from; at < to; at++) {
    const unit = unitAt(text, at);
    if (isDigit(unit) && !text.startsWith('xn--', from)) return false;
  }
  return isLetter(unitAt(text, from)) || unitAt(text, from) >= 0xc0;
}
