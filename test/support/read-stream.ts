/** Reads a stream of an upstream from chunks in memory, with the reader that real ones are read with. */
import type { Operation } from '../../src/core/call.ts';
import type { StreamEvent } from '../../src/core/upstream.ts';
import { flowOf, readAll } from '../../src/lib/flow.ts';
import type { Exchange } from '../../src/upstreams/http/exchange.ts';
import { openStream } from '../../src/upstreams/openai/stream.ts';
import { completeness } from '../../src/wire/stream-end.ts';

interface ReadStream {
  readonly events: readonly StreamEvent[];
  readonly error?: unknown;
  /** The connection was given up. */
  readonly isDestroyed: boolean;
}

export async function readStream(
  chunks: readonly Buffer[],
  operation: Operation,
  wantsUsage: boolean,
): Promise<ReadStream> {
  const events: StreamEvent[] = [];
  const from = exchangeOf(chunks);
  try {
    const stream = await openStream(from, {
      context: { upstream: 'm', locality: 'local', isCallersModel: false, headers: {} },
      completeness: completeness(operation, 'req_1'),
      wantsUsage,
      maxEventBytes: 500,
      replaced: () => undefined,
      onUsage: () => undefined,
    });
    await readAll(stream, (event) => void events.push(event));
    return { events, isDestroyed: from.isDestroyed() };
  } catch (error) {
    return { events, error, isDestroyed: from.isDestroyed() };
  }
}

/** An exchange that returns these chunks and then ends. */
function exchangeOf(chunks: readonly Buffer[]): Exchange & { isDestroyed: () => boolean } {
  let isDestroyed = false;
  return {
    status: 200,
    headers: {},
    body: flowOf(chunks),
    gathered: () => undefined,
    answered: () => undefined,
    drain: () => undefined,
    destroy: () => {
      isDestroyed = true;
    },
    isDestroyed: () => isDestroyed,
  };
}

/** The same bytes in pieces that end at these places, counted round and round. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((at) => at % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}
