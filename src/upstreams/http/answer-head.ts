/** The head of an HTTP/1.1 answer: its status, its headers, and where its body ends. RFC 9112, read strictly. */
import { errors } from 'undici';
import type { IncomingHeaders } from './sender.ts';

/** How the end of a body is known (RFC 9112, 6.3): by its length in bytes, by chunks, or by the end of the connection. */
type Framing = number | 'chunked' | 'close';

export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHeaders;
  readonly framing: Framing;
  /** Another request may follow on the connection. */
  readonly isKept: boolean;
}

/** Said of whatever is no HTTP: the client's own class, for which there are words already. */
export const notHttp = (what: string): Error => new errors.HTTPParserError(what);

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
/** No control characters but the ends of lines, which have both of theirs. */
const BROKEN = /[^\t\n\r\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n/;
const NAME = /^[!#$%&'*+\-.^`|~\w]+$/;

/**
 * @param text from the first byte to the last line's, without the empty line
 * @throws HTTPParserError
 */
export function parseHead(text: string): AnswerHead {
  const firstEnd = text.indexOf('\r\n');
  const found = STATUS_LINE.exec(firstEnd === -1 ? text : text.slice(0, firstEnd));
  if (found === null || BROKEN.test(text)) throw notHttp('Not the head of an HTTP answer');
  const [, minor, code] = found;
  const status = Number(code);
  const headers = firstEnd === -1 ? {} : headersOf(text, firstEnd + 2);
  const framing = framingOf(headers, status);
  // Whoever speaks HTTP/1.0 and sends chunks is not trusted with another request.
  const isKept = framing !== 'close' && isKeptBy(headers, minor === '1', framing === 'chunked');
  return { status, headers, framing, isKept };
}

function headersOf(text: string, from: number): IncomingHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let at = from; at < text.length;) {
    const lineEnd = text.indexOf('\r\n', at);
    const end = lineEnd === -1 ? text.length : lineEnd;
    const colon = text.indexOf(':', at);
    const name = colon === -1 || colon > end ? '' : text.slice(at, colon);
    // A folded line begins with a space, which is in no name.
    if (!NAME.test(name)) throw notHttp('Not a header');
    add(headers, name.toLowerCase(), text.slice(colon + 1, end).trim());
    at = end + 2;
  }
  return headers;
}

function add(headers: Record<string, string | string[]>, name: string, value: string): void {
  if (name === '__proto__') return;
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (before === undefined) headers[name] = value;
  else if (typeof before === 'string') headers[name] = [before, value];
  else before.push(value);
}

function framingOf(headers: IncomingHeaders, status: number): Framing {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) {
    if (length !== undefined) throw notHttp('Both Transfer-Encoding and Content-Length');
    if (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked')
      throw notHttp('A Transfer-Encoding other than chunked');
    return 'chunked';
  }
  if (length === undefined) return 'close';
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length)) throw notHttp('Content-Length');
  return Number(length);
}

function isKeptBy(headers: IncomingHeaders, isNew: boolean, isChunked: boolean): boolean {
  const said = headers['connection'];
  const options = said === undefined ? '' : String(said).toLowerCase();
  if (isNew) return options === '' || !/(?:^|,)\s*close\s*(?:,|$)/.test(options);
  return !isChunked && /(?:^|,)\s*keep-alive\s*(?:,|$)/.test(options);
}
