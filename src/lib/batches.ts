/** Collects items that are cheaper to handle together than one by one. */
export interface Batches<T> {
  add(one: T): void;
  /** Handles the waiting items now. */
  flush(): void;
}

export interface BatchOptions {
  /** A batch of this size is handled at once. */
  readonly maxSize: number;
  /** The longest wait of the first item of a batch, in milliseconds. */
  readonly waitMs: number;
}

/** @param handle gets the items in their order of arrival; never an empty batch */
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
