/** Finds personal data and secrets in one text as it stands, in one pass and without backtracking. */
import { ibanEnd, isCard } from './banking.ts';
import { isDate, isFraction, isId } from './context.ts';
import { endsClean, noDigits, readDigits, type Digits } from './digits.ts';
import { emailAround } from './email.ts';
import { findMore } from './find-more.ts';
import { AT_SIGN, BEGINNING, marksOf, NUMBER } from './marks.ts';
import { dniEnd, isNamed, isSsn, isTaxId, nieEnd, ninoEnd } from './national-ids.ts';
import { ipv4End, ipv6End } from './network.ts';
import { phoneGroups } from './phone.ts';
import { apiKeyEnd, jwtEnd, privateKeyEnd } from './secrets.ts';
import { isAlnum, isDigit, isLetter, isLower } from '../../lib/ascii.ts';
import { isWordUnit, NONE, type PiiKind, type PiiSpan } from './span.ts';
import { PHONE_REGIONS, type PhoneRegion } from '../../core/phone-regions.ts';
import { unitAt } from '../../lib/text-units.ts';

const AT = 64;
const PLUS = 43;
const BRACKET = 40;
const HYPHEN = 45;

const COLON = 58;
const ZERO = 48;
const ONE = 49;
const DASHES = '-----BEGIN ';

/** What one pass remembers: where the last find ended, and up to where no token can begin. */
interface Pass {
  readonly text: string;
  from: number;
  noTokenBefore: number;
  /** The number last read; made when the first one comes. */
  digits?: Digits;
}

/**
 * Personal data and secrets in a text, in order, not overlapping. One pass from left to right: every
 * matcher reads a bounded number of characters, so the time is linear in the text whatever it holds.
 */
export function findPii(
  text: string,
  marks = marksOf(text),
  regions: readonly PhoneRegion[] = PHONE_REGIONS,
): PiiSpan[] {
  const found = (marks & STARTS) === 0 ? [] : findByStart(text);
  return withMore(found, findMore(text, marks, regions));
}

/** Without these marks nothing that begins with what it is stands in a text. */
const STARTS = AT_SIGN | NUMBER | BEGINNING;

/** Both in order; where two overlap the first list's is kept. */
function withMore(found: PiiSpan[], more: readonly PiiSpan[]): PiiSpan[] {
  if (more.length === 0) return found;
  const all = [...found];
  for (const span of more)
    if (!all.some(({ start, end }) => span.start < end && start < span.end)) all.push(span);
  return all.toSorted((left, right) => left.start - right.start);
}

function findByStart(text: string): PiiSpan[] {
  const found: PiiSpan[] = [];
  const pass: Pass = { text, from: 0, noTokenBefore: 0 };
  let at = 0;
  const { length } = text;
  while (at < length) {
    const unit = unitAt(text, at);
    const plain = isLetter(unit) ? plainWordEnd(text, at) : NONE;
    if (plain !== NONE) {
      at = plain;
      continue;
    }
    const span = spanAt(pass, at, unit);
    if (span === undefined) at = nextStart(text, at, unit);
    else {
      dropOverlaps(found, span.start);
      found.push(span);
      pass.from = span.end;
      at = span.end;
    }
  }
  return found;
}

/**
 * The end of a word of small letters (the first may be a capital) that nothing can begin with: nearly
 * all words, passed over at once. Two letters may begin a UK number, and a hyphen or a digit after
 * the letters a key.
 */
function plainWordEnd(text: string, at: number): number {
  let end = at + 1;
  while (isLower(unitAt(text, end))) end++;
  const unit = unitAt(text, end);
  return end - at === 2 || unit === HYPHEN || isWordUnit(unit) ? NONE : end;
}

/** Nothing begins in the middle of a word or of a run of digits. */
function nextStart(text: string, at: number, unit: number): number {
  let end = at + 1;
  if (isLetter(unit)) while (isWordUnit(unitAt(text, end))) end++;
  else if (isDigit(unit)) while (isDigit(unitAt(text, end))) end++;
  return end;
}

/** An address may begin with what looked like a number: the address is the larger find. */
function dropOverlaps(found: PiiSpan[], start: number): void {
  while ((found.at(-1)?.end ?? 0) > start) found.pop();
}

