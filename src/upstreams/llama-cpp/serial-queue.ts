/** A bounded FIFO queue that admits one request at a time, as an embedded model answers one at a time. */
import { UpstreamError } from '../../core/errors.ts';

export interface SerialQueue {
  /** Resolves with the function that admits the next one. Rejects when too many wait, or on abort. */
  enter(abort: AbortSignal): Promise<() => void>;
}

interface LaneOptions {
  readonly name: string;
  readonly maxWaiting: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** Assumed duration before the first answer: a short answer of a small model on a laptop. */
const FIRST_GUESS_MS = 5000;

export function serialQueue({ name, maxWaiting, nowMs }: LaneOptions): SerialQueue {
  const queue: (() => void)[] = [];
  let busy = false;
  let typicalMs = FIRST_GUESS_MS;

  const occupy = (): (() => void) => {
    busy = true;
    const sinceMs = nowMs();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      typicalMs = 0.7 * typicalMs + 0.3 * (nowMs() - sinceMs);
      busy = false;
      queue.shift()?.();
    };
  };

  const refuse = (): UpstreamError => {
    const waitS = Math.ceil((typicalMs * (queue.length + 1)) / 1000);
    return new UpstreamError(
      'overloaded',
      `"${name}" answers one request at a time and ${queue.length} are waiting already: try again later.`,
      { status: 503, headers: { 'retry-after': String(Math.min(60, Math.max(1, waitS))) } },
    );
  };

  return {
    enter: async (abort) => {
      abort.throwIfAborted();
      if (!busy) return occupy();
      if (queue.length >= maxWaiting) throw refuse();
      return await new Promise((resolve, reject) => {
        const admit = (): void => {
          abort.removeEventListener('abort', leave);
          resolve(occupy());
        };
        const leave = (): void => {
          queue.splice(queue.indexOf(admit), 1);
          reject(abort.reason);
        };
        abort.addEventListener('abort', leave, { once: true });
        queue.push(admit);
      });
    },
  };
}
