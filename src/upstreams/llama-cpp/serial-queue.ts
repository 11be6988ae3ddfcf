/**
 * A bounded FIFO queue that admits one request at a time, as an embedded model answers one at a time. Who would wait too long for the
 * first token is refused at once, while another target can still answer in time.
 */
import { UpstreamError } from '../../core/errors.ts';

export interface SerialQueue {
  /** Resolves with the function that admits the next one. Rejects when too many wait, or on abort. */
  enter(abort: AbortSignal): Promise<() => void>;
}

interface LaneOptions {
  readonly name: string;
  readonly maxWaiting: number;
  /** How long one may wait: as it is foreseen when it comes, and as it turns out. Milliseconds. */
  readonly maxWaitMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Since when the model is loaded; undefined while it is not. Time before that counts as nobody's. */
  readonly warmSinceMs: () => number | undefined;
}

/** Assumed duration before the first answer: a short answer of a small model on a laptop. */
const FIRST_GUESS_MS = 5000;

export function serialQueue(options: LaneOptions): SerialQueue {
  const { name, maxWaiting, maxWaitMs, nowMs, warmSinceMs } = options;
  const queue: (() => void)[] = [];
  let busy = false;
  let busySinceMs = 0;
  let typicalMs = FIRST_GUESS_MS;

  /** Since then, without the time that loading took. */
  const spentMs = (sinceMs: number): number => {
    const now = nowMs();
    return now - Math.max(sinceMs, Math.min(now, warmSinceMs() ?? now));
  };
  /** For the first token of one that comes now. */
  const foreseenMs = (): number =>
    Math.max(0, typicalMs - spentMs(busySinceMs)) + typicalMs * queue.length;

  const occupy = (): (() => void) => {
    busy = true;
    busySinceMs = nowMs();
    const sinceMs = busySinceMs;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      typicalMs = 0.7 * typicalMs + 0.3 * spentMs(sinceMs);
      busy = false;
      queue.shift()?.();
    };
  };

  const refuse = (why: string): UpstreamError => {
    const waitS = Math.ceil(foreseenMs() / 1000);
    return new UpstreamError(
      'overloaded',
      `"${name}" answers one request at a time and ${queue.length} are waiting: ${why}. Try again later.`,
      { status: 503, headers: { 'retry-after': String(Math.min(60, Math.max(1, waitS))) } },
    );
  };
  const tooLong = (ms: number): UpstreamError =>
    refuse(
      `this one would begin after ${Math.round(ms / 1000)} s, and ${Math.round(maxWaitMs / 1000)} s are allowed (upstreams[].maxWaitMs)`,
    );

  return {
    enter: async (abort) => {
      abort.throwIfAborted();
      if (!busy) return occupy();
      if (queue.length >= maxWaiting) throw refuse(`${maxWaiting} may wait`);
      const waitMs = foreseenMs();
      if (waitMs > maxWaitMs) throw tooLong(waitMs);
      return await waited({ abort, queue, maxWaitMs, occupy, spentMs, sinceMs: nowMs(), tooLong });
    },
  };
}

interface Waiting {
  readonly abort: AbortSignal;
  /** Those who wait, in order. */
  readonly queue: (() => void)[];
  readonly maxWaitMs: number;
  readonly occupy: () => () => void;
  readonly spentMs: (sinceMs: number) => number;
  readonly sinceMs: number;
  readonly tooLong: (ms: number) => UpstreamError;
}

/** Rejects on abort, and after `maxWaitMs`. */
function waited(waiting: Waiting): Promise<() => void> {
  const { abort, queue, maxWaitMs, occupy, spentMs, sinceMs, tooLong } = waiting;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      abort.removeEventListener('abort', leave);
    };
    const admit = (): void => {
      stop();
      resolve(occupy());
    };
    const give = (reason: unknown): void => {
      stop();
      queue.splice(queue.indexOf(admit), 1);
      reject(reason);
    };
    const leave = (): void => give(abort.reason);
    const look = (): void => {
      const leftMs = maxWaitMs - spentMs(sinceMs);
      if (leftMs > 0) timer = setTimeout(look, leftMs).unref();
      else give(tooLong(maxWaitMs));
    };
    let timer = setTimeout(look, maxWaitMs).unref();
    abort.addEventListener('abort', leave, { once: true });
    queue.push(admit);
  });
}
