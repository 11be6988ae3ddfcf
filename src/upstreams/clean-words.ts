/** Removes the operator's secrets and host names from a text that a caller will read. */

/** Some servers quote a whole page, or the whole request. */
export const MOST_ERROR_CHARS = 2_048;
/** A part of a secret of this length helps to guess the rest. */
const LEAST_PART = 8;
const HIDDEN = '[hidden]';

const BEARERS = /\b(?:Bearer|Basic)\s+[^\s"',;]{6,}/gi;
const KEYS = /\b(?:sk|pk|rk|key|gsk|xai|hf|ghp|pplx|AIza)[-_]?(?=[\w-]*\d)[\w*.-]{12,}/g;
/** Loopback, link-local and private networks (RFC 1918, 3927, 4193), with their port. */
const PRIVATE =
  /\b(?:https?:\/\/)?(?:localhost|127(?:\.\d{1,3}){3}|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2})(?::\d{1,5})?(?:\/[^\s"']*)?|\[?(?:::1|f[cde][\da-f]{2}:[\da-f:]{2,40})\]?(?::\d{1,5})?/gi;

export type CleanWords = (text: string) => string;

/** @param secrets whatever was configured to stay secret @param hosts names of servers that callers need not know */
export function cleanWords(secrets: readonly string[], hosts: readonly string[]): CleanWords {
  const parts = new Set<string>();
  for (const one of secrets)
    for (let at = 0; at + LEAST_PART <= one.length; at++) parts.add(one.slice(at, at + LEAST_PART));
  return (text) => {
    let clean = withoutParts(text.slice(0, MOST_ERROR_CHARS), parts);
    for (const host of hosts) clean = withoutHost(clean, host);
    return clean.replaceAll(BEARERS, HIDDEN).replaceAll(KEYS, HIDDEN).replaceAll(PRIVATE, HIDDEN);
  };
}

/** The host, and what is written around it without a blank: scheme, port, path. */
function withoutHost(text: string, host: string): string {
  if (host === '' || !text.includes(host)) return text;
  return text
    .split(/(\s+)/)
    .map((word) => (word.includes(host) ? HIDDEN : word))
    .join('');
}

function withoutParts(text: string, parts: ReadonlySet<string>): string {
  let clean = '';
  let at = 0;
  while (at < text.length) {
    let end = at;
    while (parts.has(text.slice(end, end + LEAST_PART))) end++;
    if (end === at) clean += text.charAt(at++);
    else {
      clean += HIDDEN;
      at = end + LEAST_PART - 1;
    }
  }
  return clean;
}
