/** Takes the bytes of a connection apart into one answer after the other. */
import { errors } from 'undici';
import { endOfHead } from '../../lib/head-end.ts';
import { HeadReader, notHttp, type AnswerHead } from './answer-head.ts';

/** Who is told what an answer holds, while it comes. */
export interface AnswerReceiver {
  /** Also of interim answers (1xx). */
  head(head: AnswerHead): void;
  /** Bytes of its own. */
  data(chunk: Buffer): void;
  end(): void;
}

/** As many as undici takes, and Node. */
const MOST_HEAD_BYTES = 16 * 1024;
/** Of a chunk's size and its extensions, and of a trailer. */
const MOST_LINE_BYTES = 4 * 1024;
/** Hexadecimal digits of a chunk's size, and what may stand behind them. */
const CHUNK_SIZE = /^([\da-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
const NOTHING = Buffer.alloc(0);

type State = 'idle' | 'head' | 'length' | 'size' | 'chunk' | 'behind-chunk' | 'trailers' | 'close';

export class AnswerParser {
  readonly #receiver: AnswerReceiver;
  readonly #heads = new HeadReader();
  #state: State = 'idle';
  /** Of a line, or a head, that has not come to its end. */
  #rest: Buffer = NOTHING;
  /** Of the body, or of the chunk. */
  #left = 0;

  constructor(receiver: AnswerReceiver) {
    this.#receiver = receiver;
  }

  /** A request is on its way: what comes next is its answer. */
  expect(): void {
    this.#state = 'head';
  }

  /**
   * @param given is not kept
   * @param count so many of its bytes are new
   * @throws HTTPParserError for what is no answer; HeadersOverflowError; nothing can be read of this connection any more
   */
  feed(given: Buffer, count = given.length): void {
    const taken = this.#wholeChunks(given, count);
    if (taken === count) return;
    const read = given.subarray(taken, count);
    const bytes = this.#rest.length === 0 ? read : Buffer.concat([this.#rest, read]);
    this.#rest = NOTHING;
    for (let at = 0; at < bytes.length;) at = this.#step(bytes, at);
  }

  /** The peer closed its side: true where the answer ends with that. */
  finish(): boolean {
    if (this.#state !== 'close') return false;
    this.#end();
    return true;
  }

  /** Most reads of a stream are one chunk and nothing else. Gives those at the beginning, and how many bytes they are. */
  #wholeChunks(bytes: Buffer, count: number): number {
    let at = 0;
    while (this.#state === 'size' && this.#rest.length === 0) {
      const digits = digitsAt(bytes, at, count);
      const start = at + digits + 2;
      const end = start + hexAt(bytes, at, digits);
      const isWhole = end > start && end + 2 <= count;
      if (!isWhole || !isLineEnd(bytes, start - 2) || !isLineEnd(bytes, end)) break;
      at = end + 2;
      this.#receiver.data(copyOf(bytes, start, end));
    }
    return at;
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'idle':
        throw notHttp('An answer to nothing');
      case 'head':
        return this.#head(bytes, at);
      case 'size':
        return this.#size(bytes, at);
      case 'trailers':
        return this.#trailer(bytes, at);
      case 'behind-chunk':
        return this.#behindChunk(bytes, at);
      case 'length':
      case 'chunk':
      case 'close':
        return this.#body(bytes, at);
    }
  }

  #head(bytes: Buffer, at: number): number {
    const end = endOfHead(bytes, at);
    if (end === -1 || end - at > MOST_HEAD_BYTES) {
      requireHttp(bytes, at);
      if (bytes.length - at > MOST_HEAD_BYTES) throw new errors.HeadersOverflowError();
      return this.#wait(bytes, at);
    }
    const head = this.#heads.read(bytes.toString('latin1', at, end + 2));
    const { status, framing } = head;
    // Nobody asked to speak something else.
    if (status === 101) throw notHttp('Another protocol');
    if (status >= 200) this.#begin(framing);
    this.#receiver.head(head);
    if (status >= 200 && framing === 0) this.#end();
    return end + 4;
  }

  #begin(framing: AnswerHead['framing']): void {
    this.#left = typeof framing === 'number' ? framing : 0;
    this.#state = framing === 'chunked' ? 'size' : framing === 'close' ? 'close' : 'length';
  }

  #body(bytes: Buffer, at: number): number {
    const isEndless = this.#state === 'close';
    const end = isEndless ? bytes.length : Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    const isOver = !isEndless && this.#left === 0;
    if (isOver && this.#state === 'chunk') this.#state = 'behind-chunk';
    this.#receiver.data(copyOf(bytes, at, end));
    if (isOver && this.#state === 'length') this.#end();
    return end;
  }

  #size(bytes: Buffer, at: number): number {
    const digits = digitsAt(bytes, at, bytes.length);
    if (digits > 0 && isLineEnd(bytes, at + digits)) {
      this.#chunk(hexAt(bytes, at, digits));
      return at + digits + 2;
    }
    const end = this.#lineEnd(bytes, at);
    if (end === -1) return bytes.length;
    const size = CHUNK_SIZE.exec(bytes.toString('latin1', at, end))?.[1];
    if (size === undefined) throw notHttp('Not the size of a chunk');
    this.#chunk(Number.parseInt(size, 16));
    return end + 2;
  }

  #chunk(size: number): void {
    this.#left = size;
    this.#state = size === 0 ? 'trailers' : 'chunk';
  }

  #behindChunk(bytes: Buffer, at: number): number {
    if (bytes.length - at < 2) return this.#wait(bytes, at);
    if (!isLineEnd(bytes, at)) throw notHttp('A chunk longer than its size');
    this.#state = 'size';
    return at + 2;
  }

  /** Read over: nobody asked for them. */
  #trailer(bytes: Buffer, at: number): number {
    const end = this.#lineEnd(bytes, at);
    if (end === -1) return bytes.length;
    if (end === at) this.#end();
    return end + 2;
  }

  /** Where the line ends; -1 where that has not come yet. */
  #lineEnd(bytes: Buffer, at: number): number {
    const end = bytes.indexOf('\r\n', at, 'latin1');
    if ((end === -1 ? bytes.length : end) - at > MOST_LINE_BYTES) throw notHttp('A line too long');
    if (end === -1) this.#wait(bytes, at);
    return end;
  }

  #wait(bytes: Buffer, at: number): number {
    this.#rest = Buffer.from(bytes.subarray(at));
    return bytes.length;
  }

  #end(): void {
    this.#state = 'idle';
    this.#receiver.end();
  }
}

