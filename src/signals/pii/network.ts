import { isIPv6 } from 'node:net';
import { before, isDigit, isWordUnit, NONE } from './span.ts';

const DOT = 46;

/** Four numbers up to 255 with dots, publicly routed. A version number ("v1.2.3.4") is not an address. */
export function ipv4End(text: string, start: number): number {
  let address = 0;
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return NONE;
    const from = at;
    let value = 0;
    while (isDigit(text.charCodeAt(at)) && at - from < 3)
      value = value * 10 + text.charCodeAt(at++) - 48;
    if (at === from || value > 255 || (at - from > 1 && text.charCodeAt(from) === 48)) return NONE;
    address = address * 256 + value;
  }
  const next = text.charCodeAt(at);
  if (isWordUnit(next) || (next === DOT && isDigit(text.charCodeAt(at + 1)))) return NONE;
  if (!isPublic(address)) return NONE;
  return VERSION_WORDS.test(before(text, start, 14)) ? NONE : at;
}

const VERSION_WORDS =
  /(?:version|versión|versao|release|build|firmware|sdk|section|sección|kapitel|\bv\.?)\s*$/;

/** Not private, loopback, link-local, carrier-grade, multicast or reserved (RFC 6890). */
function isPublic(address: number): boolean {
  const first = Math.floor(address / 2 ** 24);
  const second = Math.floor(address / 2 ** 16) % 256;
  if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
  if (first === 169 && second === 254) return false;
  if (first === 172 && second >= 16 && second <= 31) return false;
  if (first === 192 && second === 168) return false;
  if (first === 100 && second >= 64 && second <= 127) return false;
  return !isOutline(address);
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
  while (at - start <= IPV6_MOST && isIpv6Unit(text.charCodeAt(at))) {
    if (text.charCodeAt(at) === 58) colons++;
    at++;
  }
  if (colons < 2 || at - start > IPV6_MOST || isWordUnit(text.charCodeAt(at))) return NONE;
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