function spanAt(pass: Pass, at: number, unit: number): PiiSpan | undefined {
  if (unit === SPACE) return undefined;
  const { text } = pass;
  if (unit === AT) return emailAround(text, at, pass.from);
  if (at > 0 && isWordUnit(unitAt(text, at - 1))) return undefined;
  if (isLetter(unit)) return letterSpan(pass, at, unit);
  if (isDigit(unit)) return digitSpan(pass, at, at);
  if (unit === PLUS) return afterPlus(pass, at);
  if (unit === BRACKET) return isDigit(unitAt(text, at + 1)) ? digitSpan(pass, at, at) : undefined;
  if (unit === HYPHEN && text.startsWith(DASHES, at))
    return spanTo('private_key', at, privateKeyEnd(text, at));
  return undefined;
}

const spanTo = (kind: PiiKind, start: number, end: number): PiiSpan | undefined =>
  end < 0 ? undefined : { kind, start, end };

/** `+34 …` and `+(34) …`. */
function afterPlus(pass: Pass, at: number): PiiSpan | undefined {
  const { text } = pass;
  const bracket = unitAt(text, at + 1) === BRACKET ? 1 : 0;
  return isDigit(unitAt(text, at + 1 + bracket)) ? digitSpan(pass, at + 1, at) : undefined;
}

/** What may start with this letter, told from a word by its next characters first. */
function letterSpan(pass: Pass, at: number, unit: number): PiiSpan | undefined {
  const { text } = pass;
  const second = unitAt(text, at + 1);
  if (isDigit(second) || second === HYPHEN) {
    // x, y, z.
    const nie = (unit | 32) >= 120 ? nieEnd(text, at) : NONE;
    if (nie !== NONE) return { kind: 'es_nie', start: at, end: nie };
  } else if (isLetter(second) && !isLetter(unitAt(text, at + 2))) {
    const iban = spanTo('iban', at, ibanEnd(text, at));
    const found = iban ?? spanTo('uk_nino', at, ninoEnd(text, at));
    if (found !== undefined) return found;
  }
  return tokenSpan(pass, at);
}

function tokenSpan(pass: Pass, at: number): PiiSpan | undefined {
  const { text } = pass;
  if (at >= pass.noTokenBefore && text.startsWith('eyJ', at)) {
    const end = jwtEnd(text, at);
    if (end > 0) return { kind: 'jwt', start: at, end };
    pass.noTokenBefore = -end;
  }
  return mayBeKey(text, at) ? spanTo('api_key', at, apiKeyEnd(text, at)) : undefined;
}

/** Keys have a capital, a digit or a mark among their first six characters; most words have not. */
function mayBeKey(text: string, at: number): boolean {
  for (let near = at + 1; near < at + 6; near++) {
    const unit = unitAt(text, near);
    if (unit === 32) return false;
    if (unit < 97 || unit > 122) return true;
  }
  // `github_pat_` and `whsec_` begin as words do.
  return text.startsWith('github_', at) || text.startsWith('whsec_', at);
}

/** As in an IPv6 address a colon comes within five characters; none stands before it. */
function colonNear(text: string, at: number): boolean {
  if (unitAt(text, at - 1) === COLON) return false;
  for (let near = at + 1; near < at + 5; near++) if (unitAt(text, near) === COLON) return true;
  return false;
}

/** A local telephone number in America. */
const LEAST_DIGITS = 7;

/** A number whose first digit (or bracket) is at `number`; the find itself starts at `start`, a plus sign before it. */
function digitSpan(pass: Pass, number: number, start: number): PiiSpan | undefined {
  const { text } = pass;
  const signed = start !== number;
  if (!signed) {
    if (isFraction(text, number)) return undefined;
    const address = addressEnd(text, number);
    if (address !== NONE) return { kind: 'ip', start, end: address };
    if (!mayBegin(text, number)) return undefined;
  }
  pass.digits ??= noDigits();
  const read = pass.digits;
  readDigits(read, text, number);
  if ((read.sums[read.groups - 1] ?? 0) < LEAST_DIGITS) return undefined;
  const attached = signed ? isSignAttached(text, start) : isAttached(text, start);
  const checked = signed ? undefined : checkedSpan(read, start, attached);
  return checked ?? (attached ? undefined : phoneSpan(read, start));
}

