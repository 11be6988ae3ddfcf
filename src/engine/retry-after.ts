import { UpstreamError } from '../core/errors.ts';

/**
 * When a server that refuses a request wants to be asked again, in milliseconds from now: `retry-after-ms` of OpenAI's, else
 * `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3). Undefined where it says nothing, or nonsense.
 */
export function retryAfterMs(error: unknown, epochMs = Date.now()): number | undefined {
  if (!(error instanceof UpstreamError)) return undefined;
  const { 'retry-after-ms': inMs, 'retry-after': after } = error.headers;
  return positive(decimal(inMs)) ?? positive(inSeconds(after, epochMs));
}

function inSeconds(text: string | undefined, epochMs: number): number | undefined {
  const seconds = decimal(text);
  if (seconds !== undefined) return seconds * 1000;
  return text === undefined || !DATE.test(text) ? undefined : Date.parse(text) - epochMs;
}

const decimal = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,12}(\.\d{1,6})?\s*$/.test(text) ? Number(text) : undefined;

/** The formats of HTTP dates begin with the day of the week. */
const DATE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i;

const positive = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms > 0 ? ms : undefined;
