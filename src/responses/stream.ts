/** A chat stream as a Responses stream, pulled event by event: nothing is read ahead of the caller. */
import { UpstreamError } from '../core/errors.ts';
import { isGiven, isObject, type Json, type JsonObject } from '../lib/json.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { namedEvent } from '../wire/events.ts';
import type { Translation } from './from-chat-chunks.ts';

export interface StreamOptions {
  /** Made with the first chunk, whose `model` it is given. */
  readonly writer: (answeredModel: Json | undefined) => Translation;
  /** Called with the finished response before its last event is handed out. */
  readonly keep: (response: JsonObject) => void;
  readonly nowSeconds: () => number;
}

/**
 * Ends after `response.completed` or `response.incomplete`. When the upstream breaks off it tells of it
 * in a `response.failed` and then rejects with the upstream's error: it never just ends.
 */
export function responsesEvents(
  chunks: AsyncIterator<StreamEvent>,
  options: StreamOptions,
): AsyncIterator<StreamEvent> {
  const teller = chunkTranslator(options);
  let queue: readonly StreamEvent[] = [];
  let state: { readonly kind: 'open' | 'over' } | { readonly kind: 'failed'; error: unknown } = {
    kind: 'open',
  };

  const pull = async (): Promise<void> => {
    try {
      const step = await chunks.next();
      queue = step.done === true ? teller.finish() : teller.take(step.value);
      if (step.done === true) state = { kind: 'over' };
    } catch (error) {
      state = { kind: 'failed', error };
      queue = teller.fail(error);
      await chunks.return?.();
    }
  };

  return {
    async next() {
      while (queue.length === 0 && state.kind === 'open') await pull();
      const [event, ...rest] = queue;
      queue = rest;
      if (event !== undefined) return { done: false, value: event };
      if (state.kind !== 'failed') return { done: true, value: undefined };
      const { error } = state;
      state = { kind: 'over' };
      throw error;
    },
    async return() {
      state = { kind: 'over' };
      queue = [];
      await chunks.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** What each step of the upstream's stream makes us say. */
function chunkTranslator({ writer, keep, nowSeconds }: StreamOptions) {
  let writing: Translation | undefined;
  return {
    take(event: StreamEvent): readonly StreamEvent[] {
      const { data } = event;
      // `[DONE]` has no counterpart here; anything else without data is a keep-alive comment.
      if (data === undefined) return event.done === true ? [] : [event];
      if (isGiven(data['error'])) throw brokenOff(data['error']);
      if (writing !== undefined) return writing.push(data).map(namedEvent);
      writing = writer(data['model']);
      return [...writing.begin(), ...writing.push(data)].map(namedEvent);
    },
    finish(): readonly StreamEvent[] {
      if (writing?.finished() !== true) {
        throw new UpstreamError(
          'interrupted',
          'The upstream ended its stream before the answer was finished; ask again.',
        );
      }
      const events = writing.end(nowSeconds()).map(namedEvent);
      keep(writing.response());
      return events;
    },
    fail: (error: unknown): readonly StreamEvent[] =>
      (writing?.fail(...failed(error)) ?? []).map(namedEvent),
  };
}

function brokenOff(error: Json | undefined): UpstreamError {
  const message = isObject(error) ? error['message'] : error;
  return new UpstreamError(
    'interrupted',
    typeof message === 'string' ? message : 'The upstream broke off its answer; ask again.',
  );
}

/** Two of OpenAI's codes of a failed response fit us; the rest speak of files and images. */
function failed(error: unknown): readonly [code: string, message: string] {
  if (!(error instanceof UpstreamError)) return ['server_error', 'The gateway failed; ask again.'];
  const code = error.attemptCause === 'rate_limited' ? 'rate_limit_exceeded' : 'server_error';
  return [code, error.toWire().message];
}
