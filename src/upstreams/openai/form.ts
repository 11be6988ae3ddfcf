/** Which form an answer came in, whole or streamed: some servers always stream, others never do. */
import type { StreamEvent } from '../../core/upstream.ts';
import { mediaType } from '../http/headers.ts';
import type { Exchange } from '../http/exchange.ts';

/** The body of an answer, after its head. */
export type AnswerBody = Pick<Exchange, 'read' | 'answered' | 'drain' | 'destroy'> &
  Partial<Pick<Exchange, 'headers' | 'gathered'>>;

export interface SniffedBody {
  readonly isStream: boolean;
  readonly body: AnswerBody;
}

const EVENT_START = /^(data|event|id|retry)?:/;

const isEventText = (text: string): boolean => EVENT_START.test(text.trimStart());

/** A line that begins so is no line of JSON. */
const LATER_EVENT = Buffer.from('\ndata:');

/** The bytes are those of server-sent events, if need be behind an error that a server wrote in front of them. */
export const holdsEvents = (bytes: Buffer): boolean =>
  isEventText(bytes.toString('utf8', 0, 64)) || bytes.includes(LATER_EVENT);

const NOT_A_STREAM: ReadonlySet<string> = new Set(['application/json', 'text/html']);

/** Reads the first bytes to see what they are: the media type is wrong too often. They are read again by `body`. */
export async function sniffed(from: Exchange): Promise<SniffedBody> {
  const first = await from.read();
  const start = first?.toString('utf8', 0, 64).replace(/^\uFEFF/, '') ?? '';
  const isStream =
    isEventText(start) ||
    !(NOT_A_STREAM.has(mediaType(from.headers)) || start.trimStart().startsWith('{'));
  return { isStream, body: first === undefined ? from : readAgain(first, from) };
}

function readAgain(first: Buffer, from: Exchange): AnswerBody {
  let isGiven = false;
  return {
    read: () => {
      if (isGiven) return from.read();
      isGiven = true;
      return Promise.resolve(first);
    },
    answered: () => from.answered(),
    drain: () => from.drain(),
    destroy: () => from.destroy(),
  };
}

/** A body that has been read to its end. */
export function bodyOf(bytes: Buffer): AnswerBody {
  let isGiven = false;
  return {
    read: () => {
      const chunk = isGiven ? undefined : bytes;
      isGiven = true;
      return Promise.resolve(chunk);
    },
    answered: () => undefined,
    drain: () => undefined,
    destroy: () => undefined,
  };
}

/** Events that are all there already. */
export function eventsOf(events: readonly StreamEvent[]): AsyncIterator<StreamEvent> {
  let at = 0;
  return {
    next: () => {
      const value = events[at];
      at += 1;
      return Promise.resolve(
        value === undefined ? { done: true, value: undefined } : { done: false, value },
      );
    },
    return: () => {
      at = events.length;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
