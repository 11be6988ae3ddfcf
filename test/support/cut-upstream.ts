/** An upstream whose streams arrive cut at any byte, read by the adapter's own reader. */
import { completeness } from '../../src/wire/stream-end.ts';
import type { StreamEvent } from '../../src/core/upstream.ts';
import { openStream } from '../../src/upstreams/openai/stream.ts';
import { fakeUpstream, type FakeUpstream } from './fake-upstream.ts';

export interface CutStream {
  readonly bytes: Buffer;
  /** Where a chunk ends; modulo its length. */
  readonly cuts: readonly number[];
  /** The connection breaks after so many chunks. */
  readonly breaksAfter?: number | undefined;
}

export interface CutUpstream extends FakeUpstream {
  /** Streams that are neither read to their end nor stopped. */
  readonly running: () => number;
}

export function cutUpstream(name: 'local' | 'cloud', stream: CutStream): CutUpstream {
  let running = 0;
  const like = fakeUpstream(name);
  return {
    ...like,
    running: () => running,
    send: async (_request, abort) => {
      like.seen.asked += 1;
      running += 1;
      let isOpen = true;
      const close = (): void => {
        if (isOpen) running -= 1;
        isOpen = false;
      };
      abort.addEventListener('abort', close, { once: true });
      const events = await openStream(exchangeOf(stream, close), {
        context: { upstream: name, locality: name, isCallersModel: false, headers: {} },
        completeness: completeness('chat', 'req_1'),
        wantsUsage: true,
        maxEventBytes: 10_000,
        replaced: () => undefined,
        onUsage: () => undefined,
      });
      return { kind: 'stream', headers: {}, events: closing(events, close) };
    },
  };
}

function exchangeOf({ bytes, cuts, breaksAfter = Infinity }: CutStream, close: () => void) {
  const chunks = pieces(bytes, cuts);
  let at = 0;
  return {
    status: 200,
    headers: {},
    read: () => {
      if (at >= breaksAfter) return Promise.reject(new Error('the connection broke'));
      const chunk = chunks[at++];
      if (chunk === undefined) close();
      return Promise.resolve(chunk);
    },
    answered: () => undefined,
    drain: close,
    destroy: close,
  };
}

function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, n) => bytes.subarray(from, places[n] ?? bytes.length));
}

/** A break ends the call too. */
function closing(
  events: AsyncIterator<StreamEvent>,
  close: () => void,
): AsyncIterator<StreamEvent> {
  return {
    next: () =>
      events.next().catch((error: unknown) => {
        close();
        throw error;
      }),
    return: async () => {
      close();
      return (await events.return?.()) ?? { done: true, value: undefined };
    },
  };
}
