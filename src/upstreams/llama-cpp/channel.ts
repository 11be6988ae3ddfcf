/** A single-reader queue between a synchronous producer and an awaiting consumer. */
export interface Channel<T> {
  push(item: T): void;
  end(): void;
  /** Items pushed before are still delivered; then `next` rejects. */
  fail(error: unknown): void;
  readonly items: AsyncIterator<T>;
}

/** `onReturn` is called when the reader returns before the end. */
export function channel<T>(onReturn: () => void): Channel<T> {
  const waiting: T[] = [];
  let outcome: { readonly error?: unknown; readonly failed: boolean } | undefined;
  let wake: (() => void) | undefined;
  const settle = (failed: boolean, error?: unknown): void => {
    outcome ??= { failed, error };
    wake?.();
  };
  return {
    push: (item) => {
      if (outcome !== undefined) return;
      waiting.push(item);
      wake?.();
    },
    end: () => settle(false),
    fail: (error) => settle(true, error),
    items: {
      next: async () => {
        if (waiting.length === 0 && outcome === undefined)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        wake = undefined;
        const item = waiting.shift();
        if (item !== undefined) return { done: false, value: item };
        if (outcome?.failed === true) throw outcome.error;
        return { done: true, value: undefined };
      },
      return: async () => {
        const early = outcome === undefined;
        settle(false);
        waiting.length = 0;
        if (early) onReturn();
        return { done: true, value: undefined };
      },
    },
  };
}
