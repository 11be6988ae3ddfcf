/** Things that are cheaper to handle together than one by one. */
export interface Batches<T> {
  add(one: T): void;
  /** Handles now what has come so far. */
  flush(): void;
}

export interface BatchOptions {
  /** Handled as soon as there are so many. */
  readonly maxSize: number;
  /** Milliseconds that the first of a batch waits for others, at most. */
  readonly waitMs: number;
}

/** @param handle gets them in the order they came; nothing, never */
export function createBatcher<T>(
  { maxSize, waitMs }: BatchOptions,
  handle: (batch: readonly T[]) => void,
): Batches<T> {
  let waiting: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
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
      if (waiting.length >= maxSize) flush();
      else timer ??= setTimeout(flush, waitMs);
    },
    flush,
  };
}
