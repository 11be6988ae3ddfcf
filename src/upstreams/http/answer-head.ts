/** The head of an HTTP/1.1 answer: its status, its headers, and where its body ends. RFC 9112, read strictly. */
import { errors } from 'undici';
import { FIELD_NAME, NOT_IN_FIELD_VALUE } from '../../lib/http-field.ts';
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

/** The error for bytes that are not HTTP: undici's own class, for which `exchange-errors.ts` has words already. */
export const notHttp = (what: string): Error => new errors.HTTPParserError(what);

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |\r)/;
const LINE_END = '\r\n';

/** A line of a head as it was read. */
interface Line {
  /** With its end, so that no other line begins with it. */
  readonly text: string;
  readonly name: string;
  readonly value: string;
}

interface StatusLine {
  readonly text: string;
  readonly status: number;
  /** HTTP/1.1, and not 1.0. */
  readonly isNew: boolean;
}

/** Reads the heads of a connection's answers. What stood in the one before, as most does, is not read again. */
export class HeadReader {
  #status: StatusLine | undefined;
  #lines: readonly Line[] = [];
  #head: AnswerHead | undefined;
  /** That of `#head`. */
  #text = '';

  /**
   * @param text from the first byte to the end of the last line, without the empty one
   * @throws HTTPParserError
   */
  read(text: string): AnswerHead {
    // Of streams, which say no length, and of answers that are as long.
    if (this.#head !== undefined && text === this.#text) return this.#head;
    const status = this.#statusOf(text);
    const lines: Line[] = [];
    for (let at = status.text.length; at < text.length;) {
      const line = this.#lineAt(text, at, lines.length);
      lines.push(line);
      at += line.text.length;
    }
    this.#status = status;
    this.#lines = lines;
    this.#head = headOf(status, lines);
    this.#text = text;
    return this.#head;
  }

  #statusOf(text: string): StatusLine {
    const before = this.#status;
    if (before !== undefined && text.slice(0, before.text.length) === before.text) return before;
    const line = lineAt(text, 0);
    const found = STATUS_LINE.exec(line);
    if (found === null) throw notHttp('Not the head of an HTTP answer');
    return { text: line, status: Number(found[2]), isNew: found[1] === '1' };
  }

  #lineAt(text: string, at: number, index: number): Line {
    const before = this.#lines[index];
    if (before !== undefined && text.slice(at, at + before.text.length) === before.text)
      return before;
    const line = lineAt(text, at);
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    // A folded line begins with a space, which is in no name.
    if (!FIELD_NAME.test(name)) throw notHttp('Not a header');
    return { text: line, name: name.toLowerCase(), value: line.slice(colon + 1).trim() };
  }
}

function headOf({ status, isNew }: StatusLine, lines: readonly Line[]): AnswerHead {
  const headers: Record<string, string | string[]> = {};
  for (const { name, value } of lines) add(headers, name, value);
  const framing = framingOf(headers, status);
  // Whoever speaks HTTP/1.0 and sends chunks is not trusted with another request.
  const isKept =
    framing !== 'close' && isKeptBy(headers, { isNew, isChunked: framing === 'chunked' });
  return { status, headers, framing, isKept };
}

/** With its end. */
function lineAt(text: string, at: number): string {
  const end = text.indexOf(LINE_END, at);
  if (NOT_IN_FIELD_VALUE.test(text.slice(at, end))) throw notHttp('Not the head of an HTTP answer');
  return text.slice(at, end + LINE_END.length);
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

/** `isNew`: HTTP/1.1, where a connection is kept unless something else is said; in 1.0 it is the other way round. */
function isKeptBy(
  headers: IncomingHeaders,
  { isNew, isChunked }: { readonly isNew: boolean; readonly isChunked: boolean },
): boolean {
  const said = headers['connection'];
  const options = said === undefined ? '' : String(said).toLowerCase();
  if (isNew) return options === '' || !/(?:^|,)\s*close\s*(?:,|$)/.test(options);
  return !isChunked && /(?:^|,)\s*keep-alive\s*(?:,|$)/.test(options);
}
