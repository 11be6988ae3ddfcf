/** Secrets by their form: API keys by their issuers' prefixes, JSON web tokens, private keys. */
import { isAlnum, isDigit, isLetter, isLower, isUpper } from '../../lib/ascii.ts';
import { NONE } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';
import { own } from '../../lib/own.ts';

/** Prefixes that issuers give their keys, by first letter, and how many key characters follow at least. */
const PREFIXES: Readonly<Record<string, readonly (readonly [prefix: string, least: number])[]>> = {
  A: [['AKIA', 16], ['ASIA', 16], ['AIza', 35]],
  S: [['SG.', 40]],
  d: [['dop_v1_', 40]],
  g: [['ghp_', 30], ['gho_', 30], ['ghu_', 30], ['ghs_', 30], ['ghr_', 30], ['github_pat_', 30], ['glpat-', 20]],
  h: [['hf_', 30]],
  n: [['npm_', 30]],
  p: [['pk_live_', 16]],
  r: [['rk_live_', 16]],
  s: [['sk-', 20], ['sk_live_', 16], ['sk_test_', 16]],
  w: [['whsec_', 16]],
  x: [['xoxb-', 20], ['xoxp-', 20], ['xoxa-', 20], ['xapp-', 20]],
  y: [['ya29.', 20]],
}; // prettier-ignore

const MOST = 400;

/** An API key by its issuer's prefix; a digit or capitals must come among its first characters, as in words they do not. */
export function apiKeyEnd(text: string, start: number): number {
  for (const [prefix, least] of own(PREFIXES, text.charAt(start)) ?? []) {
    if (!text.startsWith(prefix, start)) continue;
    const from = start + prefix.length;
    if (isKey(text, from, from + least)) return keyEnd(text, from + least);
  }
  return NONE;
}

function isKey(text: string, from: number, to: number): boolean {
  let digits = 0;
  let capitals = 0;
  let letters = 0;
  for (let at = from; at < to; at++) {
    const unit = unitAt(text, at);
    if (!isKeyUnit(unit)) return false;
    if (isDigit(unit)) digits++;
    else if (isUpper(unit)) capitals++;
    else if (isLower(unit)) letters++;
  }
  return digits > 0 || (capitals > 1 && letters > 1);
}

function keyEnd(text: string, start: number): number {
  let at = start;
  while (at - start < MOST && isKeyUnit(unitAt(text, at))) at++;
  // A full stop or a dash after the key is the sentence's.
  while (at > start && !isAlnum(unitAt(text, at - 1))) at--;
  return at;
}

const isKeyUnit = (unit: number): boolean =>
  isAlnum(unit) || unit === 45 || unit === 95 || unit === 46;

/**
 * A JSON web token: three base64url parts, the first of which is `{"` encoded. Where there is none
 * the answer is minus the place up to which no other can begin: it lies in the same run of characters.
 */
export function jwtEnd(text: string, start: number): number {
  let at = start;
  let dots = 0;
  while (at - start < JWT_MOST) {
    const unit = unitAt(text, at);
    if (unit === 46) dots++;
    else if (!isAlnum(unit) && unit !== 45 && unit !== 95) break;
    if (dots > 2) break;
    at++;
  }
  const read = at;
  while (at > start && unitAt(text, at - 1) === 46) at--;
  return dots >= 2 && at - start >= 36 ? at : -read;
}

const JWT_MOST = 4096;
const BEGIN = '-----BEGIN ';

/**
 * A private key in PEM armour, up to its END line or as far as its body goes. Everything read is
 * part of the find, so that reading on never looks at a character twice.
 */
export function privateKeyEnd(text: string, start: number): number {
  if (!text.startsWith(BEGIN, start)) return NONE;
  const header = text.slice(start, start + 64);
  const marked = /^-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/.exec(header);
  if (marked === null) return NONE;
  let at = start + marked[0].length;
  while (isBody(unitAt(text, at))) at++;
  const tail = /^-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/.exec(text.slice(at, at + 64));
  return tail === null ? at : at + tail[0].length;
}

function isBody(unit: number): boolean {
  return (
    isLetter(unit) ||
    isDigit(unit) ||
    unit === 43 ||
    unit === 47 ||
    unit === 61 ||
    unit === 10 ||
    unit === 13 ||
    unit === 92
  );
}
