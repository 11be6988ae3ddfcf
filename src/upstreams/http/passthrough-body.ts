/** A passthrough's answer: its bytes, unparsed. */
import type { Exchange } from './exchange.ts';

const OVER: IteratorResult<Uint8Array> = { done: true, value: undefined };

/** Chunks as they arrive; a slow reader slows the upstream down. Returning early closes the connection. */
export function rawChunks(
  from: Pick<Exchange, 'body' | 'answered' | 'destroy'>,
): AsyncIterator<Uint8Array> {
  let isOver = false;
  from.answered();
  return {
    next: async () => {
      if (isOver) return OVER;
      const chunk = await from.body.read();
      if (chunk !== undefined) return { done: false, value: chunk };
      isOver = true;
      return OVER;
    },
    return: () => {
      if (!isOver) from.destroy();
      isOver = true;
      return Promise.resolve(OVER);
    },
  };
}
