/** Closes an async iterator early; one without `return` counts as finished. */
export const closeIterator = async <T>(inner: AsyncIterator<T>): Promise<IteratorResult<T>> =>
  (await inner.return?.()) ?? { done: true, value: undefined };

/**
 * Calls `closed` exactly once: on the last item (`isDone`), on failure (`error`), or on early return. A generator's
 * `finally` would not do: it does not run if the generator was never started.
 */
export function onClose<T>(
  inner: AsyncIterator<T>,
  closed: (error: unknown, isDone: boolean) => void,
): AsyncIterator<T> {
  let isOpen = true;
  const close = (error: unknown, isDone: boolean): void => {
    if (!isOpen) return;
    isOpen = false;
    closed(error, isDone);
  };
  const passed = (step: IteratorResult<T>): IteratorResult<T> => {
    if (step.done === true) close(undefined, true);
    return step;
  };
  const failed = (error: unknown): never => {
    close(error, false);
    throw error;
  };
  return {
    // Not an asynchronous function, which costs a stream's every item two promises more.
    next: () => inner.next().then(passed, failed),
    return: async () => {
      close(undefined, false);
      return await closeIterator(inner);
    },
  };
}
