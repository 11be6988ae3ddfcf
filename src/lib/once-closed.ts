import { leave } from './leave.ts';

/**
 * Calls `closed` exactly once, however the iterator ends: run dry (`isDone`), failed (`error`), or
 * left early. A generator's `finally` would not do: it never runs if the generator was never started.
 */
export function onceClosed<T>(
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
      return await leave(inner);
    },
  };
}
