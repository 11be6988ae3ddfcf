import { UpstreamError } from '../core/errors.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * When a server that refuses a request wants to be asked again, in milliseconds from now: `retry-after-ms` of OpenAI's, else
 * `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3). Undefined where it says nothing, or nonsense.
 */
export function retryAfterMs(error: unknown, epochMs = Date.now()): number | undefined {
  return error instanceof UpstreamError ? saidMs(error.headers, epochMs) : undefined;
}

/**
 * The same headers, with `Retry-After` in whole seconds: clients read it as such, and fail on a date, a fraction or a word. Left out
 * where it says nothing that could be waited for.
 */
export function withWholeSeconds(headers: Headers, epochMs = Date.now()): Headers {
  const { 'retry-after': after, ...rest } = headers;
  if (after !== undefined && /^[1-9]\d*$/.test(after)) return headers;
  const ms = saidMs(headers, epochMs);
  return ms === undefined ? rest : { ...rest, 'retry-after': String(Math.ceil(ms / 1000)) };
}

function saidMs(
  { 'retry-after-ms': inMs, 'retry-after': after }: Headers,
  epochMs: number,
): number | undefined {
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
