/** Which form an answer came in, whole or streamed: some servers always stream, others never do. */
import { flowOf } from '../../lib/flow.ts';
import { mediaType } from '../http/headers.ts';
import type { Exchange } from '../http/exchange.ts';

/** The body of an answer, after its head. */
export type AnswerBody = Pick<Exchange, 'body' | 'answered' | 'drain' | 'destroy'> &
  Partial<Pick<Exchange, 'headers' | 'gathered'>>;

const EVENT_START = /^(data|event|id|retry)?:/;

const isEventText = (text: string): boolean => EVENT_START.test(text.trimStart());

/** A line that begins so is no line of JSON. */
const LATER_EVENT = Buffer.from('\ndata:');

/** The bytes are those of server-sent events, if need be behind an error that a server wrote in front of them. */
export const holdsEvents = (bytes: Buffer): boolean =>
  (bytes[0] !== BRACE && isEventText(bytes.toString('utf8', 0, 64))) || bytes.includes(LATER_EVENT);

/** What most answers begin with. */
const BRACE = 0x7b;

const NOT_A_STREAM: ReadonlySet<string> = new Set(['application/json', 'text/html']);

/** Looks at the first bytes to see what they are: the media type is wrong too often. */
export async function isEventStream({ body, headers = {} }: AnswerBody): Promise<boolean> {
  const first = await body.first();
  const start = first?.toString('utf8', 0, 64).replace(/^\uFEFF/, '') ?? '';
  return (
    isEventText(start) ||
    !(NOT_A_STREAM.has(mediaType(headers)) || start.trimStart().startsWith('{'))
  );
}

/** A body that has been read to its end. */
export const bodyOf = (bytes: Buffer): AnswerBody => ({
  body: flowOf([bytes]),
  answered: () => undefined,
  drain: () => undefined,
  destroy: () => undefined,
});
