/** Splits network chunks into server-sent events, in bytes, as the HTML standard defines them. */

export interface SseEvent {
  /**
   * The event's own bytes, blank line included; a view if the event lies within one network chunk.
   */
  readonly bytes: Buffer;
  /** The `data:` lines joined by a line feed; undefined when there is none (a comment, a bare `id:`). */
  readonly data: string | undefined;
  /** The `event:` line. */
  readonly name: string | undefined;
  /** True for one `data: ` line, at most one `event: ` line before it, ended by line feeds: every client reads these. */
  readonly isPlain: boolean;
}

export interface SseSplitter {
  /** The events that this chunk completes. The chunk must not be changed afterwards. */
  push(chunk: Buffer): readonly SseEvent[];
  /** The event left when the stream ends, without its blank line; undefined if none. */
  end(): SseEvent | undefined;
  /** Whole events were given, and nothing behind them: those of the next chunk may be read without `push`. */
  isBetween(): boolean;
}

/** An event above the splitter's cap. */
export class SseEventTooLarge extends Error {
  constructor(maxEventBytes: number) {
    super(`a server-sent event is larger than ${maxEventBytes} bytes`);
    this.name = 'SseEventTooLarge';
  }
}

const LF = 10;
const CR = 13;
const DEFAULT_MAX_EVENT_BYTES = 1 << 20;

/**
 * Chunks may end at any byte; lines may end in LF, CRLF or CR; a byte order mark may come first. Reads each byte once. `push`
 * throws SseEventTooLarge for an event above the cap.
 */
export function sseSplitter(maxEventBytes = DEFAULT_MAX_EVENT_BYTES): SseSplitter {
  const lines: LineState = { atLineStart: true, afterCr: false };
  const held: Buffer[] = [];
  let heldBytes = 0;
  let isFirst = true;

  const take = (last: Buffer, isOneLine: boolean): SseEvent => {
    const isInPieces = held.length > 0;
    let bytes = isInPieces ? Buffer.concat([...held, last]) : last;
    const isPlain = (isInPieces ? isSingleLine(bytes) : isOneLine) && startsData(bytes);
    held.length = 0;
    heldBytes = 0;
    if (bytes.length > maxEventBytes) throw new SseEventTooLarge(maxEventBytes);
    if (isFirst) bytes = withoutBom(bytes);
    isFirst = false;
    return isPlain ? readPlain(bytes) : readEvent(bytes);
  };

  const hold = (rest: Buffer): void => {
    held.push(rest);
    heldBytes += rest.length;
    if (heldBytes > maxEventBytes) throw new SseEventTooLarge(maxEventBytes);
  };

  return {
    push: (chunk) => {
      const events: SseEvent[] = [];
      let from = 0;
      // Positive: the end of an event; negative: the end of a single-line event with line feeds.
      for (const signed of eventEnds(chunk, lines)) {
        const end = Math.abs(signed);
        events.push(take(chunk.subarray(from, end), signed < 0));
        from = end;
      }
      if (from < chunk.length) hold(chunk.subarray(from));
      return events;
    },
    end: () => {
      if (heldBytes === 0) return undefined;
      const rest = take(Buffer.alloc(0), false);
      return rest.data === undefined ? undefined : { ...rest, isPlain: false };
    },
    isBetween: () => !isFirst && heldBytes === 0 && lines.atLineStart && !lines.afterCr,
  };
}

/** The scan's state between two chunks. */
interface LineState {
  /** No byte of the current line has been seen. */
  atLineStart: boolean;
  /** The last byte was a CR: an LF that follows belongs to it. */
  afterCr: boolean;
}

/** The offsets behind each blank line in the chunk, signed as `push` reads them. */
const eventEnds = (chunk: Buffer, state: LineState): readonly number[] =>
  state.afterCr || chunk.includes(CR) ? endsOfAnyLines(chunk, state) : endsOfLfLines(chunk, state);

function endsOfLfLines(chunk: Buffer, state: LineState): readonly number[] {
  const ends: number[] = [];
  let event = 0;
  let line = 0;
  while (line < chunk.length) {
    const lf = chunk.indexOf(LF, line);
    if (lf === -1) {
      state.atLineStart = false;
      break;
    }
    const isBlank = lf === line && state.atLineStart;
    const isEnd = isBlank || chunk[lf + 1] === LF;
    const isOneLine = !isBlank && line === event;
    line = isBlank || !isEnd ? lf + 1 : lf + 2;
    state.atLineStart = true;
    if (!isEnd) continue;
    ends.push(isOneLine ? -line : line);
    event = line;
  }
  return ends;
}

/** An LF that completes a CRLF after its event was returned begins the next event, where it has no meaning. */
function endsOfAnyLines(chunk: Buffer, state: LineState): readonly number[] {
  const ends: number[] = [];
  for (let i = 0; i < chunk.length; i += 1) {
    const byte = chunk[i];
    const endsCrlf = byte === LF && state.afterCr;
    state.afterCr = byte === CR;
    if (endsCrlf) continue;
    const isLineEnd = byte === LF || byte === CR;
    if (isLineEnd && state.atLineStart) ends.push(i + 1);
    state.atLineStart = isLineEnd;
  }
  return ends;
}

const withoutBom = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/**
 * True for `data: ` at the beginning. Compared byte by byte: a slice would cost more than reading
 * the event.
 */
const startsData = (bytes: Buffer): boolean =>
  bytes[0] === 100 &&
  bytes[1] === 97 &&
  bytes[2] === 116 &&
  bytes[3] === 97 &&
  bytes[4] === 58 &&
  bytes[5] === 32;

/** As `endsOfLfLines` sees it in one piece. Its end was found, so that it is not looked for again. */
const isSingleLine = (bytes: Buffer): boolean =>
  bytes.indexOf(LF) === bytes.length - 2 && !bytes.includes(CR);

/** Reads `data: …\n\n`, by far the most common event, without splitting it into lines. */
const readPlain = (bytes: Buffer): SseEvent => ({
  bytes,
  data: bytes.toString('utf8', 6, bytes.length - 2),
  name: undefined,
  isPlain: true,
});

const LINE_END = /\r\n|\n|\r/;
const PLAIN = /^(event: [^\r\n]+\n)?data: [^\r\n]*\n\n$/;

function readEvent(bytes: Buffer): SseEvent {
  const text = bytes.toString();
  let data: string | undefined;
  let name: string | undefined;
  for (const line of text.split(LINE_END)) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
    const value = colon === -1 ? '' : line.slice(start);
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'event') name = value;
  }
  return { bytes, data, name, isPlain: PLAIN.test(text) };
}
