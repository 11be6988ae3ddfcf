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
  return {
    next: async () => {
      try {
        const step = await inner.next();
        if (step.done === true) close(undefined, true);
        return step;
      } catch (error) {
        close(error, false);
        throw error;
      }
    },
    return: async () => {
      close(undefined, false);
      return await closeIterator(inner);
    },
  };
}
