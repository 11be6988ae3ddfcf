/** What stands around a number that looks personal and shows that it is something else: a fraction, a date, an id, a table. */
import { digitsOf, type Digits } from './digits.ts';
import { isDigit, isLetter } from '../../lib/ascii.ts';
import { before, isReference } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

const DOT = 46;
const COLON = 58;
const SPACE = 32;

/** `0.5604290262912849`, `5.41537102e-05`, `10:44:00.89195946Z`: the digits from `start` are a fraction. */
export function isFraction(text: string, start: number): boolean {
  if (unitAt(text, start - 1) !== DOT || !isDigit(unitAt(text, start - 2))) return false;
  let end = start;
  while (isDigit(unitAt(text, end)) && end - start < FRACTION_MOST) end++;
  // Groups of three or four: a list's number stands before a telephone or a card.
  if (end - start < FRACTION_LEAST) return false;
  // 00:00:00.12345678Z, and not a list's number before an identity number.
  if (unitAt(text, start - 4) === COLON) return true;
  return !isLetter(unitAt(text, end)) || /^(?:e[+-]?\d|[fdjl]\b)/.test(text.slice(end, end + 3));
}

const FRACTION_LEAST = 5;
const FRACTION_MOST = 40;

/** A date at `start`, year first or last, two digits each for day and month. */
export function isDate(text: string, start: number): boolean {
  DATE.lastIndex = start;
  return DATE.test(text);
}

const DATE = /(?:(?:19|20)\d\d([-./])[01]\d\1[0-3]\d|[0-3]\d([-./])[0-3]\d\2(?:19|20)\d\d)(?!\d)/y;

/**
 * The number goes on after `groups` groups with a mark that holds numbers together, or counts something,
 * or is part of a row of figures.
 */
export function isPartOfMore(number: Digits, groups: number): boolean {
  const { text, start } = number;
  const end = number.ends[groups - 1] ?? start;
  const next = unitAt(text, end);
  if ((next === DOT || next === HYPHEN) && isDigit(unitAt(text, end + 1))) return true;
  const after = figuresFrom(text, end, 1);
  if (after + figuresFrom(text, start - 1, -1) >= ROW_LEAST) return true;
  return hasHexBeside(text, start, end) || COUNTED.test(text.slice(end, end + 12));
}

const HYPHEN = 45;

/** What a number of nine digits in groups may count, and no telephone. */
const COUNTED =
  /^\s?(?:[%€$]|(?:bytes?|[kmgt]i?b|rows|records|tokens|param\w*|users|lines|eur|usd|gbp|[nµm]s)\b)/i;

/** More figures beside a number than two telephones in a row have: a table, a dump, a path. */
const ROW_LEAST = 5;
/** Characters of a row that are looked at on each side. */
const ROW_REACH = 64;

/** Figures that follow each other from `at` on, forwards (`step` 1) or backwards (-1), up to `ROW_LEAST`. */
function figuresFrom(text: string, at: number, step: 1 | -1): number {
  if (unitAt(text, at) !== SPACE) return 0;
  let count = 0;
  let hasDigit = false;
  for (let near = at; near !== at + step * ROW_REACH && count < ROW_LEAST; near += step) {
    const unit = unitAt(text, near);
    if (isDigit(unit)) hasDigit = true;
    else if (unit === SPACE || Number.isNaN(unit)) {
      if (hasDigit) count++;
      hasDigit = false;
      if (unit !== SPACE) break;
    } else if (unit !== DOT && unit !== HYPHEN) return count;
  }
  return count;
}

/** `f5 06 14 99 41 51`: bytes of a dump. */
function hasHexBeside(text: string, start: number, end: number): boolean {
  const left = unitAt(text, start - 1) === SPACE ? text.slice(start - 4, start - 1) : '';
  const right = unitAt(text, end) === SPACE ? text.slice(end + 1, end + 4) : '';
  return HEX_LEFT.test(left) || HEX_RIGHT.test(right);
}

const HEX_LEFT = /^[ \n:](?=.?[a-f])[\da-f]{2}$/;
const HEX_RIGHT = /^(?=.?[a-f])[\da-f]{2}(?:[ \n]|$)/;

/**
 * A number that passes a card's checks, as one in thirty of that length does by chance, and stands where
 * code and logs have their ids. Never where the words before it speak of a card.
 */
export function isId(number: Digits, groups: number, start: number): boolean {
  const words = before(number.text, start);
  if (CARD_WORDS.test(words)) return false;
  if (isIdName(words)) return true;
  if (JOINED.test(words)) return !(groups > 1 ? isPrinted : isPaidWith)(number, words);
  if (groups > 1) return false;
  const { length } = digitsOf(number, groups);
  // Lengths that few cards have and many ids do.
  return (length < 14 || length > 16) && (/["'`<@=([#:]\s?$/.test(words) || isReference(words));
}

const JOINED = /[a-z\d][-/_]$/;

/** In groups with blanks, as ids are not; with hyphens or dots only in a path, and not behind what has such ids. */
function isPrinted({ marks }: Digits, words: string): boolean {
  const mark = marks[0];
  if (mark === SLASH) return false;
  return (mark !== HYPHEN && mark !== DOT) || (words.endsWith('/') && !ID_SEGMENT.test(words));
}

const SLASH = 47;

const ID_SEGMENT =
  /(?:order|pedido|bestellung|commande|invoice|factura|rechnung|ticket|case|ref|reference|tracking|parcel|serial|sku|part|isbn|item|product|licen[cs]e|key|build|version|u?u?id|doc|asset|file)s?\/$/;

/** A whole number in a path is one of a million ids: a card's only by its network, and right behind the host or a word of payments. */
const isPaidWith = ({ text, start, ends }: Digits, words: string): boolean =>
  words.endsWith('/') && MAJOR_CARD.test(text.slice(start, ends[0])) && PAID.test(words);

/** The networks that issue most cards, in the lengths that they use. */
const MAJOR_CARD = /^(?:4\d{15}|5[1-5]\d{14}|3[47]\d{13})$/;
const PAID =
  /(?:^|[\s"'`(<@/.])[a-z\d-]{1,30}\.[a-z]{2,24}(?::\d{2,5})?\/$|(?:\/|^)(?:pay|payments?|pago|zahlung|paiement|charges?|billing|checkout|balance|tokeni[sz]e|validate|verify|check|lookup|luhn|bin|search|find|q)\/$/;

const CARD_WORDS = /card|karte|tarjeta|carte|visa|master|amex|credit|debit|\bpan\b|\bcc\b|maestro/;

/** A name that code gives to an id, and what stands between the two. */
const ID_NAME =
  /(?:id|ids|uuid|guid|hash|sha\d*|digest|checksum|crc|etag|seed|nonce|time|timestamp|\bts|epoch|offset|size|bytes|rev|revision|version|build|commit|trace|span|session|sequence|seq|cursor|token|key)["'`]?\s{0,2}[:=]\s{0,2}["'`]?$/;

/** The words before a number end as an id's name and its colon or equals sign do. */
export const isIdName = (words: string): boolean => ID_NAME.test(words);
