/** An upstream whose streams arrive cut at any byte, read by the adapter's own reader. */
import { completeness } from '../../src/wire/stream-end.ts';
import { Flow } from '../../src/lib/flow.ts';
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
      return { kind: 'stream', headers: {}, events };
    },
  };
}

/** Its chunks come at once; what breaks it comes behind them. */
function exchangeOf({ bytes, cuts, breaksAfter = Infinity }: CutStream, close: () => void) {
  const body = new Flow<Buffer>({ cancel: close });
  const chunks = pieces(bytes, cuts);
  for (const chunk of chunks.slice(0, breaksAfter)) body.receive(chunk);
  if (breaksAfter <= chunks.length) body.ended(new Error('the connection broke'));
  else body.ended();
  const noMore = (): void => {
    close();
    body.close();
  };
  return { body, answered: () => undefined, drain: noMore, destroy: noMore };
}

function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, n) => bytes.subarray(from, places[n] ?? bytes.length));
}