const CR = 13;
const LF = 10;
/** Of a size that fits 32 bits; a longer one is read as a text. */
const MOST_DIGITS = 7;
/** By byte: the value of a hexadecimal digit; else 16. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase());
  return digit === -1 ? 16 : digit;
});

function digitsAt(bytes: Buffer, at: number, until: number): number {
  const most = Math.min(MOST_DIGITS, until - at);
  let digits = 0;
  while (digits < most && DIGITS[bytes[at + digits]!]! < 16) digits += 1;
  return digits;
}

function hexAt(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let place = at; place < at + digits; place += 1) value = 16 * value + DIGITS[bytes[place]!]!;
  return value;
}

const isLineEnd = (bytes: Buffer, at: number): boolean => bytes[at] === CR && bytes[at + 1] === LF;

function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  const own = Buffer.allocUnsafe(end - start);
  bytes.copy(own, 0, start, end);
  return own;
}

const BEGINNING = Buffer.from('HTTP/1.');

/**
 * Fails as soon as the bytes cannot become a status line: its end is not waited for.
 * @throws HTTPParserError
 */
function requireHttp(bytes: Buffer, at: number): void {
  const length = Math.min(BEGINNING.length, bytes.length - at);
  if (bytes.compare(BEGINNING, 0, length, at, at + length) !== 0)
    throw notHttp('Not the head of an HTTP answer');
}
