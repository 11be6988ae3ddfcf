/** Which headers are forwarded to an upstream and back: both are allow lists. */
import type { Call } from '../../core/call.ts';
import { HOP_HEADER, hopsOnward } from '../../core/hops.ts';
import { CONNECTION_HEADERS, CREDENTIAL_HEADERS } from '../header-rules.ts';
import type { AnswerHeaders } from '../../core/upstream.ts';
import type { IncomingHeaders } from './sender.ts';

/** Never forwarded, even if the edge's list let one through. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  ...CREDENTIAL_HEADERS,
  ...CONNECTION_HEADERS,
  'forwarded',
  'openai-organization',
  'openai-project',
  'via',
]);

const isForwarded = (name: string): boolean =>
  !NEVER_FORWARDED.has(name) && !name.startsWith('x-forwarded-');

/** The gateway's headers for this call, then the caller's forwarded ones; flat, which is fastest in undici. */
export function requestHeaders(call: Call, own: readonly string[]): string[] {
  const headers = [...own, HOP_HEADER, hopsOnward(call.hops), 'accept', acceptOf(call)];
  if (call.payload.length > 0) headers.push('content-type', call.contentType);
  for (const name in call.forwardHeaders) {
    const value = call.forwardHeaders[name];
    const known = name.toLowerCase();
    if (value === undefined || !isForwarded(known) || isAmong(own, known)) continue;
    headers.push(name, value);
  }
  return headers;
}

const isAmong = (flat: readonly string[], name: string): boolean =>
  flat.some((text, at) => at % 2 === 0 && text === name);

function acceptOf(call: Call): string {
  if (call.operation === 'passthrough') return '*/*';
  return call.stream ? 'text/event-stream' : 'application/json';
}

const SHOWN = new Set([
  'openai-model',
  'openai-organization',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
]);

/** Headers needed to interpret a passthrough body. */
const SHOWN_WITH_RAW = new Set([
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'content-type',
]);

/**
 * Renames the upstream's request id, which its support needs: the name is taken by the gateway's
 * own.
 */
const RENAMED: ReadonlyMap<string, string> = new Map([['x-request-id', 'x-upstream-request-id']]);

export function visibleHeaders(incoming: IncomingHeaders, kind: 'read' | 'raw'): AnswerHeaders {
  const headers: Record<string, string> = {};
  for (const name in incoming) {
    const value = incoming[name];
    if (value === undefined) continue;
    const shown = SHOWN.has(name) || name.startsWith('x-ratelimit-') ? name : RENAMED.get(name);
    const key = shown ?? (kind === 'raw' && SHOWN_WITH_RAW.has(name) ? name : undefined);
    if (key !== undefined) headers[key] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

/** The media type without its parameters, in lower case. */
export function mediaType(headers: IncomingHeaders): string {
  const value = headers['content-type'];
  // As nearly all say it.
  if (value === 'application/json' || value === 'text/event-stream') return value;
  const text = typeof value === 'string' ? value : (value?.[0] ?? '');
  return (text.split(';', 1)[0] ?? '').trim().toLowerCase();
}
