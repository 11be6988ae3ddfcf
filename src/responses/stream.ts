/** Translates a chat stream to a Responses stream, pulled event by event: nothing is read ahead of the caller. */
import { UpstreamError } from '../core/errors.ts';
import { isGiven, isObject, type Json, type JsonObject } from '../lib/json.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { mapEvents, namedEvent, type EventStep } from '../wire/events.ts';
import type { Translation } from './from-chat-chunks.ts';

export interface StreamOptions {
  /** Called with the first chunk's `model`. */
  readonly writer: (answeredModel: Json | undefined) => Translation;
  /** Called with the complete response before its last event is sent. */
  readonly keep: (response: JsonObject) => Soon<void>;
  readonly nowSeconds: () => number;
}

/**
 * Ends after `response.completed` or `response.incomplete`. When the upstream breaks off, the stream has a `response.failed` and
 * then rejects with the upstream's error.
 */
export function responsesEvents(
  chunks: AsyncIterator<StreamEvent>,
  options: StreamOptions,
): AsyncIterator<StreamEvent> {
  return mapEvents(chunks, chunkTranslator(options));
}

/** Maps each event of the upstream's stream. */
function chunkTranslator({ writer, keep, nowSeconds }: StreamOptions): EventStep {
  let writing: Translation | undefined;
  return {
    push: (event) => {
      const { data } = event;
      // `[DONE]` has no counterpart; any other event without data is a keep-alive comment.
      if (data === undefined) return event.done === true ? [] : [event];
      if (isGiven(data['error'])) throw brokenOff(data['error']);
      if (writing !== undefined) return writing.push(data).map(namedEvent);
      writing = writer(data['model']);
      return [...writing.begin(), ...writing.push(data)].map(namedEvent);
    },
    end: () => {
      if (writing?.finished() !== true) {
        throw new UpstreamError(
          'interrupted',
          'The upstream ended its stream before the answer was finished; ask again.',
        );
      }
      const events = writing.end(nowSeconds()).map(namedEvent);
      return whenKnown(keep(writing.response()), () => events);
    },
    fail: (error) => (writing?.fail(...failed(error)) ?? []).map(namedEvent),
  };
}

function brokenOff(error: Json | undefined): UpstreamError {
  const message = isObject(error) ? error['message'] : error;
  return new UpstreamError(
    'interrupted',
    typeof message === 'string' ? message : 'The upstream broke off its answer; ask again.',
  );
}

/** Two of OpenAI's codes of a failed response apply here; the others are about files and images. */
function failed(error: unknown): readonly [code: string, message: string] {
  if (!(error instanceof UpstreamError)) return ['server_error', 'The gateway failed; ask again.'];
  const code = error.attemptCause === 'rate_limited' ? 'rate_limit_exceeded' : 'server_error';
  return [code, error.toWire().message];
}
