/** Public IP addresses, version 4 and 6. */
import { isIPv6 } from 'node:net';
import { isDigit } from '../../lib/ascii.ts';
import { before, isWordUnit, NONE } from './span.ts';
import { unitAt } from '../../lib/text-units.ts';

const DOT = 46;

/** Four numbers up to 255 with dots, publicly routed. A version number ("v1.2.3.4") is not an address. */
export function ipv4End(text: string, start: number): number {
  let address = 0;
  let at = start;
  for (let part = 0; part < 4; part++) {
    const end = octetEnd(text, at);
    if (end === at) return NONE;
    address = address * 256 + Number(text.slice(at, end));
    if (part < 3 && unitAt(text, end) !== DOT) return NONE;
    at = part < 3 ? end + 1 : end;
  }
  const next = unitAt(text, at);
  if (isWordUnit(next) || (next === DOT && isDigit(unitAt(text, at + 1)))) return NONE;
  if (!isPublic(address)) return NONE;
  return isVersion(text, start, at) ? NONE : at;
}

/** Said to be one, compared as one, or part of the name of a product, a package or a file. */
function isVersion(text: string, start: number, end: number): boolean {
  const words = before(text, start, 24);
  if (VERSION_WORDS.test(words) || (/[=~^]=?$/.test(words) && !ADDRESSED.test(words))) return true;
  // Chrome/126.4.7.9, in the spelling of products: a path before an address is in small letters.
  if (/[A-Z][A-Za-z]+\/$/.test(text.slice(Math.max(0, start - 24), start))) return true;
  const isNamed = /[a-z]\w*[-_]$/.test(words) && !/(?:ip|host|addr\w*|from|to)[-_]$/.test(words);
  return isNamed || /\.(?:so|dll|dylib)\.$/.test(words) || FILE_END.test(text.slice(end, end + 8));
}

/** What logs and forms call a machine's address. */
const ADDRESSED =
  /ip\w{0,20}\s?={1,2}$|(?<!=)(?:addr(?:ess)?|host(?:name)?|client|remote|src|dst|source|dest(?:ination)?|peer|from|forwarded|for|server|gateway|dns)=$/;

/** What follows the version in a file's name. */
const FILE_END = /^\.(?:jar|whl|tgz|tar|zip|deb|rpm|exe|msi|dmg|apk|nupkg|gem|dll|so)\b/;

/** Where a number up to 255 without a leading zero ends; `start` where there is none. */
function octetEnd(text: string, start: number): number {
  let end = start;
  let value = 0;
  while (isDigit(unitAt(text, end)) && end - start < 4) {
    value = value * 10 + unitAt(text, end) - 48;
    end++;
  }
  const padded = end - start > 1 && unitAt(text, start) === 48;
  return value > 255 || padded ? start : end;
}

const VERSION_WORDS =
  /(?:version|versión|versao|release|build|firmware|sdk|driver|section|sección|kapitel|\bv\.?)["'`]?\s*[:=]?\s*["'`]?$/;

/** Networks of RFC 6890 that are not one machine's on the internet: first address and number of addresses. */
const RESERVED: readonly (readonly [from: number, count: number])[] = [
  [0, 2 ** 24],
  [10 * 2 ** 24, 2 ** 24],
  [100 * 2 ** 24 + 64 * 2 ** 16, 2 ** 22],
  [127 * 2 ** 24, 2 ** 24],
  [169 * 2 ** 24 + 254 * 2 ** 16, 2 ** 16],
  [172 * 2 ** 24 + 16 * 2 ** 16, 2 ** 20],
  [192 * 2 ** 24 + 168 * 2 ** 16, 2 ** 16],
  [224 * 2 ** 24, 2 ** 29],
];

/** The networks for documentation count as public: who writes one in a message means it as an address. No host ends in 0.0. */
function isPublic(address: number): boolean {
  const reserved = RESERVED.some(([from, count]) => address >= from && address < from + count);
  return !reserved && !isOutline(address) && address % 65536 !== 0;
}

/** 1.2.3.4 and the like: nearly always a version or a heading's number. */
function isOutline(address: number): boolean {
  const parts = [address / 2 ** 24, address / 2 ** 16, address / 256, address].map(
    (part) => Math.floor(part) % 256,
  );
  return (parts[0] ?? 0) < 5 && parts.every((part) => part < 10);
}

/** The longest IPv6 address in text has 39 characters; 45 with an embedded IPv4. */
const IPV6_MOST = 45;

/** A global unicast IPv6 address (2000::/3). */
export function ipv6End(text: string, start: number): number {
  let at = start;
  let colons = 0;
  while (at - start <= IPV6_MOST && isIpv6Unit(unitAt(text, at))) {
    if (unitAt(text, at) === 58) colons++;
    at++;
  }
  if (colons < 2 || at - start > IPV6_MOST || isWordUnit(unitAt(text, at))) return NONE;
  while (at > start && /[.:]/.test(text.charAt(at - 1)) && !text.endsWith('::', at)) at--;
  const address = text.slice(start, at);
  return isIPv6(address) && /^[23][\da-f]{3}:/i.test(address) ? at : NONE;
}

function isIpv6Unit(unit: number): boolean {
  return (
    isDigit(unit) ||
    unit === 58 ||
    unit === 46 ||
    (unit >= 97 && unit <= 102) ||
    (unit >= 65 && unit <= 70)
  );
}
