/**
 * Reads the head of a request that is written as clients write it. It refuses whatever is unusual, and whatever two readers could take
 * for different things (RFC 9112, 11.2): that is left to Node's parser.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { endOfHead } from '../../lib/head-end.ts';

export interface WholeHead {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, as they were written. */
  readonly rawHeaders: string[];
  /** Of the head, with the empty line. */
  readonly bytes: number;
  /** As announced. */
  readonly bodyBytes: number;
}

/** Longer heads are unusual. Node itself takes 16 kB. */
const MOST_HEAD_BYTES = 8192;
/** With the end of the line before it. */
const EMPTY_LINE_BYTES = 4;

const REQUEST_LINE = /^POST (\/[a-z0-9/_]+) HTTP\/1\.1\r\n/;
const NAME = /^[A-Za-z0-9-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
/** Bytes of a body that comes in one read of the socket, or two. */
const LENGTH = /^[1-9]\d{0,4}$/;

/** They change how the rest is read, or Node answers them itself, or makes them lists. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
  'proxy-connection',
  'http2-settings',
  'set-cookie',
]);

/** One for each connection: the next request of a client has the same head but for the length of its body. */
export class HeadReader {
  #known: WholeHead | undefined;
  #text = '';
  /** The text of `#known` around the figures of its length. */
  #before = '';
  #after = '';
  /** Where its length stands in its `rawHeaders`. */
  #lengthAt = 0;

  /** @returns undefined for what is not to be read here: not all of it is there, it is no POST, or it is unusual */
  read(bytes: Buffer): WholeHead | undefined {
    const end = endOfHead(bytes, 0, MOST_HEAD_BYTES + EMPTY_LINE_BYTES);
    if (end === -1) return undefined;
    const text = bytes.toString('latin1', 0, end + EMPTY_LINE_BYTES);
    return this.#likeKnown(text) ?? this.#remember(text, wholeHead(text));
  }

  #likeKnown(text: string): WholeHead | undefined {
    const known = this.#known;
    if (known === undefined || text === this.#text) return known;
    const from = this.#before.length;
    const length = text.slice(from, text.length - this.#after.length);
    // One comparison of texts, which takes half of what their beginnings and ends take.
    if (!LENGTH.test(length) || text !== this.#before + length + this.#after) return undefined;
    return {
      path: known.path,
      headers: { ...known.headers, 'content-length': length },
      rawHeaders: known.rawHeaders.with(this.#lengthAt, length),
      bytes: text.length,
      bodyBytes: Number(length),
    };
  }

  #remember(text: string, head: WholeHead | undefined): WholeHead | undefined {
    this.#known = undefined;
    const [line, name = ''] = LENGTH_LINE.exec(text) ?? [];
    if (head === undefined || line === undefined) return head;
    const at = text.indexOf(line) + 2 + name.length;
    this.#before = text.slice(0, at);
    this.#after = text.slice(at + String(head.bodyBytes).length);
    this.#lengthAt = 1 + head.rawHeaders.findIndex(isLengthName);
    this.#known = head;
    this.#text = text;
    return head;
  }
}

const isLengthName = (name: string, at: number): boolean =>
  at % 2 === 0 && name.toLowerCase() === 'content-length';

const LENGTH_LINE = /\r\n(content-length: )[1-9]\d*\r\n/i;

/** @param text with the empty line, a character a byte */
function wholeHead(text: string): WholeHead | undefined {
  const [line, path] = REQUEST_LINE.exec(text) ?? [];
  if (line === undefined || path === undefined) return undefined;
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (let at = line.length; at < text.length - 2;) {
    const end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon > end) return undefined;
    const name = text.slice(at, colon);
    const value = text.slice(colon + 1, end);
    const key = name.toLowerCase();
    if (!NAME.test(name) || !VALUE.test(value)) return undefined;
    if (Object.hasOwn(headers, key) || NOT_HERE.has(key)) return undefined;
    headers[key] = value.trim();
    rawHeaders.push(name, value.trim());
    at = end + 2;
  }
  return isUsual(headers)
    ? {
        path,
        headers,
        rawHeaders,
        bytes: text.length,
        bodyBytes: Number(headers['content-length']),
      }
    : undefined;
}

const isUsual = ({
  host,
  connection,
  'content-length': length = '',
}: IncomingHttpHeaders): boolean =>
  host !== undefined &&
  (connection === undefined || connection.toLowerCase() === 'keep-alive') &&
  LENGTH.test(length);
