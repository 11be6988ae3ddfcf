/** Translates a chat stream to a Responses stream, event by event. */
import { UpstreamError } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import type { EventStream } from '../core/upstream.ts';
import { readChunks, type MakeReader } from '../wire/by-way-of-chat.ts';
import { mapEvents, namedEvent } from '../wire/events.ts';
import type { Translation } from './from-chat-chunks.ts';

export interface StreamOptions {
  readonly writer: MakeReader<Translation>;
  /** Called with the complete response before its last event is sent. */
  readonly keep: (response: JsonObject) => Soon<void>;
  readonly nowSeconds: () => number;
}

/**
 * Ends after `response.completed` or `response.incomplete`. When the upstream breaks off, the stream has a `response.failed` and
 * then rejects with the upstream's error.
 */
export function responsesEvents(
  chunks: EventStream,
  { writer, keep, nowSeconds }: StreamOptions,
): EventStream {
  const step = readChunks(writer, {
    end: (writing) => {
      const events = writing.end(nowSeconds()).map(namedEvent);
      return whenKnown(keep(writing.response()), () => events);
    },
    fail: (writing, error) => writing.fail(...failed(error)).map(namedEvent),
  });
  return mapEvents(chunks, step);
}

/** Two of OpenAI's codes of a failed response apply here; the others are about files and images. */
function failed(error: unknown): readonly [code: string, message: string] {
  if (!(error instanceof UpstreamError)) return ['server_error', 'The gateway failed; ask again.'];
  const code = error.attemptCause === 'rate_limited' ? 'rate_limit_exceeded' : 'server_error';
  return [code, error.toWire().message];
}
