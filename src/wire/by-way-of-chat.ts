/** What every API that is answered by way of chat shares: the chat call, and the reading of its answer. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Answer, StreamEvent } from '../core/upstream.ts';
import { isGiven, isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';
import { namedEvent, namedTextEvent, type EventStep } from './events.ts';

/** The same call as a chat with this body. It asks for usage, which the other API always reports. */
export const chatCall = (
  call: Call,
  body: JsonObject,
  payload: Buffer = Buffer.from(JSON.stringify(body)),
): Call => ({
  ...call,
  operation: 'chat',
  path: '/chat/completions',
  wantsUsage: true,
  body,
  payload,
  contentType: 'application/json',
});

/** Writes the events of another API from the chunks of a chat, or from a whole answer. */
export interface ChatReader {
  begin(): readonly JsonObject[];
  push(chunk: JsonObject): readonly JsonObject[];
  /** For a chunk that brings this text of the answer, and is else like one before it. */
  pushText(text: string): readonly JsonObject[];
  /** True once the chat has said that its answer is over. */
  finished(): boolean;
}

/** Made with the first chunk, whose `model` it is given. */
export type MakeReader<R extends ChatReader> = (answeredModel: Json | undefined) => R;

interface Ends<R extends ChatReader> {
  /** The last events of a finished answer. */
  end(reader: R): Soon<readonly StreamEvent[]>;
  /** What still goes out before a break; nothing is asked for when nothing had begun. */
  fail?(reader: R, error: unknown): readonly StreamEvent[];
}

/** Maps each event of a chat stream. A comment goes on: it shows that the upstream lives. */
export function readChunks<R extends ChatReader>(make: MakeReader<R>, ends: Ends<R>): EventStep {
  let reader: R | undefined;
  return {
    push: (event) => {
      if (event.text !== undefined && reader !== undefined)
        return withText(reader.pushText(event.text), event.text);
      const { data } = event;
      // `[DONE]` has no counterpart; any other event without data is a keep-alive comment.
      if (data === undefined) return event.done === true ? [] : event;
      if (isGiven(data['error'])) throw brokenOff(data['error']);
      if (reader !== undefined) return reader.push(data).map(namedEvent);
      reader = make(data['model']);
      return [...reader.begin(), ...reader.push(data)].map(namedEvent);
    },
    end: () => {
      if (reader?.finished() === true) return ends.end(reader);
      throw new UpstreamError(
        'interrupted',
        'The upstream ended its stream before the answer was finished; ask again.',
      );
    },
    fail: (error) => (reader === undefined ? [] : (ends.fail?.(reader, error) ?? [])),
  };
}

/** One event alone begins nothing, so that it brings the text and nothing else. */
function withText(events: readonly JsonObject[], text: string): readonly StreamEvent[] {
  const [only, ...others] = events;
  return only !== undefined && others.length === 0
    ? [namedTextEvent(only, text)]
    : events.map(namedEvent);
}

/** @throws UpstreamError `bad_answer` for an answer that has not ended */
export function readWhole<R extends ChatReader>(body: JsonObject, make: MakeReader<R>): R {
  const reader = make(body['model']);
  reader.push(body);
  if (reader.finished()) return reader;
  throw new UpstreamError(
    'bad_answer',
    'The upstream answered without a choice or a finish reason; check that its base URL is that of an OpenAI-compatible server.',
  );
}

/** Closes an answer that is no chat. @throws UpstreamError always */
export async function refuseRaw(
  answer: Extract<Answer, { kind: 'raw' }>,
  upstream: string,
): Promise<never> {
  await answer.chunks.return?.();
  throw new UpstreamError(
    'bad_answer',
    `The upstream '${upstream}' answered a chat call with something that is not chat; see its log.`,
  );
}

function brokenOff(error: Json | undefined): UpstreamError {
  const message = isObject(error) ? textIn(error['message']) : textIn(error);
  return new UpstreamError(
    'interrupted',
    message || 'The upstream broke off its answer; ask again.',
  );
}