function phoneSpan(read: Digits, start: number): PiiSpan | undefined {
  const groups = isDate(read.text, read.start) ? 0 : phoneGroups(read, start);
  return groups === 0 ? undefined : { kind: 'phone', start, end: read.ends[groups - 1] ?? start };
}

/** What a check digit proves, of as many groups as possible. */
function checkedSpan(read: Digits, start: number, attached: boolean): PiiSpan | undefined {
  const options = { start, attached };
  for (let groups = read.groups; groups > 0; groups--) {
    const digits = read.sums[groups - 1] ?? 0;
    if (digits < 8) return undefined;
    const span = digits > 19 ? undefined : numberSpan(read, groups, options);
    if (span !== undefined) return span;
  }
  return undefined;
}

/** One or two digits first: only 1 before an American area, 0 before a French pair, or two and then three. */
function mayBegin(text: string, at: number): boolean {
  const first = unitAt(text, at);
  if (first === BRACKET) return true;
  let size = 1;
  while (size < 3 && isDigit(unitAt(text, at + size))) size++;
  if (size > 2) return true;
  if (first === ZERO) return size === 2;
  if (size === 1 && first !== ONE) return false;
  for (let next = at + size + 1; next < at + size + 4; next++)
    if (!isDigit(unitAt(text, next))) return false;
  return true;
}

function addressEnd(text: string, at: number): number {
  if (unitAt(text, at) === BRACKET) return NONE;
  const mark = unitAt(text, at - 1);
  if (mark !== 46) {
    const end = ipv4End(text, at);
    if (end !== NONE) return end;
  }
  return colonNear(text, at) ? ipv6End(text, at) : NONE;
}

/** The first groups of a number, where their count of digits and a check digit say what they are. */
function numberSpan(
  read: Digits,
  groups: number,
  { start, attached }: { readonly start: number; readonly attached: boolean },
): PiiSpan | undefined {
  const digits = read.sums[groups - 1] ?? 0;
  const end = read.ends[groups - 1] ?? start;
  if (digits === 8) return spanTo('es_dni', start, dniEnd(read, groups));
  if (!endsClean(read, groups)) return undefined;
  const kind = kindOf(read, groups, digits);
  if (kind === undefined) return undefined;
  if (kind === 'card') return isId(read, groups, start) ? undefined : { kind, start, end };
  const isFree =
    !attached || isNamed(kind, read) || (kind === 'us_ssn' && isAssigned(read.text, start));
  return isFree ? { kind, start, end } : undefined;
}

function kindOf(read: Digits, groups: number, digits: number): PiiKind | undefined {
  if (digits > 12) return isCard(read, groups) ? 'card' : undefined;
  if (digits === 9) return isSsn(read, groups) ? 'us_ssn' : undefined;
  return digits === 11 && isTaxId(read, groups) ? 'de_tax_id' : undefined;
}

const SPACE = 32;
/** `#`, `$`, `€`, `£`: a number or a price. */
const PREFIXES = new Set([35, 36, 0x20ac, 0xa3]);
/** `-`, `/`, `_`, `=`, `&` after a letter or a digit; `.`, `,`, `:` after a digit. */
const JOINTS = new Set([45, 47, 95, 61, 38]);
const POINTS = new Set([46, 44, 58]);

/** What stands between a name and its value, and between the values of a row. */
const isAssigned = (text: string, start: number): boolean =>
  [COLON, COMMA, EQUALS].includes(unitAt(text, start - 1));

/** A plus sign begins a number wherever a value may stand: `tel=+34…`, `1,+34…`, `/+34…`. */
const isValue = (text: string, start: number): boolean =>
  isAssigned(text, start) || [SLASH, AMPERSAND].includes(unitAt(text, start - 1));

const COMMA = 44;
const EQUALS = 61;
const SLASH = 47;
const AMPERSAND = 38;

const isSignAttached = (text: string, start: number): boolean =>
  !isValue(text, start) && isAttached(text, start);

/** Part of a longer reference: `ORD-612345678`, `2024/612345678`, `3.612 345 678`, `#612345678`, a price. */
function isAttached(text: string, start: number): boolean {
  const mark = unitAt(text, start - 1);
  if (start === 0 || mark === SPACE) return false;
  if (PREFIXES.has(mark)) return true;
  const further = unitAt(text, start - 2);
  return (JOINTS.has(mark) && isAlnum(further)) || (POINTS.has(mark) && isDigit(further));
}
