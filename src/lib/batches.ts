/** Things that are cheaper to handle together than one by one. */
export interface Batches<T> {
  add(one: T): void;
  /** Handles now what has come so far. */
  handOver(): void;
}

export interface BatchOptions {
  /** Handled as soon as there are so many. */
  readonly most: number;
  /** Milliseconds that the first of a batch waits for others, at most. */
  readonly waitMs: number;
}

/** @param handle gets them in the order they came; nothing, never */
export function inBatches<T>(
  { most, waitMs }: BatchOptions,
  handle: (batch: readonly T[]) => void,
): Batches<T> {
  let waiting: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  const handOver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    handle(batch);
  };
  return {
    add: (one) => {
      waiting.push(one);
      if (waiting.length >= most) handOver();
      else timer ??= setTimeout(handOver, waitMs);
    },
    handOver,
  };
}
